"""Jets as measured: energy and its uncertainty, b tags and theirs, jets of pile-up."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import cloudpickle
import numpy as np

from af_lab_examples.decays import Floats, Integers, azimuths
from af_lab_examples.particles import Flags, Particles, is_neutrino, summed

__all__ = ["BTAG_MEDIUM", "Jets", "btag_weights", "measured_jets"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

LEAST_PT, MOST_ETA = 15.0, 4.7  # of the jets in the published files
TAGGED_ETA = 2.4  # where the tracker ends

# relative resolution of pt: noise (GeV), stochastic and constant term. 16 % at 30 GeV, 9 % at 100 GeV
# (about as CMS has it, JINST 12 (2017) P02014)
NOISE, STOCHASTIC, CONSTANT = 2.0, 0.75, 0.05
# of the energy scale, so that hadronic W bosons peak at their mass in jets above 25 GeV: those that fluctuate
# upwards pass the threshold more often, and jets have masses, unlike quarks
CALIBRATION = 0.98
MASS_SHAPE, MASS_SCALE = 6.0, 0.015  # mass / pt: a gamma distribution, 9 % in the mean
# relative uncertainty of the energy scale: 1 % at best, more for soft and for forward jets (there)
SCALE_BEST, SCALE_SOFT, SCALE_FORWARD = 0.01, 0.6, 0.025

# b-tag discriminant: how many jets lie above the loose, medium and tight points of CMS's CSV
# (JINST 8 (2013) P04013, and for 2012 PAS BTV-13-001); straight lines between
BTAG_MEDIUM = 0.679
POINTS = (0.0, 0.244, BTAG_MEDIUM, 0.898, 1.0)
ABOVE = {"b": (1, 0.85, 0.70, 0.50, 0), "c": (1, 0.40, 0.20, 0.06, 0), "light": (1, 0.10, 0.015, 0.001, 0)}
# relative uncertainty of these shares at the medium point (there)
TAG_UNCERTAINTY = {"b": 0.03, "c": 0.06, "light": 0.12}

PILE_UP_PER_VERTEX = 0.06  # jets above the threshold
PILE_UP_POWER = 6.0
PUID_REAL, PUID_PILE_UP = 0.96, 0.2  # how many pass (CMS, PAS JME-13-005)

JET = np.dtype(
    [
        ("event", "i8"),
        ("pt", "f8"),
        ("eta", "f8"),
        ("phi", "f8"),
        ("mass", "f8"),
        ("puId", "?"),
        ("btag", "f8"),
        ("pt_jesUp", "f8"),
        ("pt_jesDown", "f8"),
        ("partonFlavour", "i4"),
    ]
)


@dataclass(frozen=True)
class Jets:
    """Jets, sorted by event and falling pt, and the index of the particle that each comes from: -1 for pile-up."""

    table: Particles
    source: Integers


def measured_jets(rng: np.random.Generator, particles: Particles, vertices: Integers) -> Jets:
    """Measure the jets of quarks, gluons, taus and electrons, and add those of other collisions.

    Parameters
    ----------
    vertices
        How many collisions each event has.
    """
    number = np.abs(particles["pdg"])
    source = np.flatnonzero((number != 13) & particles["prompt"] & ~is_neutrino(particles))
    real = _of_particles(rng, particles[source])
    pile_up = _of_pile_up(rng, vertices)
    table = np.concatenate([real, pile_up])
    source = np.concatenate([source, np.full(len(pile_up), -1)])

    kept = (table["pt"] > LEAST_PT) & (np.abs(table["eta"]) < MOST_ETA)
    table, source = table[kept], source[kept]
    order = np.lexsort((-table["pt"], table["event"]))
    table, source = table[order], source[order]
    table["btag"] = _btag(rng, table)
    uncertainty = _scale_uncertainty(table)
    table["pt_jesUp"], table["pt_jesDown"] = table["pt"] * (1 + uncertainty), table["pt"] * (1 - uncertainty)
    return Jets(table, source)


def btag_weights(jets: Particles, count: int) -> tuple[Floats, Floats]:
    """Return the weights, relative to the nominal one, of events with more and with fewer b tags than simulated.

    At the medium point, with the usual event weight: tagged jets count (1 + u), others (1 - e (1 + u)) / (1 - e), where
    u is the uncertainty of the efficiency e. All flavours vary together.
    """
    seen = jets[np.abs(jets["eta"]) < TAGGED_ETA]
    tagged = seen["btag"] > BTAG_MEDIUM
    efficiency, uncertainty = np.empty(len(seen)), np.empty(len(seen))
    for flavour, chosen in _flavours(seen).items():
        efficiency[chosen] = ABOVE[flavour][2]
        uncertainty[chosen] = TAG_UNCERTAINTY[flavour]
    weights = []
    for shift in (uncertainty, -uncertainty):
        factor = np.where(tagged, 1 + shift, (1 - efficiency * (1 + shift)) / (1 - efficiency))
        weights.append(np.exp(summed(seen["event"], np.log(factor), count)))
    return weights[0], weights[1]


def _of_particles(rng: np.random.Generator, particles: Particles) -> Particles:
    jets = np.zeros(len(particles), JET)
    pt, number = particles["pt"], np.abs(particles["pdg"])
    safe = np.maximum(pt, 1.0)
    resolution = np.sqrt((NOISE / safe) ** 2 + STOCHASTIC**2 / safe + CONSTANT**2)
    resolution[number == 11] = 0.03  # a shower in the electromagnetic calorimeter
    jets["pt"] = CALIBRATION * pt * np.maximum(1 + resolution * rng.standard_normal(len(jets)), 0.05)
    jets["event"], jets["eta"] = particles["event"], particles["eta"] + rng.normal(0, 0.02, len(jets))
    jets["phi"] = np.mod(particles["phi"] + rng.normal(0, 0.02, len(jets)) + np.pi, 2 * np.pi) - np.pi
    jets["mass"] = jets["pt"] * rng.gamma(MASS_SHAPE, MASS_SCALE, len(jets))
    # the jet has the energy of the parton, which has no mass of its own
    jets["pt"] /= np.hypot(1, jets["mass"] / (jets["pt"] * np.cosh(jets["eta"])))
    jets["partonFlavour"] = np.where((number == 11) | (number == 15), 0, particles["pdg"])
    jets["puId"] = rng.random(len(jets)) < PUID_REAL
    return jets


def _of_pile_up(rng: np.random.Generator, vertices: Integers) -> Particles:
    event = np.repeat(np.arange(len(vertices)), rng.poisson(PILE_UP_PER_VERTEX * vertices))
    jets = np.zeros(len(event), JET)
    jets["event"] = event
    jets["pt"] = LEAST_PT * (1 - rng.random(len(jets))) ** (-1 / PILE_UP_POWER)
    jets["eta"], jets["phi"] = rng.uniform(-MOST_ETA, MOST_ETA, len(jets)), azimuths(rng, len(jets))
    jets["mass"] = jets["pt"] * rng.gamma(MASS_SHAPE, MASS_SCALE, len(jets))
    jets["puId"] = rng.random(len(jets)) < PUID_PILE_UP
    return jets


def _flavours(jets: Particles) -> dict[str, Flags]:
    number = np.abs(jets["partonFlavour"])
    return {"b": number == 5, "c": number == 4, "light": (number != 5) & (number != 4)}


def _btag(rng: np.random.Generator, jets: Particles) -> Floats:
    """Draw discriminants; jets without tracks get 0."""
    chance, drawn = rng.random(len(jets)), np.zeros(len(jets))
    for flavour, chosen in _flavours(jets).items():
        drawn[chosen] = np.interp(chance[chosen], ABOVE[flavour][::-1], POINTS[::-1])
    return np.where(np.abs(jets["eta"]) < TAGGED_ETA, drawn, 0.0)


def _scale_uncertainty(jets: Particles) -> Floats:
    forward = SCALE_FORWARD * (jets["eta"] / MOST_ETA) ** 2
    uncertainty: Floats = np.sqrt(SCALE_BEST**2 + (SCALE_SOFT / jets["pt"]) ** 2 + forward**2)
    return uncertainty
