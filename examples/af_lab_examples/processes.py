"""The processes for samples, and their events as branches of NanoAOD."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cloudpickle
import numpy as np

from af_lab_examples.bosons import (
    QCD_KINDS,
    WJETS_KINDS,
    ZLL_KINDS,
    draw_enriched_wjets,
    draw_qcd,
    draw_wjets,
    draw_zll,
)
from af_lab_examples.branches import data_branches, data_types, simulation_branches, simulation_types
from af_lab_examples.composition import dimuon_events
from af_lab_examples.detector import Measured, measure
from af_lab_examples.fourleptons import FOUR_LEPTON_KINDS, draw_higgs, draw_zz
from af_lab_examples.particles import Drawn
from af_lab_examples.tops import SINGLETOP_KINDS, TTBAR_KINDS, draw_singletop, draw_ttbar

__all__ = ["MIXTURE", "PROCESSES", "branch_types", "make_events"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

Generator = np.random.Generator
Truth = dict[str, int]
Branches = dict[str, Any]


@dataclass(frozen=True)
class Process:
    """How to draw events of a process, and the names of their kinds."""

    draw: Callable[[Generator, int], Drawn]
    kinds: tuple[str, ...]


SIMULATED: Mapping[str, Process] = {
    "zll": Process(draw_zll, ZLL_KINDS),
    "ttbar": Process(draw_ttbar, TTBAR_KINDS),
    "wjets": Process(draw_enriched_wjets, WJETS_KINDS),
    "singletop": Process(draw_singletop, SINGLETOP_KINDS),
    "higgs-4l": Process(draw_higgs, FOUR_LEPTON_KINDS),
    "zz-4l": Process(draw_zz, FOUR_LEPTON_KINDS),
}
# the index of a process is part of the seed: add new ones at the end
PROCESSES = ("dimuon", "single-muon", *SIMULATED)

# Recorded events by process. W, Z and muons in jets as in data of a single-muon trigger, about; the rare ones are
# more frequent than in nature, so that queries for three leptons or three jets find events in a small sample too.
MIXTURE = {"wjets": 0.45, "qcd": 0.25, "zll": 0.18, "ttbar": 0.08, "singletop": 0.02, "zz-4l": 0.015, "higgs-4l": 0.005}
MIXED: Mapping[str, Process] = {
    **SIMULATED,
    "wjets": Process(draw_wjets, WJETS_KINDS),
    "qcd": Process(draw_qcd, QCD_KINDS),
}
RECORDED_PT = 17.0  # GeV: all events of the mixture have a muon above it


def branch_types(process: str) -> dict[str, str]:
    """Return the branches of a process's events and their types, in datashape notation, without counters."""
    if process == "dimuon":
        return {"Muon": "var * {pt: float32, eta: float32, phi: float32, mass: float32, charge: int32}"}
    return data_types() if process == "single-muon" else simulation_types()


def make_events(rng: Generator, process: str, count: int, first: int) -> tuple[Branches, Truth]:
    """Make events of a process.

    Parameters
    ----------
    process
        One of `PROCESSES`.
    first
        How many events of the sample precede these.

    Returns
    -------
    branches
        Arrays of the types of `branch_types`.
    truth
        How many events are of each kind. Of simulated processes also, as ``"<kind>, complete"``, those of
        which all electrons and muons of the hard process are among the measured ones. Of the mixture, by process.
    """
    if process == "dimuon":
        events, truth = dimuon_events(rng, count)
        return {"Muon": events.Muon}, truth
    if process == "single-muon":
        measured, truth = _mixture(rng, count)
        return data_branches(measured, first), truth
    kinds = SIMULATED[process].kinds
    measured = measure(rng, SIMULATED[process].draw(rng, count))
    return simulation_branches(rng, measured, first), _truth(measured, kinds)


def _truth(measured: Measured, kinds: tuple[str, ...]) -> Truth:
    kind = measured.events["kind"]
    every, complete = (
        np.bincount(chosen, minlength=len(kinds)).tolist() for chosen in (kind, kind[measured.events["complete"]])
    )
    return dict(zip(kinds, every, strict=True)) | {
        f"{name}, complete": number for name, number in zip(kinds, complete, strict=True)
    }


def _mixture(rng: Generator, count: int) -> tuple[Measured, Truth]:
    shares = rng.multinomial(count, list(MIXTURE.values()))
    truth = dict(zip(MIXTURE, shares.tolist(), strict=True))
    parts = [_recorded(rng, MIXED[name], number) for name, number in truth.items() if number]
    return Measured.joined(parts).shuffled(rng), truth


def _recorded(rng: Generator, process: Process, count: int) -> Measured:
    """Draw events of a process until this number is recorded."""
    parts: list[Measured] = []
    missing, efficiency = count, 0.5
    while missing > 0:
        measured = measure(rng, process.draw(rng, int(missing / efficiency) + 50))
        high = measured.muons["event"][measured.muons["pt"] > RECORDED_PT]
        kept = np.bincount(high, minlength=len(measured.events)) > 0
        efficiency = max(float(kept.mean()), 0.01)
        kept &= np.cumsum(kept) <= missing
        parts.append(measured.take(kept))
        missing -= int(kept.sum())
    return Measured.joined(parts)
