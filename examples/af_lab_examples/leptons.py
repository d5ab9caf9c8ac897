"""Muons and electrons as measured, including those from decays in jets."""

from __future__ import annotations

import sys

import cloudpickle
import numpy as np

from af_lab_examples.decays import Floats, Integers
from af_lab_examples.kinematics import MUON_MASS
from af_lab_examples.particles import Flags, Particles

__all__ = ["ELECTRON_MASS", "electrons_of", "leptons_in_jets", "muons_of"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

ELECTRON_MASS = 0.000510999  # GeV

MUON_PT, MUON_ETA, MUON_EFFICIENCY = 3.0, 2.4, 0.98  # CMS, JINST 7 (2012) P10002
ELECTRON_PT, ELECTRON_ETA, ELECTRON_EFFICIENCY = 5.0, 2.5, 0.95  # CMS, JINST 10 (2015) P06005
ELECTRON_RISE = 5.0  # GeV: efficiency is that times 1 - exp(-pt / rise): 71 % at 7 GeV, 93 % at 20 GeV

# how many jets of each flavour have a muon (and how many an electron): decays of b, of the c's among them, and of c;
# in light jets decays in flight and mistakes. Branching fractions of the Particle Data Group, rounded
SECONDARY = {5: 0.19, 4: 0.09, 0: 0.01}

# of isolation, share of the lepton's pt that is found around it: prompt ones have some from pile-up
ISOLATION_PROMPT, ISOLATION_IN_JET = 0.04, 0.8
QUIET = 0.35  # of the prompt ones have no activity around them
WIDER = 1.35  # cone of 0.4 rather than 0.3: area, about

# identification: share of prompt ones and of those in jets that pass (the same papers, about)
TIGHT_MUON, SOFT_MUON, GOOD_ELECTRON = (0.96, 0.60), (0.99, 0.90), (0.88, 0.10)

# distance from the primary vertex: resolution (cm) at high pt, and what grows as 1 / pt (cm GeV)
# (CMS, JINST 9 (2014) P10009)
DXY_BEST, DZ_BEST, SOFTER = 0.0015, 0.003, 0.02
DISPLACED = 0.02  # cm, of leptons in jets: decays of b and c hadrons

LEPTON = np.dtype(
    [
        ("event", "i8"),
        ("prompt", "?"),
        ("pt", "f8"),
        ("eta", "f8"),
        ("phi", "f8"),
        ("mass", "f8"),
        ("charge", "i4"),
        ("pfRelIso03_all", "f8"),
        ("pfRelIso04_all", "f8"),
        ("tightId", "?"),
        ("softId", "?"),
        ("cutBasedId", "?"),
        ("dxy", "f8"),
        ("dxyErr", "f8"),
        ("dz", "f8"),
        ("dzErr", "f8"),
        ("jetIdx", "i4"),
    ]
)


def leptons_in_jets(rng: np.random.Generator, particles: Particles) -> tuple[Particles, Integers]:
    """Draw leptons from decays in jets.

    Returns
    -------
    leptons
        They have a part of the jet's momentum, and approximately its direction.
    source
        The index of each one's jet in `particles`.
    """
    number = np.abs(particles["pdg"])
    chance = np.select([number == 5, number == 4, (number < 4) | (number == 21)], list(SECONDARY.values()), 0.0)
    sources = []
    leptons = []
    for kind in (13, 11):
        source = np.flatnonzero(rng.random(len(particles)) < chance)
        found = particles[source]
        found["pdg"] = kind * rng.choice([-1, 1], size=len(found))
        found["prompt"] = False
        found["pt"] *= rng.beta(1.5, 5, len(found))
        found["eta"] += rng.normal(0, 0.1, len(found))
        found["phi"] += rng.normal(0, 0.1, len(found))
        sources.append(source)
        leptons.append(found)
    return np.concatenate(leptons), np.concatenate(sources)


def muons_of(rng: np.random.Generator, particles: Particles, source: Integers) -> Particles:
    """Measure the muons among particles; `source` becomes their ``jetIdx``."""
    chosen = np.abs(particles["pdg"]) == 13
    muons = _leptons(rng, particles[chosen], source[chosen], MUON_MASS)
    # as in kinematics.py: 1 % in the barrel, 2 % at the ends, more at high pt
    resolution = np.hypot(0.01 + 0.01 * (muons["eta"] / MUON_ETA) ** 2, 1e-4 * muons["pt"])
    muons["pt"] *= 1 + resolution * rng.standard_normal(len(muons))
    muons["tightId"], muons["softId"] = (_passes(rng, muons, shares) for shares in (TIGHT_MUON, SOFT_MUON))
    found = rng.random(len(muons)) < MUON_EFFICIENCY
    return _sorted(muons[found & (muons["pt"] > MUON_PT) & (np.abs(muons["eta"]) < MUON_ETA)])


def electrons_of(rng: np.random.Generator, particles: Particles, source: Integers) -> Particles:
    """Measure the electrons among particles; `source` becomes their ``jetIdx``."""
    chosen = np.abs(particles["pdg"]) == 11
    electrons = _leptons(rng, particles[chosen], source[chosen], ELECTRON_MASS)
    # 1.7 % to 4.5 % for those of Z bosons, in the same paper
    resolution = np.hypot(0.012 + 0.02 * (electrons["eta"] / ELECTRON_ETA) ** 2, 0.1 / np.sqrt(electrons["pt"]))
    electrons["pt"] *= 1 + resolution * rng.standard_normal(len(electrons))
    electrons["cutBasedId"] = _passes(rng, electrons, GOOD_ELECTRON)
    efficiency = ELECTRON_EFFICIENCY * (1 - np.exp(-np.maximum(electrons["pt"], 0) / ELECTRON_RISE))
    found = rng.random(len(electrons)) < efficiency
    return _sorted(electrons[found & (electrons["pt"] > ELECTRON_PT) & (np.abs(electrons["eta"]) < ELECTRON_ETA)])


def _leptons(rng: np.random.Generator, particles: Particles, source: Integers, mass: float) -> Particles:
    count = len(particles)
    leptons = np.zeros(count, LEPTON)
    for name in ("event", "prompt", "pt", "eta"):
        leptons[name] = particles[name]
    leptons["pt"] = np.maximum(leptons["pt"], 0.1)
    leptons["phi"] = np.mod(particles["phi"] + np.pi, 2 * np.pi) - np.pi
    leptons["mass"], leptons["jetIdx"], leptons["charge"] = mass, source, -np.sign(particles["pdg"])

    prompt = leptons["prompt"]
    around: Floats = rng.exponential(np.where(prompt, ISOLATION_PROMPT, ISOLATION_IN_JET))
    around[prompt & (rng.random(count) < QUIET)] = 0
    leptons["pfRelIso03_all"] = around
    leptons["pfRelIso04_all"] = around * WIDER + rng.exponential(0.01, count) * (around > 0)

    away = np.where(prompt, 0.0, rng.laplace(0, DISPLACED, count))
    for name, best in (("dxy", DXY_BEST), ("dz", DZ_BEST)):
        error = best + SOFTER / leptons["pt"] * rng.gamma(10, 0.1, count)
        leptons[name], leptons[f"{name}Err"] = away + error * rng.standard_normal(count), error
    return leptons


def _passes(rng: np.random.Generator, leptons: Particles, shares: tuple[float, float]) -> Flags:
    passed: Flags = rng.random(len(leptons)) < np.where(leptons["prompt"], *shares)
    return passed


def _sorted(leptons: Particles) -> Particles:
    return leptons[np.lexsort((-leptons["pt"], leptons["event"]))]
