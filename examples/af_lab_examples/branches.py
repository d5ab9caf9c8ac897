"""Measured events as branches, named and typed as in the files that CMS published as NanoAOD of 2012."""

from __future__ import annotations

import sys
from typing import Any

import awkward as ak
import cloudpickle
import numpy as np
import numpy.typing as npt

from af_lab_examples.decays import Integers
from af_lab_examples.detector import Measured
from af_lab_examples.jets import btag_weights
from af_lab_examples.particles import Particles

__all__ = ["data_branches", "data_types", "simulation_branches", "simulation_types"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

NUMBERS = {"run": "int32", "luminosityBlock": "uint32", "event": "uint64"}
PER_EVENT = {
    "HLT_IsoMu24": "bool",
    "HLT_Mu17_Mu8": "bool",
    "HLT_Ele27_WP80": "bool",
    "PV_npvs": "int32",
    "MET_pt": "float32",
    "MET_phi": "float32",
    "MET_sumet": "float32",
}
WEIGHTS = {"genWeight": "float32", "btagWeight_up": "float32", "btagWeight_down": "float32"}

KINEMATIC = {"pt": "float32", "eta": "float32", "phi": "float32", "mass": "float32"}
VERTEX = {"dxy": "float32", "dxyErr": "float32", "dz": "float32", "dzErr": "float32", "jetIdx": "int32"}
ISOLATION_03, ISOLATION_04 = {"pfRelIso03_all": "float32"}, {"pfRelIso04_all": "float32"}
MUON = {
    **KINEMATIC,
    "charge": "int32",
    **ISOLATION_03,
    **ISOLATION_04,
    "tightId": "bool",
    "softId": "bool",
    **VERTEX,
}
ELECTRON = {**KINEMATIC, "charge": "int32", **ISOLATION_03, **VERTEX, "cutBasedId": "bool"}
JET = {**KINEMATIC, "puId": "bool", "btag": "float32"}
SIMULATED_JET = {**JET, "pt_jesUp": "float32", "pt_jesDown": "float32", "partonFlavour": "int32"}

FIRST_RUN, EVENTS_OF_RUN = 194_000, 200_000  # runs of data are numbered upwards from there; simulation has run 1
EVENTS_OF_BLOCK = 500
# A generator's weight alone has no meaning, only its ratio to the sum over all events.
WEIGHT, NEGATIVE_SHARE = 1.5, 0.02


def data_types() -> dict[str, str]:
    """Return names and types of the branches of data."""
    return _types(JET)


def simulation_types() -> dict[str, str]:
    """Return names and types of the branches of simulation."""
    return _types(SIMULATED_JET) | WEIGHTS


def data_branches(measured: Measured, first: int) -> dict[str, Any]:
    """Return the arrays to write.

    Parameters
    ----------
    first
        How many events of the sample come before: events of a sample are numbered consecutively.
    """
    index = np.arange(first, first + len(measured.events))
    return _numbers(FIRST_RUN + index // EVENTS_OF_RUN, index % EVENTS_OF_RUN, index) | _common(measured, JET)


def simulation_branches(rng: np.random.Generator, measured: Measured, first: int) -> dict[str, Any]:
    """Return the arrays to write, generator's weights and variations among them."""
    count = len(measured.events)
    index = np.arange(first, first + count)
    more, fewer = btag_weights(measured.jets, count)
    weights = {
        "genWeight": np.where(rng.random(count) < NEGATIVE_SHARE, -WEIGHT, WEIGHT) * measured.events["weight"],
        "btagWeight_up": more,
        "btagWeight_down": fewer,
    }
    return (
        _numbers(np.ones(count, np.int64), index, index)
        | _common(measured, SIMULATED_JET)
        | {name: weights[name].astype(kind) for name, kind in WEIGHTS.items()}
    )


def _types(jet: dict[str, str]) -> dict[str, str]:
    def record(fields: dict[str, str]) -> str:
        return "var * {" + ", ".join(f"{name}: {kind}" for name, kind in fields.items()) + "}"

    return NUMBERS | PER_EVENT | {"Muon": record(MUON), "Electron": record(ELECTRON), "Jet": record(jet)}


def _numbers(run: Integers, in_run: Integers, index: Integers) -> dict[str, npt.NDArray[Any]]:
    columns = {"run": run, "luminosityBlock": in_run // EVENTS_OF_BLOCK + 1, "event": index + 1}
    return {name: columns[name].astype(kind) for name, kind in NUMBERS.items()}


def _common(measured: Measured, jet: dict[str, str]) -> dict[str, Any]:
    count = len(measured.events)
    branches: dict[str, Any] = {name: measured.events[name].astype(kind) for name, kind in PER_EVENT.items()}
    for name, table, fields in (
        ("Muon", measured.muons, MUON),
        ("Electron", measured.electrons, ELECTRON),
        ("Jet", measured.jets, jet),
    ):
        branches[name] = _collection(table, fields, count)
    return branches


def _collection(table: Particles, fields: dict[str, str], count: int) -> ak.Array:
    records = ak.zip({name: table[name].astype(kind) for name, kind in fields.items()})
    return ak.unflatten(records, np.bincount(table["event"], minlength=count))
