"""Higgs bosons that decay to four leptons, with coffea. `af_lab_examples.higgs` has the selection.

What the workers run is sent to them by value: they need coffea, but not af_lab.
"""

from __future__ import annotations

import sys
from typing import Any

import awkward as ak
import cloudpickle
import numpy as np
from coffea import processor

from af_lab_examples import higgs
from af_lab_examples.momenta import momenta
from af_lab_examples.simulation import Files, result
from af_lab_examples.simulation_coffea import process

__all__ = ["HiggsProcessor", "run"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

CHUNK = 25_000  # events per task


class HiggsProcessor(processor.ProcessorABC):  # type: ignore[misc]
    """Fill the masses of four leptons, and of the two pairs they are made of.

    The result is, for each dataset, ``{"histograms": {"m4l": Hist, ...}, "counts": {...}, "weights": float}``, see
    `af_lab_examples.simulation.Part`.
    """

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Analyse one part of the data."""
        simulated = "genWeight" in events.fields
        weights = ak.values_astype(events.genWeight, "float64") if simulated else np.ones(len(events))
        leptons = ak.concatenate([good_leptons(events, lepton) for lepton in higgs.LEPTONS], axis=1)

        four = has_four(leptons)
        z1, z2 = z_pair(leptons[four])
        close = (z1.mass > higgs.Z1_RANGE[0]) & (z1.mass < higgs.Z1_RANGE[1])
        close = close & (z2.mass > higgs.Z2_RANGE[0]) & (z2.mass < higgs.Z2_RANGE[1])

        histograms = higgs.empty_histograms()
        for name, mass in {"m4l": (z1 + z2).mass, "mZ1": z1.mass, "mZ2": z2.mass}.items():
            histograms[name].fill(mass[close], weight=weights[four][close])

        electrons = ak.sum(leptons[four][close].name == 1, axis=1)
        channels = {"4mu": electrons == 0, "4e": electrons == 4, "2e2mu": electrons == 2}
        counts = {"events": len(events), "four leptons": int(ak.sum(four))}
        counts |= {channel: int(ak.sum(found)) for channel, found in channels.items()}
        found = {"histograms": histograms, "counts": counts, "weights": float(ak.sum(weights))}
        return {events.metadata["dataset"]: found}


def good_leptons(events: ak.Array, kind: higgs.Lepton) -> ak.Array:
    """Return momenta, charges and kinds of isolated leptons that come from the collision."""
    leptons = events[kind.name]
    isolation, dxy, dxy_error, dz, dz_error = (
        ak.values_astype(leptons[field], "float64") for field in (kind.isolation, "dxy", "dxyErr", "dz", "dzErr")
    )
    precise = momenta(leptons, "charge")
    significance = (dxy**2 + dz**2) ** 0.5 / (dxy_error**2 + dz_error**2) ** 0.5
    good = (precise.pt > kind.pt) & (abs(precise.eta) < kind.eta) & (abs(isolation) < higgs.ISOLATION)
    good = good & (significance < higgs.SIGNIFICANCE) & (abs(dxy) < higgs.DXY) & (abs(dz) < higgs.DZ)
    return ak.with_field(precise, higgs.LEPTONS.index(kind), "name")[good]


def has_four(leptons: ak.Array) -> ak.Array:
    """Return for each event whether it has two pairs of leptons, each of one kind and opposite charge."""
    muons, electrons = (leptons[leptons.name == number] for number in (0, 1))
    neutral = (ak.sum(muons.charge, axis=1) == 0) & (ak.sum(electrons.charge, axis=1) == 0)
    hard = (ak.sum(leptons.pt > higgs.FIRST_PT, axis=1) >= 1) & (ak.sum(leptons.pt > higgs.SECOND_PT, axis=1) >= 2)
    return (ak.num(leptons) == 4) & neutral & hard


def z_pair(leptons: ak.Array) -> tuple[ak.Array, ak.Array]:
    """Return the pair whose mass is closest to the Z's, and the pair of the other two."""
    index = ak.argcombinations(leptons, 2)
    first, second = leptons[index["0"]], leptons[index["1"]]
    possible = (first.name == second.name) & (first.charge != second.charge)
    distance = ak.where(possible, abs((first + second).mass - higgs.Z_MASS), float("inf"))
    best = ak.argmin(distance, axis=1, keepdims=True)
    one, other = ak.flatten(index["0"][best]), ak.flatten(index["1"][best])

    place = ak.local_index(leptons)
    rest = leptons[(place != one) & (place != other)]
    return ak.flatten((first + second)[best]), rest[:, 0] + rest[:, 1]


def run(files: Files, executor: Any = None, *, chunk: int = CHUNK) -> dict[str, Any]:
    """Analyse datasets.

    Parameters
    ----------
    files
        By name of the dataset, one of `af_lab_examples.higgs.DATASETS`; see `af_lab_examples.simulation.find_files`.
    executor
        The executor of coffea; if absent, this process does the work.
    chunk
        Events per task.

    Returns
    -------
    dict
        ``"histograms"`` for `af_lab_examples.higgs.LUMINOSITY`, by names such as ``"m4l_higgs"``; for the
        rest see `af_lab_examples.simulation.result`.

    Raises
    ------
    AfLabError
        If files cannot be read or lack branches; it names both.
    """
    parts, metrics = process(files, HiggsProcessor(), executor, branches=higgs.branches(), chunk=chunk)
    return result(parts, metrics, higgs.DATASETS, higgs.LUMINOSITY, higgs.FACTORS)
