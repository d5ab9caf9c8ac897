"""What leaves a collision, before a detector measures it: one record per particle, for many events at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cloudpickle
import numpy as np
import numpy.typing as npt

from af_lab_examples.decays import Floats, Integers, azimuths

__all__ = [
    "Drawn",
    "Flags",
    "Particles",
    "decay_taus",
    "enriched_radiation",
    "is_lepton",
    "is_neutrino",
    "joined",
    "radiation",
    "records",
    "summed",
    "total",
]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

Particles = npt.NDArray[np.void]
Flags = npt.NDArray[np.bool_]

# `event` counts from 0; `pdg` is the number of the Particle Data Group's scheme; pt and mass in GeV.
# `prompt`: from the hard process, and not from a decay inside a jet
PARTICLE = np.dtype(
    [("event", "i8"), ("pdg", "i4"), ("prompt", "?"), ("pt", "f8"), ("eta", "f8"), ("phi", "f8"), ("mass", "f8")]
)

# Radiated jets (GeV): the spectrum falls with this power of pt, as QCD's does at these momenta, about
RADIATED_LEAST, RADIATED_MOST, RADIATED_POWER = 12.0, 600.0, 3.2
# the same where events with many jets are wanted; no event then weighs more than 2.5 times the average
ENRICHED_RATIO, ENRICHED_POWER = 0.8, 2.4
RADIATED_SPREAD = 2.0  # standard deviation of the rapidity
# quarks among them: gluons that split, about what CMS finds beside Z and W bosons
RADIATED_FLAVOURS = ((5, 0.015), (4, 0.05), (1, 0.335), (21, 0.6))

# Particle Data Group: tau -> e nu nu, tau -> mu nu nu; all else is hadrons
TAU_TO_ELECTRON, TAU_TO_MUON = 0.1782, 0.1739


@dataclass(frozen=True)
class Drawn:
    """Events of a process: their particles, and the kind of each event (an index of the process's kinds).

    `weight`: how many natural events each event represents, relative to the others.
    """

    particles: Particles
    kind: Integers
    weight: Floats | float = 1.0


def records(
    event: Integers, pdg: npt.ArrayLike, momentum: Floats, *, prompt: bool = True, mass: npt.ArrayLike = 0.0
) -> Particles:
    """Return particles with these four-momenta; their energies are left out, because they follow from `mass`."""
    pt = np.hypot(momentum[0], momentum[1])
    made = np.empty(len(event), PARTICLE)
    columns: dict[str, Any] = {
        "event": event,
        "pdg": pdg,
        "prompt": prompt,
        "pt": pt,
        "eta": np.arcsinh(momentum[2] / np.maximum(pt, 1e-9)),
        "phi": np.arctan2(momentum[1], momentum[0]),
        "mass": mass,
    }
    for name, values in columns.items():
        made[name] = values
    return made


def joined(parts: Sequence[Particles]) -> Particles:
    """Return the particles of several tables in one table."""
    return np.concatenate(parts)


def is_lepton(particles: Particles) -> Flags:
    """Return which particles are electrons or muons."""
    return np.isin(np.abs(particles["pdg"]), (11, 13))


def is_neutrino(particles: Particles) -> Flags:
    """Return which particles are neutrinos."""
    return np.isin(np.abs(particles["pdg"]), (12, 14, 16))


def summed(event: Integers, values: Floats, count: int) -> Floats:
    """Return the sum of the values of each of `count` events."""
    sums: Floats = np.bincount(event, values, minlength=count).astype(np.float64)
    return sums


def total(particles: Particles, count: int) -> tuple[Floats, Floats]:
    """Return the sums of x and y components of the particles of each of `count` events."""
    event, pt, phi = particles["event"], particles["pt"], particles["phi"]
    return summed(event, pt * np.cos(phi), count), summed(event, pt * np.sin(phi), count)


def radiation(rng: np.random.Generator, count: int, ratio: float, power: float = RADIATED_POWER) -> Particles:
    """Draw jets beside the hard process of `count` events.

    Parameters
    ----------
    ratio
        Of events with n + 1 jets to events with n: constant, as found for W and Z bosons (Berends scaling).
    power
        Of pt, with which the spectrum falls.
    """
    event = np.repeat(np.arange(count), rng.geometric(1 - ratio, count) - 1)
    low, high = _ends(power)
    pt = (low + (high - low) * rng.random(len(event))) ** (1 / (1 - power))
    eta = RADIATED_SPREAD * rng.standard_normal(len(event))
    phi = azimuths(rng, len(event))
    flavours, shares = zip(*RADIATED_FLAVOURS, strict=True)
    pdg = rng.choice(flavours, size=len(event), p=shares)
    pdg[pdg != 21] *= rng.choice([-1, 1], size=int((pdg != 21).sum()))
    return records(event, pdg, np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)]))


def enriched_radiation(rng: np.random.Generator, count: int, ratio: float) -> tuple[Particles, Floats]:
    """Draw more and harder jets than `radiation` does, as generators do for rare kinds of events.

    Returns
    -------
    jets
        Of `count` events.
    weight
        Of each event: the ratio of its natural probability to the probability used here. With these
        weights, all distributions are those of `radiation`.
    """
    jets = radiation(rng, count, ENRICHED_RATIO, ENRICHED_POWER)
    natural, enriched = (
        np.log(part * (power - 1) / (low - high)) - power * np.log(jets["pt"])
        for part, power in ((ratio, RADIATED_POWER), (ENRICHED_RATIO, ENRICHED_POWER))
        for low, high in [_ends(power)]
    )
    weight: Floats = (1 - ratio) / (1 - ENRICHED_RATIO) * np.exp(summed(jets["event"], natural - enriched, count))
    return jets, weight


def _ends(power: float) -> tuple[float, float]:
    """Return the ends of the spectrum in the variable in which it is flat."""
    return RADIATED_LEAST ** (1 - power), RADIATED_MOST ** (1 - power)


def decay_taus(rng: np.random.Generator, particles: Particles) -> Particles:
    """Replace taus by their visible decay products and their neutrinos.

    All products fly along the tau, whose energy is much larger than its mass here. What remains with number 15 is
    the jet of a hadronic decay.
    """
    taus = np.flatnonzero(np.abs(particles["pdg"]) == 15)
    # lepton's share x of the energy: density (5 - 9 x^2 + 4 x^3) / 3, of a tau without polarisation; see
    # the chapter on muon decay of the Review of Particle Physics, for a fast parent
    grid = np.linspace(0, 1, 201)
    leptonic = np.interp(rng.random(len(taus)), (5 * grid - 3 * grid**3 + grid**4) / 3, grid)
    hadronic = rng.uniform(0.3, 1.0, len(taus))
    channel = rng.random(len(taus))
    number = np.where(channel < TAU_TO_ELECTRON, 11, np.where(channel < TAU_TO_ELECTRON + TAU_TO_MUON, 13, 15))
    share = np.where(number == 15, hadronic, leptonic)

    seen, neutrinos = particles.copy(), particles[taus]
    neutrinos["pdg"] = np.sign(neutrinos["pdg"]) * 16
    neutrinos["pt"] *= 1 - share
    seen["pdg"][taus] = np.sign(seen["pdg"][taus]) * number
    seen["pt"][taus] *= share
    return joined([seen, neutrinos])
