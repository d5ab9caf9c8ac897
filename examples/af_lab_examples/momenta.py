"""Four-momenta with double precision, for coffea."""

from __future__ import annotations

import sys

import awkward as ak
import cloudpickle
from coffea.nanoevents.methods import vector

__all__ = ["momenta"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])


def momenta(particles: ak.Array, *more: str) -> ak.Array:
    """Return four-momenta with double precision, and `more` fields of the particles.

    With the single precision of the files, the mass of a light pair depends on the order of the terms in sums, and
    so on the framework: tens of muon pairs in a million change their bin.
    """
    components = {name: ak.values_astype(particles[name], "float64") for name in ("pt", "eta", "phi", "mass")}
    return ak.zip(
        components | {name: particles[name] for name in more},
        with_name="PtEtaPhiMLorentzVector",
        behavior=vector.behavior,
    )
