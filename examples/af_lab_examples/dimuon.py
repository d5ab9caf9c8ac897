"""The spectrum of dimuon masses, with coffea.

All code is sent to the workers by value, like code that is defined in a notebook. They run exactly the code that the
notebook shows, and need coffea, but not af_lab.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import awkward as ak
import cloudpickle
import hist
from coffea import processor
from coffea.nanoevents import NanoAODSchema

from af_lab_examples.coffea_run import analyse
from af_lab_examples.momenta import momenta
from af_lab_examples.schemas import SentByValue

__all__ = ["BRANCHES", "WINDOWS", "DimuonProcessor", "DimuonSchema", "mass_histogram", "run"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

CHUNK = 50_000  # events per task
BRANCHES = ("nMuon", "Muon_pt", "Muon_eta", "Muon_phi", "Muon_mass", "Muon_charge")

WINDOWS = {"J/psi": (2.9, 3.3), "Upsilon": (9.0, 11.0), "Z": (80.0, 100.0)}  # GeV, both ends excluded


class DimuonSchema(NanoAODSchema, metaclass=SentByValue):  # type: ignore[misc]
    """NanoAOD with muons only: without run, luminosity block and event numbers, and without cross-references."""

    error_missing_event_ids = False
    event_ids: ClassVar[list[str]] = []
    warn_missing_crossrefs = False


def mass_histogram() -> hist.Hist[Any]:
    """Return the empty histogram, with bins of equal width in the logarithm of the mass."""
    axis = hist.axis.Regular(
        400, 0.25, 300, transform=hist.axis.transform.log, name="mass", label=r"$m_{\mu\mu}$ [GeV]"
    )
    return hist.Hist(axis, label="Events")


class DimuonProcessor(processor.ProcessorABC):  # type: ignore[misc]
    """Events with exactly two muons of opposite charge, by their mass.

    The result is ``{"histograms": {"mass": Hist}, "counts": {...}}``; the counts are those of ``"events"``,
    ``"two muons"`` and ``"opposite charge"``, and of the mass windows in `WINDOWS`.

    The windows count masses in the single precision of the files, as published counts do. The histogram is filled with
    double precision; otherwise frameworks would differ in the narrow bins of the lightest pairs.
    """

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Analyse one part of the data."""
        two = events.Muon[ak.num(events.Muon) == 2]
        pairs = two[two.charge[:, 0] != two.charge[:, 1]]
        mass = (pairs[:, 0] + pairs[:, 1]).mass
        precise = momenta(pairs)

        counts = {"events": len(events), "two muons": len(two), "opposite charge": len(pairs)}
        for name, (low, high) in WINDOWS.items():
            counts[name] = int(ak.sum((mass > low) & (mass < high)))
        histogram = mass_histogram().fill((precise[:, 0] + precise[:, 1]).mass)
        return {"histograms": {"mass": histogram}, "counts": counts}


def run(files: Sequence[str | Path], executor: Any = None, *, chunk: int = CHUNK) -> dict[str, Any]:
    """Compute the spectrum of files.

    Parameters
    ----------
    files
        What `af_lab_examples.catalogue.resolve` takes.
    executor
        The executor of coffea; if absent, this process does the work.
    chunk
        Events per task.

    Returns
    -------
    dict
        ``"histograms"`` and ``"counts"`` of `DimuonProcessor`, and ``"metrics"``: ``"seconds"`` it took, and
        ``"bytes"`` read from files, compressed as they are.

    Raises
    ------
    AfLabError
        If files cannot be read or lack branches; it names both.
    """
    output, metrics = analyse(
        {"dimuon": files}, DimuonProcessor(), executor, schema=DimuonSchema, branches=BRANCHES, chunk=chunk
    )
    return {"histograms": output["histograms"], "counts": output["counts"], "metrics": metrics}
