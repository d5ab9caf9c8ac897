"""Events of generated files, straight from their columns and with double precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import awkward as ak
import numpy as np
import numpy.typing as npt
import uproot
from scipy.optimize import curve_fit

Floats = npt.NDArray[np.float64]
Shape = Callable[[Floats, float, float], Floats]


def arrays(files: Sequence[str]) -> ak.Array:
    return uproot.concatenate([f"{file}:Events" for file in files])


def objects(events: ak.Array, name: str) -> ak.Array:
    """Return a collection with its Cartesian momenta beside its branches."""
    fields = {field.removeprefix(f"{name}_"): events[field] for field in events.fields if field.startswith(f"{name}_")}
    pt, eta, phi, mass = (ak.values_astype(fields[field], np.float64) for field in ("pt", "eta", "phi", "mass"))
    x, y, z = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    return ak.zip(fields | {"x": x, "y": y, "z": z, "t": np.sqrt(x**2 + y**2 + z**2 + mass**2)})


def mass_of(*parts: ak.Array) -> ak.Array:
    """Return the invariant mass of what has one momentum in each of the parts."""
    x, y, z, t = (sum(part[axis] for part in parts) for axis in "xyzt")
    return np.sqrt(np.maximum(t**2 - x**2 - y**2 - z**2, 0))


def gauss(x: Floats, peak: float, sigma: float) -> Floats:
    shape: Floats = np.exp(-0.5 * ((x - peak) / sigma) ** 2) / sigma / np.sqrt(2 * np.pi)
    return shape


def fit(mass: ak.Array, low: float, high: float, shape: Shape, start: float, sigma: float) -> tuple[Floats, Floats]:
    """Fit a peak over a straight line; return peak, resolution and entries, and the errors of these."""
    counts, edges = np.histogram(ak.to_numpy(mass), np.linspace(low, high, 61))
    centres, width = (edges[:-1] + edges[1:]) / 2, edges[1] - edges[0]

    def model(x: Floats, peak: float, sigma: float, entries: float, level: float, slope: float) -> Floats:
        expected: Floats = entries * width * shape(x, peak, sigma) + level + slope * (x - low)
        return expected

    guess = [start, sigma, counts.sum() / 2, counts[0], 0]
    found, covariance = curve_fit(model, centres, counts, guess, sigma=np.sqrt(np.maximum(counts, 1)))
    return found[:3], np.sqrt(np.diag(covariance))[:3]
