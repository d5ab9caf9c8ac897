"""Top pairs with one lepton and their systematic variations, with coffea. See `af_lab_examples.ttbar`.

What the workers run is sent to them by value: they need coffea, but not af_lab.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import awkward as ak
import cloudpickle
from coffea import processor

from af_lab_examples import ttbar
from af_lab_examples.momenta import momenta
from af_lab_examples.simulation import Files, result
from af_lab_examples.simulation_coffea import process

__all__ = ["TtbarProcessor", "run"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

CHUNK = 25_000  # events per task


class TtbarProcessor(processor.ProcessorABC):  # type: ignore[misc]
    """Fill the histograms of both regions, once for each variation.

    The result is, for each dataset, ``{"histograms": {"4j1b": Hist, ...}, "counts": {...}, "weights": float}``, see
    `af_lab_examples.simulation.Part`. Counts of regions are those of the nominal selection.
    """

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Analyse one part of the data."""
        dataset = events.metadata["dataset"]
        process = ttbar.DATASETS[dataset]
        counts = {"events": len(events)}
        total = float(ak.sum(ak.values_astype(events.genWeight, "float64")))

        leptons = ak.concatenate([good_leptons(events, kind) for kind in ttbar.LEPTONS], axis=1)
        one = ak.num(leptons) == 1
        events, lepton = events[one], leptons[one][:, 0]
        counts["one lepton"] = len(events)

        weights = event_weights(events, process)
        histograms = ttbar.empty_histograms(process)
        jets = jets_beside(events.Jet, lepton)
        # with other jet energies the whole selection is repeated; variations of weights need only one selection
        for varied, pt in {"nominal": jets.pt, "jesUp": jets.pt_jesUp, "jesDown": jets.pt_jesDown}.items():
            for region, (selected, observable) in regions(jets, pt).items():
                for name in weights if varied == "nominal" else [varied]:
                    weight = weights.get(name, weights["nominal"])[selected]
                    histograms[region].fill(observable, variation=name, weight=weight)
                if varied == "nominal":
                    counts[region] = int(ak.sum(selected))
        return {dataset: {"histograms": histograms, "counts": counts, "weights": total}}


def event_weights(events: ak.Array, process: str) -> Mapping[str, ak.Array]:
    """Return the nominal weight of each event, and those of the variations that only change weights."""
    given = (events.genWeight, events.btagWeight.up, events.btagWeight.down)
    generator, more, fewer = (ak.values_astype(weight, "float64") for weight in given)
    weights = {"nominal": generator, "btagUp": generator * more, "btagDown": generator * fewer}
    if process == "wjets":
        weights |= {"scaleUp": generator * (1 + ttbar.SCALE), "scaleDown": generator * (1 - ttbar.SCALE)}
    return weights


def good_leptons(events: ak.Array, kind: ttbar.Lepton) -> ak.Array:
    """Return directions of isolated leptons."""
    leptons = events[kind.name]
    pt, eta, phi, isolation = (
        ak.values_astype(leptons[field], "float64") for field in ("pt", "eta", "phi", kind.isolation)
    )
    good = (pt > ttbar.LEPTON_PT) & (abs(eta) < ttbar.LEPTON_ETA) & (isolation < ttbar.ISOLATION)
    return ak.zip({"eta": eta, "phi": phi})[good & leptons[kind.identification]]


def jets_beside(jets: ak.Array, lepton: ak.Array) -> ak.Array:
    """Return the jets that are not near the lepton."""
    precise = momenta(jets, "btag", "pt_jesUp", "pt_jesDown")
    aside = abs(precise.phi - lepton.phi)
    aside = ak.where(aside > 3.141592653589793, 6.283185307179586 - aside, aside)
    return precise[((precise.eta - lepton.eta) ** 2 + aside**2) ** 0.5 > ttbar.JET_DISTANCE]


def regions(jets: ak.Array, pt: ak.Array) -> dict[str, tuple[ak.Array, ak.Array]]:
    """Return, for each region, which events are in it, and their observable.

    Parameters
    ----------
    pt
        Transverse momentum of the jets, which may differ from their nominal one.
    """
    jets = ak.with_field(jets, ak.values_astype(pt, "float64"), "pt")
    jets = jets[jets.pt > ttbar.JET_PT]
    tags = ak.sum(ak.values_astype(jets.btag, "float64") > ttbar.BTAG, axis=1)
    enough = ak.num(jets) >= ttbar.JETS
    one, two = enough & (tags == 1), enough & (tags >= 2)
    return {"4j1b": (one, ak.sum(jets.pt[one], axis=1)), "4j2b": (two, trijet_masses(jets[two]))}


def trijet_masses(jets: ak.Array) -> ak.Array:
    """Return the mass of the three jets, at least one of them tagged, that have the highest pt together."""
    first, second, third = ak.unzip(ak.combinations(jets, 3))
    trijet = first + second + third
    tagged = ak.zeros_like(trijet.pt, dtype=bool)
    for jet in (first, second, third):
        tagged = tagged | (ak.values_astype(jet.btag, "float64") > ttbar.BTAG)
    highest = ak.argmax(ak.where(tagged, trijet.pt, -1.0), axis=1, keepdims=True)
    return ak.flatten(trijet.mass[highest])


def run(files: Files, executor: Any = None, *, chunk: int = CHUNK) -> dict[str, Any]:
    """Analyse datasets.

    Parameters
    ----------
    files
        By name of the dataset, one of `af_lab_examples.ttbar.DATASETS`; see `af_lab_examples.simulation.find_files`.
    executor
        The executor of coffea; if absent, this process does the work.
    chunk
        Events per task.

    Returns
    -------
    dict
        ``"histograms"`` for `af_lab_examples.ttbar.LUMINOSITY`, by names such as ``"4j2b_ttbar"``; for the
        rest see `af_lab_examples.simulation.result`.

    Raises
    ------
    AfLabError
        If files cannot be read or lack branches; it names both.
    """
    parts, metrics = process(files, TtbarProcessor(), executor, branches=ttbar.branches(), chunk=chunk)
    return result(parts, metrics, ttbar.DATASETS, ttbar.LUMINOSITY)
