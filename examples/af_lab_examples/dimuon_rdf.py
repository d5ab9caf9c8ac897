"""The spectrum of dimuon masses, with RDataFrame; `af_lab_examples.dimuon` is the same with coffea."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from af_lab_examples.convert import to_hist
from af_lab_examples.dimuon import BRANCHES, WINDOWS, mass_histogram
from af_lab_examples.rdataframe import open_events

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["CODE", "book", "run"]

# InvariantMass with double precision: with the files' precision, some of the lightest pairs change their bins
CODE = r"""
#ifndef AF_LAB_DIMUON
#define AF_LAB_DIMUON

#include <Math/Vector4D.h>
#include <ROOT/RVec.hxx>

double af_lab_precise_mass(const ROOT::RVecF &pt, const ROOT::RVecF &eta, const ROOT::RVecF &phi,
                           const ROOT::RVecF &mass) {
  const ROOT::Math::PtEtaPhiMVector first(pt[0], eta[0], phi[0], mass[0]), second(pt[1], eta[1], phi[1], mass[1]);
  return (first + second).M();
}
#endif
"""


def book(events: Any) -> dict[str, Any]:
    """Book the spectrum and the counts on an RDataFrame that knows `CODE`.

    Nothing is read before a result is requested; then one event loop computes all of them.

    Returns
    -------
    dict
        ``"mass"``: what ``Histo1D`` returns. All others are what ``Count`` returns, by the names of
        `af_lab_examples.dimuon.DimuonProcessor`.
    """
    two = events.Filter("nMuon == 2")
    opposite = two.Filter("Muon_charge[0] != Muon_charge[1]")
    pairs = opposite.Define("mass", "InvariantMass(Muon_pt, Muon_eta, Muon_phi, Muon_mass)").Define(
        "precise_mass", "af_lab_precise_mass(Muon_pt, Muon_eta, Muon_phi, Muon_mass)"
    )

    edges = mass_histogram().axes[0].edges
    booked = {
        "mass": pairs.Histo1D(("mass", "Muon pairs", len(edges) - 1, edges), "precise_mass"),
        "events": events.Count(),
        "two muons": two.Count(),
        "opposite charge": opposite.Count(),
    }
    for name, (low, high) in WINDOWS.items():
        booked[name] = pairs.Filter(f"mass > {low} && mass < {high}").Count()
    return booked


def run(files: Sequence[str | Path], client: Client | None = None, npartitions: int | None = None) -> dict[str, Any]:
    """Compute the spectrum of files, in one event loop.

    Parameters
    ----------
    files
        What `af_lab_examples.catalogue.resolve` takes.
    client, npartitions
        See `af_lab_examples.rdataframe.open_events`.

    Returns
    -------
    dict
        ``"histograms"`` with ``"mass"``, ``"counts"`` as those of `af_lab_examples.dimuon.DimuonProcessor`, and
        ``"metrics"``: ``"seconds"`` it took, and ``"bytes"`` read from files, compressed as they are.

    Raises
    ------
    AfLabError
        If files cannot be read or lack branches; it names both.
    """
    events = open_events(files, branches=BRANCHES, client=client, npartitions=npartitions, code=CODE)
    values, metrics = events.evaluate(book(events.frame))
    histogram = to_hist(values.pop("mass"), mass_histogram())
    return {
        "histograms": {"mass": histogram},
        "counts": {name: int(count) for name, count in values.items()},
        "metrics": metrics,
    }
