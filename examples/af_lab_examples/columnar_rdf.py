"""The selection of `af_lab_examples.columnar` with RDataFrame, on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from af_lab_examples.columnar import Outcome
from af_lab_examples.convert import to_hist
from af_lab_examples.dimuon import BRANCHES, mass_histogram
from af_lab_examples.dimuon_rdf import CODE
from af_lab_examples.rdataframe import open_events

__all__ = ["rdataframe"]


def rdataframe(files: Sequence[str], stop: int | None = None) -> Outcome:
    """Declare the selection, and let ROOT compile the loop; otherwise as `columnar.event_loop`.

    Parameters
    ----------
    stop
        How many events of all files together are taken; None: all.
    """
    opened = open_events(files, branches=BRANCHES, code=CODE)
    events = opened.frame if stop is None else opened.frame.Range(stop)
    pairs = events.Filter("nMuon == 2 && Muon_charge[0] != Muon_charge[1]").Define(
        "pair_mass", "af_lab_precise_mass(Muon_pt, Muon_eta, Muon_phi, Muon_mass)"
    )
    edges = mass_histogram().axes[0].edges
    mass = pairs.Histo1D(("mass", "Muon pairs", len(edges) - 1, edges), "pair_mass")
    values, _ = opened.evaluate({"mass": mass, "events": events.Count()})
    return int(values["events"]), to_hist(values["mass"], mass_histogram())
