"""Muon pairs as a detector sees them: two-body decays, resolution and acceptance, for many pairs at once."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import cloudpickle
import numpy as np
import numpy.typing as npt

__all__ = ["MUON_MASS", "Muons", "accepted_pairs", "single_muons"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # see writing.py

Floats = npt.NDArray[np.float64]

MUON_MASS = 0.1056583755  # GeV

MINIMUM_PT = 3.0  # GeV, the threshold of the double-muon data
MAXIMUM_ETA = 2.4  # where the muon chambers end


@dataclass(frozen=True)
class Muons:
    """Measured muons, one array per component, all of one shape; `pt` in GeV."""

    pt: Floats
    eta: Floats
    phi: Floats


def accepted_pairs(rng: np.random.Generator, mass: Floats, pt_scale: Floats) -> Muons:
    """Let parents decay to two muons, and measure these.

    Parents whose muons miss the detector are drawn again with another momentum and the same mass, so that
    acceptance changes neither the mass spectrum nor the shares of the processes.

    Parameters
    ----------
    mass
        Of each parent, in GeV, above twice the muon's.
    pt_scale
        Where the parents' transverse momentum begins to fall steeply, in GeV.

    Returns
    -------
    Muons
        Of shape ``(len(mass), 2)``.
    """
    pairs = Muons(*(np.empty((len(mass), 2)) for _ in range(3)))
    missing = np.arange(len(mass))
    while len(missing):
        pt, eta, phi = _decay(rng, mass[missing], pt_scale[missing])
        pt *= 1 + _pt_resolution(pt, eta) * rng.standard_normal(pt.shape)
        seen = ((pt > MINIMUM_PT) & (np.abs(eta) < MAXIMUM_ETA)).all(axis=1)
        found = missing[seen]
        pairs.pt[found], pairs.eta[found], pairs.phi[found] = pt[seen], eta[seen], phi[seen]
        missing = missing[~seen]
    return pairs


def single_muons(rng: np.random.Generator, count: int) -> Muons:
    """Draw muons without a partner, from decays in jets for the most part: soft, in all directions."""
    return Muons(
        pt=MINIMUM_PT + rng.exponential(7.0, count),
        eta=rng.uniform(-MAXIMUM_ETA, MAXIMUM_ETA, count),
        phi=rng.uniform(-np.pi, np.pi, count),
    )


def _decay(rng: np.random.Generator, mass: Floats, pt_scale: Floats) -> tuple[Floats, Floats, Floats]:
    """Return true pt, eta and phi of both muons of each parent, which decays isotropically."""
    count = len(mass)
    parent = _parent_momentum(rng, mass, pt_scale)

    cos_theta = rng.uniform(-1, 1, count)
    sin_theta = np.sqrt(1 - cos_theta**2)
    azimuth = rng.uniform(-np.pi, np.pi, count)
    at_rest = np.sqrt(mass**2 / 4 - MUON_MASS**2) * np.stack(
        [sin_theta * np.cos(azimuth), sin_theta * np.sin(azimuth), cos_theta]
    )

    # Lorentz boost with the parent's four-velocity; its spatial part is momentum / mass
    velocity = parent / mass
    gamma = np.sqrt(1 + (velocity**2).sum(axis=0))
    along = (velocity * at_rest).sum(axis=0) / (gamma + 1)
    first = at_rest + velocity * (along + mass / 2)
    x, y, z = np.stack([first, parent - first], axis=-1)

    pt = np.hypot(x, y)
    return pt, np.arcsinh(z / pt), np.arctan2(y, x)


def _parent_momentum(rng: np.random.Generator, mass: Floats, pt_scale: Floats) -> Floats:
    """Return x, y and z of momenta with dN/dpt ~ pt / (1 + (pt / scale)^2)^3, flat in rapidity and azimuth."""
    count = len(mass)
    pt = pt_scale * np.sqrt((1 - rng.random(count)) ** -0.5 - 1)
    rapidity = rng.uniform(-MAXIMUM_ETA, MAXIMUM_ETA, count)
    phi = rng.uniform(-np.pi, np.pi, count)
    return np.stack([pt * np.cos(phi), pt * np.sin(phi), np.hypot(mass, pt) * np.sinh(rapidity)])


def _pt_resolution(pt: Floats, eta: Floats) -> Floats:
    """Return the relative resolution, about as in CMS: 1 % in the barrel, 2 % at the ends, more at high pt."""
    return np.hypot(0.01 + 0.01 * (eta / MAXIMUM_ETA) ** 2, 1e-4 * pt)
