"""What a detector makes of particles: efficiency, acceptance, resolution, isolation, b tags, trigger.

Approximately CMS in 2012; the source of each number is beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import cloudpickle
import numpy as np

from af_lab_examples.decays import Floats, Integers
from af_lab_examples.jets import Jets, measured_jets
from af_lab_examples.leptons import electrons_of, leptons_in_jets, muons_of
from af_lab_examples.particles import Drawn, Flags, Particles, is_lepton, is_neutrino, joined, summed, total

__all__ = ["Measured", "measure"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

VERTICES = 15.0  # good ones, in the mean of 2012
# missing momentum: resolution of each component is this times the root of the sum of transverse energies, of
# which each vertex brings some (CMS, JINST 10 (2015) P02006)
MET_STOCHASTIC, SUMET_PER_VERTEX = 0.6, 25.0  # GeV

# HLT_IsoMu24 and its like: plateau, and width of the turn-on in GeV (CMS, JINST 7 (2012) P10002, section 5)
PLATEAU, MUON_TURN_ON, ELECTRON_TURN_ON = 0.92, 0.4, 0.8
TRIGGER_ISOLATION, TRIGGER_MUON_ETA = 0.15, 2.1

EVENT = np.dtype(
    [
        ("kind", "i8"),
        ("weight", "f8"),
        ("complete", "?"),
        ("PV_npvs", "i4"),
        ("MET_pt", "f8"),
        ("MET_phi", "f8"),
        ("MET_sumet", "f8"),
        ("HLT_IsoMu24", "?"),
        ("HLT_Mu17_Mu8", "?"),
        ("HLT_Ele27_WP80", "?"),
    ]
)


@dataclass(frozen=True)
class Measured:
    """Events as measured: one record per event, and one per object; each object has the index `event` of its event.

    The objects of one collection are sorted by event, and by falling pt within.
    `complete` events are those in which all prompt electrons and muons were found.
    """

    events: Particles
    muons: Particles
    electrons: Particles
    jets: Particles

    def take(self, kept: Flags) -> Measured:
        """Return some of the events, with new numbers."""
        number = np.cumsum(kept) - 1
        return self._renumbered(self.events[kept], lambda event: np.where(kept[event], number[event], -1))

    def shuffled(self, rng: np.random.Generator) -> Measured:
        """Return the events in another order."""
        order = rng.permutation(len(self.events))
        number = np.argsort(order)
        return self._renumbered(self.events[order], lambda event: number[event])

    def _renumbered(self, events: Particles, number_of: Callable[[Integers], Integers]) -> Measured:
        tables = []
        for table in (self.muons, self.electrons, self.jets):
            number = number_of(table["event"])
            order = np.argsort(number, kind="stable")
            order = order[number[order] >= 0]
            moved = table[order]
            moved["event"] = number[order]
            tables.append(moved)
        return Measured(events, *tables)

    @staticmethod
    def joined(parts: list[Measured]) -> Measured:
        """Return the events of several sets, one after the other."""
        starts = np.cumsum([0, *(len(part.events) for part in parts)])

        def moved(table: Particles, start: int) -> Particles:
            copy = table.copy()
            copy["event"] += start
            return copy

        tables = [
            joined([moved(getattr(part, name), start) for part, start in zip(parts, starts, strict=False)])
            for name in ("muons", "electrons", "jets")
        ]
        return Measured(joined([part.events for part in parts]), *tables)


def measure(rng: np.random.Generator, drawn: Drawn) -> Measured:
    """Measure events."""
    count = len(drawn.kind)
    particles = drawn.particles
    events = np.zeros(count, EVENT)
    events["kind"], events["weight"] = drawn.kind, drawn.weight
    events["PV_npvs"] = np.maximum(rng.poisson(VERTICES, count), 1)

    secondary, source_of = leptons_in_jets(rng, particles)
    jets = measured_jets(rng, particles, events["PV_npvs"])
    leptons, source = joined([particles, secondary]), np.concatenate([np.full(len(particles), -1), source_of])
    # an electron's shower makes a jet of its own; other leptons have one if they come from it
    electron = (np.abs(particles["pdg"]) == 11) & particles["prompt"]
    source[: len(particles)][electron] = np.flatnonzero(electron)

    muons = _linked(muons_of(rng, leptons, source), jets, len(particles))
    electrons = _linked(electrons_of(rng, leptons, source), jets, len(particles))

    prompt = particles[is_lepton(particles) & particles["prompt"]]
    found = sum(np.bincount(table["event"][table["prompt"]], minlength=count) for table in (muons, electrons))
    events["complete"] = found == np.bincount(prompt["event"], minlength=count)
    _missing_momentum(rng, events, particles)
    _triggers(rng, events, muons, electrons)
    return Measured(events, muons, electrons, jets.table)


def _linked(leptons: Particles, jets: Jets, sources: int) -> Particles:
    """Replace the index of the particle whose jet a lepton belongs to by the index of that jet in its event."""
    place = np.full(sources + 1, -1)
    real = jets.source >= 0
    first = np.searchsorted(jets.table["event"], jets.table["event"])
    place[jets.source[real]] = (np.arange(len(first)) - first)[real]
    leptons["jetIdx"] = place[leptons["jetIdx"]]
    return leptons


def _missing_momentum(rng: np.random.Generator, events: Particles, particles: Particles) -> None:
    count = len(events)
    neutrinos = is_neutrino(particles)
    seen = particles[~neutrinos]
    sumet = summed(seen["event"], seen["pt"], count)
    sumet += SUMET_PER_VERTEX * events["PV_npvs"] * rng.gamma(20.0, 1 / 20.0, count)
    x, y = (
        true + MET_STOCHASTIC * np.sqrt(sumet) * rng.standard_normal(count)
        for true in total(particles[neutrinos], count)
    )
    events["MET_pt"], events["MET_phi"], events["MET_sumet"] = np.hypot(x, y), np.arctan2(y, x), sumet


def _triggers(rng: np.random.Generator, events: Particles, muons: Particles, electrons: Particles) -> None:
    count = len(events)
    good = muons["tightId"] & (muons["pfRelIso03_all"] < TRIGGER_ISOLATION)
    isolated = good & (np.abs(muons["eta"]) < TRIGGER_MUON_ETA)
    events["HLT_IsoMu24"] = _fired(rng, muons[isolated], 24.0, MUON_TURN_ON, count) > 0
    high, low = (_fired(rng, muons[muons["softId"]], threshold, MUON_TURN_ON, count) for threshold in (17.0, 8.0))
    events["HLT_Mu17_Mu8"] = (high > 0) & (low > 1)
    chosen = electrons["cutBasedId"] & (electrons["pfRelIso03_all"] < TRIGGER_ISOLATION)
    events["HLT_Ele27_WP80"] = _fired(rng, electrons[chosen], 27.0, ELECTRON_TURN_ON, count) > 0


def _fired(rng: np.random.Generator, leptons: Particles, threshold: float, width: float, count: int) -> Integers:
    """Return how many leptons of each event pass a threshold as the trigger's coarser measurement sees them."""
    passed: Floats = PLATEAU / (1 + np.exp(np.clip((threshold - leptons["pt"]) / width, -50, 50)))
    chosen = leptons["event"][rng.random(len(leptons)) < passed]
    return np.bincount(chosen, minlength=count)
