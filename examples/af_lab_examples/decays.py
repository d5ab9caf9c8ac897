"""Momenta, and decays of many particles at once.

Four-momenta are arrays of shape ``(4, n)``: x, y, z and energy, in GeV.
"""

from __future__ import annotations

import sys

import cloudpickle
import numpy as np
import numpy.typing as npt

__all__ = ["Floats", "Integers", "azimuths", "breit_wigner", "falling_pt", "four_momentum", "mass_of", "two_body"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers that make samples need none of this

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def azimuths(rng: np.random.Generator, count: int) -> Floats:
    """Draw angles, uniformly."""
    return rng.uniform(-np.pi, np.pi, count)


def falling_pt(rng: np.random.Generator, scale: float, count: int) -> Floats:
    """Draw transverse momenta from dN/dpt ~ pt / (1 + (pt / scale)^2)^3, which is highest at 0.45 times the scale."""
    pt: Floats = scale * np.sqrt((1 - rng.random(count)) ** -0.5 - 1)
    return pt


def breit_wigner(rng: np.random.Generator, mass: float, width: float, count: int, *, widths: float = 12) -> Floats:
    """Draw masses from the line shape of a resonance, cut off at this number of widths from the peak."""
    reach = np.arctan(2 * widths) * rng.uniform(-1, 1, count)
    masses: Floats = mass + width / 2 * np.tan(reach)
    return masses


def four_momentum(x: Floats, y: Floats, rapidity: Floats, mass: Floats) -> Floats:
    """Return the momenta of particles whose transverse components (GeV) and rapidities are known."""
    transverse = np.sqrt(mass**2 + x**2 + y**2)
    return np.stack([x, y, transverse * np.sinh(rapidity), transverse * np.cosh(rapidity)])


def mass_of(momentum: Floats) -> Floats:
    """Return invariant masses; those of massless particles may be rounded to 0."""
    mass: Floats = np.sqrt(np.maximum(momentum[3] ** 2 - (momentum[:3] ** 2).sum(axis=0), 0))
    return mass


def two_body(
    rng: np.random.Generator, parent: Floats, first_mass: Floats | float, second_mass: Floats | float
) -> tuple[Floats, Floats]:
    """Let parents decay isotropically.

    Returns
    -------
    first, second
        Momenta of the products; they add up to the parent's.
    """
    count = parent.shape[1]
    mass = mass_of(parent)
    first_energy = (mass**2 + np.square(first_mass) - np.square(second_mass)) / (2 * mass)
    size = np.sqrt(np.maximum(first_energy**2 - np.square(first_mass), 0))
    cos_theta = rng.uniform(-1, 1, count)
    across = size * np.sqrt(1 - cos_theta**2)
    azimuth = azimuths(rng, count)
    at_rest = np.stack([across * np.cos(azimuth), across * np.sin(azimuth), size * cos_theta])

    # Lorentz boost with the parent's four-velocity; its spatial part is momentum / mass
    velocity, gamma = parent[:3] / mass, parent[3] / mass
    along = (velocity * at_rest).sum(axis=0)
    first = np.concatenate([at_rest + velocity * (along / (gamma + 1) + first_energy), [gamma * first_energy + along]])
    return first, parent - first
