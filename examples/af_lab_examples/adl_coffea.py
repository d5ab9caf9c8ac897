"""The eight queries of the ADL benchmark, with coffea. `af_lab_examples.adl` describes them.

All code is sent to the workers by value: they need coffea, but not af_lab.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import awkward as ak
import cloudpickle
import numpy as np
from coffea import processor
from coffea.nanoevents import NanoAODSchema

from af_lab_examples import adl
from af_lab_examples.coffea_run import analyse
from af_lab_examples.momenta import momenta
from af_lab_examples.schemas import SentByValue

__all__ = ["AdlProcessor", "AdlSchema", "run"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

CHUNK = 50_000  # events per task


class AdlSchema(NanoAODSchema, metaclass=SentByValue):  # type: ignore[misc]
    """NanoAOD as CMS published it: numbers of events and cross-references may be missing."""

    error_missing_event_ids = False
    event_ids: ClassVar[list[str]] = []
    warn_missing_crossrefs = False


class AdlProcessor(processor.ProcessorABC):  # type: ignore[misc]
    """Fill the histograms of all queries.

    The result is ``{"histograms": {"Q1": Hist, ...}, "counts": {"events": ...}}``.

    Parameters
    ----------
    btag
        The branch of jets that query 6 shows.
    """

    def __init__(self, btag: str = adl.BTAG) -> None:
        self.btag = btag.removeprefix("Jet_")

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Analyse one part of the data."""
        met, jets = events.MET, events.Jet
        trijet, trijet_btag = best_trijets(jets, jets[self.btag])
        values = {
            "Q1": met.pt,
            "Q2": ak.flatten(jets.pt),
            "Q3": ak.flatten(jets.pt[abs(jets.eta) < 1]),
            "Q4": met.pt[ak.sum(jets.pt > 40, axis=1) >= 2],
            "Q5": met.pt[has_z_to_muons(events.Muon)],
            "Q6a": trijet.pt,
            "Q6b": trijet_btag,
            "Q7": sums_of_good_jets(jets, events.Muon, events.Electron),
            "Q8": transverse_masses(events),
        }
        histograms = adl.empty_histograms()
        for name, value in values.items():
            histograms[name].fill(value)
        return {"histograms": histograms, "counts": {"events": len(events)}}


def has_z_to_muons(muons: ak.Array) -> ak.Array:
    """Return for each event whether two muons of opposite charge have a mass between 60 and 120 GeV."""
    first, second = ak.unzip(ak.combinations(momenta(muons, "charge"), 2))
    mass = (first + second).mass
    return ak.any((first.charge != second.charge) & (mass > 60) & (mass < 120), axis=1)


def best_trijets(jets: ak.Array, btag: ak.Array) -> tuple[ak.Array, ak.Array]:
    """Return momentum and largest b-tag of the trijet closest to the top's mass, where there are three jets."""
    enough = ak.num(jets) >= 3
    first, second, third = ak.unzip(ak.combinations(ak.with_field(momenta(jets), btag, "btag")[enough], 3))
    trijet = first + second + third
    best = ak.argmin(abs(trijet.mass - 172.5), axis=1, keepdims=True)
    tags = [ak.flatten(jet.btag[best]) for jet in (first, second, third)]
    return ak.flatten(trijet[best]), ak.max(ak.concatenate([tag[:, None] for tag in tags], axis=1), axis=1)


def sums_of_good_jets(jets: ak.Array, muons: ak.Array, electrons: ak.Array) -> ak.Array:
    """Return the sum of good jets' transverse momenta, for events that have any."""
    jets = momenta(jets[jets.pt > 30])
    leptons = ak.concatenate([momenta(leptons[leptons.pt > 10]) for leptons in (muons, electrons)], axis=1)
    jet, lepton = ak.unzip(ak.cartesian([jets, leptons], nested=True))
    good = jets[~ak.any(jet.delta_r(lepton) < 0.4, axis=2)]
    return ak.sum(good.pt, axis=1)[ak.num(good) > 0]


def transverse_masses(events: ak.Array) -> ak.Array:
    """Return the transverse mass of the missing momentum and the hardest lepton that is not of the best Z."""
    kinds = [momenta(events.Muon, "charge"), momenta(events.Electron, "charge")]
    leptons = ak.concatenate([ak.with_field(kind, flavour, "flavour") for flavour, kind in enumerate(kinds)], axis=1)
    enough = ak.num(leptons) >= 3
    leptons, met = leptons[enough], events.MET[enough]

    index = ak.argcombinations(leptons, 2)
    first, second = leptons[index["0"]], leptons[index["1"]]
    pairs = (first.flavour == second.flavour) & (first.charge != second.charge)
    distance = ak.where(pairs, abs((first + second).mass - 91.2), float("inf"))
    found = ak.any(pairs, axis=1)
    best = index[ak.argmin(distance, axis=1, keepdims=True)][found]
    leptons, met = leptons[found], met[found]

    position = ak.local_index(leptons)
    others = leptons[(position != ak.flatten(best["0"])) & (position != ak.flatten(best["1"]))]
    other = ak.flatten(others[ak.argmax(others.pt, axis=1, keepdims=True)])
    angle = other.phi - ak.values_astype(met.phi, "float64")
    return (2 * other.pt * met.pt * (1 - np.cos(angle))) ** 0.5


def run(
    files: Sequence[str | Path], executor: Any = None, *, btag: str = adl.BTAG, chunk: int = CHUNK
) -> dict[str, Any]:
    """Run all queries over files.

    Parameters
    ----------
    files
        What `af_lab_examples.catalogue.resolve` takes.
    executor
        The executor of coffea; if absent, this process does the work.
    btag
        The branch with the b-tag of jets.
    chunk
        Events per task.

    Returns
    -------
    dict
        ``"histograms"`` by name of the query, ``"counts"`` with ``"events"``, and ``"metrics"``: ``"seconds"`` it
        took, and ``"bytes"`` read from files, compressed as they are.

    Raises
    ------
    AfLabError
        If files cannot be read or lack branches; it names both.
    """
    output, metrics = analyse(
        {"adl": files}, AdlProcessor(btag), executor, schema=AdlSchema, branches=adl.branches(btag), chunk=chunk
    )
    return {"histograms": output["histograms"], "counts": output["counts"], "metrics": metrics}
