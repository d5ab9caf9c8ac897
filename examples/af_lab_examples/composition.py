"""What the dimuon sample is made of, and its events as arrays."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import awkward as ak
import cloudpickle
import numpy as np
import numpy.typing as npt

from af_lab_examples.kinematics import MUON_MASS, Floats, Muons, accepted_pairs, single_muons

__all__ = ["RESONANCES", "Resonance", "dimuon_events"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # see writing.py

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Resonance:
    """A particle that decays to two muons.

    `mass`, `width` (natural, full) and `pt_scale` in GeV; `share` is its part of all muon pairs.
    """

    name: str
    mass: float
    width: float
    share: float
    pt_scale: float


# masses and widths: Particle Data Group; widths far below the resolution are left out
RESONANCES = (
    Resonance("omega", mass=0.7827, width=0.0087, share=0.006, pt_scale=20),
    Resonance("phi", mass=1.0195, width=0.0042, share=0.005, pt_scale=20),
    Resonance("J/psi", mass=3.0969, width=0, share=0.08, pt_scale=20),
    Resonance("psi(2S)", mass=3.6861, width=0, share=0.006, pt_scale=20),
    Resonance("Upsilon(1S)", mass=9.4604, width=0, share=0.020, pt_scale=20),
    Resonance("Upsilon(2S)", mass=10.0234, width=0, share=0.008, pt_scale=20),
    Resonance("Upsilon(3S)", mass=10.3551, width=0, share=0.006, pt_scale=20),
    Resonance("Z", mass=91.1880, width=2.4955, share=0.14, pt_scale=18),
)
CONTINUUM = "continuum"

# as in 100,000 events that CMS recorded in 2012 with its double-muon triggers
MUONS_PER_EVENT = (0.032, 0.134, 0.490, 0.217, 0.080, 0.030, 0.017)

CONTINUUM_RANGE = (0.22, 400.0)  # GeV
CONTINUUM_SLOPE = 1.35  # dN/dm ~ m ** -slope
CONTINUUM_PT_SCALE = 15.0  # GeV
SAME_SIGN_SHARE = 0.3  # of the continuum: pairs of unrelated muons


def dimuon_events(rng: np.random.Generator, count: int) -> tuple[ak.Array, dict[str, int]]:
    """Draw events with none to six muons.

    Returns
    -------
    events
        One record field ``Muon`` with the types of CMS's NanoAOD. Muons of an event are ordered by falling pt.
    truth
        How many events with exactly two muons come from each resonance and from the continuum.
    """
    muons = rng.choice(len(MUONS_PER_EVENT), size=count, p=MUONS_PER_EVENT)
    paired = np.flatnonzero(muons >= 2)
    others = np.repeat(np.arange(count), np.where(muons >= 2, muons - 2, muons))

    origin = _origins(rng, len(paired))
    pairs = accepted_pairs(rng, _masses(rng, origin), _pt_scales(origin))
    events = _assemble(
        count,
        event=np.concatenate([np.repeat(paired, 2), others]),
        muons=_joined(pairs, single_muons(rng, len(others))),
        charge=np.concatenate([_pair_charges(rng, origin).ravel(), rng.choice([-1, 1], size=len(others))]),
    )
    clean = np.bincount(origin[muons[paired] == 2], minlength=len(RESONANCES) + 1)
    names = [*(resonance.name for resonance in RESONANCES), CONTINUUM]
    return events, dict(zip(names, clean.tolist(), strict=True))


def _origins(rng: np.random.Generator, count: int) -> Integers:
    """Return the index in `RESONANCES` of each pair; the index behind the last one is the continuum."""
    shares = [resonance.share for resonance in RESONANCES]
    return rng.choice(len(RESONANCES) + 1, size=count, p=[*shares, 1 - sum(shares)])


def _masses(rng: np.random.Generator, origin: Integers) -> Floats:
    low, high = (edge ** (1 - CONTINUUM_SLOPE) for edge in CONTINUUM_RANGE)
    masses: Floats = (low + (high - low) * rng.random(len(origin))) ** (1 / (1 - CONTINUUM_SLOPE))
    for index, resonance in enumerate(RESONANCES):
        chosen = origin == index
        masses[chosen] = _breit_wigner(rng, resonance, int(chosen.sum()))
    return masses


def _breit_wigner(rng: np.random.Generator, resonance: Resonance, count: int) -> Floats:
    """Draw from the line shape, cut off 12 widths from the peak, where only the continuum matters."""
    reach = np.arctan(24) * rng.uniform(-1, 1, count)
    masses: Floats = resonance.mass + resonance.width / 2 * np.tan(reach)
    return masses


def _pt_scales(origin: Integers) -> Floats:
    scales: Floats = np.array([*(resonance.pt_scale for resonance in RESONANCES), CONTINUUM_PT_SCALE])
    return scales[origin]


def _pair_charges(rng: np.random.Generator, origin: Integers) -> Integers:
    """Return charges of shape ``(len(origin), 2)``: opposite, except for some of the continuum."""
    first = rng.choice([-1, 1], size=len(origin))
    same = (origin == len(RESONANCES)) & (rng.random(len(origin)) < SAME_SIGN_SHARE)
    return np.stack([first, np.where(same, first, -first)], axis=1)


def _joined(pairs: Muons, others: Muons) -> Muons:
    return Muons(
        pt=np.concatenate([pairs.pt.ravel(), others.pt]),
        eta=np.concatenate([pairs.eta.ravel(), others.eta]),
        phi=np.concatenate([pairs.phi.ravel(), others.phi]),
    )


def _assemble(count: int, event: Integers, muons: Muons, charge: Integers) -> ak.Array:
    """Sort muons into their events."""
    order = np.lexsort((-muons.pt, event))
    records = ak.zip(
        {
            "pt": muons.pt[order].astype(np.float32),
            "eta": muons.eta[order].astype(np.float32),
            "phi": muons.phi[order].astype(np.float32),
            "mass": np.full(len(order), MUON_MASS, np.float32),
            "charge": charge[order].astype(np.int32),
        }
    )
    return ak.zip({"Muon": ak.unflatten(records, np.bincount(event, minlength=count))}, depth_limit=1)
