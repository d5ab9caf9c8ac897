"""The mass of muon pairs, straight from the columns of the files and with double precision."""

from __future__ import annotations

from collections.abc import Sequence

import awkward as ak
import numpy as np
import numpy.typing as npt
import uproot

Floats = npt.NDArray[np.float64]


def two_muons(files: Sequence[str]) -> ak.Array:
    events = uproot.concatenate([f"{file}:Events" for file in files])
    return events[events.nMuon == 2]


def opposite_charge(events: ak.Array) -> ak.Array:
    return events[events.Muon_charge[:, 0] != events.Muon_charge[:, 1]]


def masses(pairs: ak.Array) -> Floats:
    pt, eta, phi, mass = (
        ak.to_numpy(pairs[f"Muon_{name}"]).astype(np.float64) for name in ("pt", "eta", "phi", "mass")
    )
    momenta = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)])
    energies = np.sqrt((momenta**2).sum(axis=0) + mass**2)
    squared: Floats = energies.sum(axis=1) ** 2 - (momenta.sum(axis=2) ** 2).sum(axis=0)
    return np.sqrt(squared)
