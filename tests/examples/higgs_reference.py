"""Four leptons as a loop over events in plain Python, and events that lie where mistakes are made."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path

import numpy as np

from tests.examples.adl_reference import system
from tests.examples.random_events import Array, Event, near, read, write

KINDS = {"Muon": (5.0, 2.4, "pfRelIso04_all"), "Electron": (7.0, 2.5, "pfRelIso03_all")}
Filled = list[tuple[dict[str, float], float, str]]


def analyse(file: Path) -> tuple[Filled, float, int]:
    """Return masses, weight and channel of each selected event, all weights, and how many have four leptons."""
    filled: Filled = []
    total = 0.0
    with_four = 0
    for event in read(file):
        weight = event.get("genWeight", 1.0)
        total += weight
        leptons = [lepton | {"kind": kind} for kind in KINDS for lepton in event[kind] if is_good(lepton, kind)]
        hard = sorted((lepton["pt"] for lepton in leptons), reverse=True)
        charges = {kind: sum(one["charge"] for one in leptons if one["kind"] == kind) for kind in KINDS}
        if len(leptons) != 4 or any(charges.values()) or not (hard[0] > 20 and hard[1] > 10):
            continue
        with_four += 1
        pairs = [
            pair
            for pair in combinations(leptons, 2)
            if pair[0]["kind"] == pair[1]["kind"] and pair[0]["charge"] != pair[1]["charge"]
        ]
        best = min(pairs, key=lambda pair: abs(system(*pair)[0] - 91.2))
        rest = [lepton for lepton in leptons if all(lepton is not one for one in best)]
        masses = {"m4l": system(*leptons)[0], "mZ1": system(*best)[0], "mZ2": system(*rest)[0]}
        if 40 < masses["mZ1"] < 120 and 12 < masses["mZ2"] < 120:
            muons = sum(lepton["kind"] == "Muon" for lepton in leptons)
            filled.append((masses, weight, {4: "4mu", 0: "4e", 2: "2e2mu"}[muons]))
    return filled, total, with_four


def is_good(lepton: Event, kind: str) -> bool:
    pt, eta, isolation = KINDS[kind]
    distance = math.sqrt(lepton["dxy"] ** 2 + lepton["dz"] ** 2)
    error = math.sqrt(lepton["dxyErr"] ** 2 + lepton["dzErr"] ** 2)
    return bool(
        lepton["pt"] > pt
        and abs(lepton["eta"]) < eta
        and abs(lepton[isolation]) < 0.40
        and distance / error < 4
        and abs(lepton["dxy"]) < 0.5
        and abs(lepton["dz"]) < 1
    )


def make(file: Path, count: int, seed: int, *, weighted: bool = True) -> None:
    """Write random events, many of which have four leptons; values lie on all limits of the selection."""
    rng = np.random.default_rng(seed)
    muons = rng.choice([0, 1, 2, 3, 4, 5], size=count, p=[0.15, 0.05, 0.4, 0.05, 0.3, 0.05])
    electrons = np.where(rng.random(count) < 0.9, np.clip(4 - muons, 0, 4), rng.integers(0, 4, count))
    numbers = {"Muon": muons, "Electron": electrons}
    fields: dict[str, Array] = {}
    for kind, (least, most, _) in KINDS.items():
        total = int(numbers[kind].sum())
        charge = np.where(np.arange(total) % 2, 1, -1)
        charge[rng.random(total) < 0.1] *= -1
        exact = rng.random(total) < 0.05
        error = (2.0 ** -rng.integers(4, 9, total)).astype(np.float32)
        dxy = np.where(exact, 4 * error, near(rng, rng.normal(0, 1.5, total) * error, (0.5,), 0.02))
        dz = np.where(exact, 0, near(rng, rng.normal(0, 1.5, total) * error, (1.0, -1.0), 0.02))
        wide = np.abs(dxy) > 0.4
        wide |= np.abs(dz) > 0.4
        values = {
            "pt": near(rng, 6 + rng.exponential(30, total), (least, 10.0, 20.0), 0.1),
            "eta": near(rng, rng.normal(0, 1.2, total), (most, -most), 0.03),
            "phi": rng.uniform(-np.pi, np.pi, total),
            "mass": np.full(total, 0.10566 if kind == "Muon" else 0.000511),
            "pfRelIso03_all": near(rng, rng.exponential(0.08, total), (0.4,), 0.05),
            "pfRelIso04_all": near(rng, rng.exponential(0.08, total), (0.4,), 0.05),
            "dxy": dxy,
            "dz": dz,
            "dxyErr": np.where(wide, 0.5, error),
            "dzErr": np.where(exact, 0, np.where(wide, 0.5, error)),
        }
        fields |= {f"{kind}_{name}": array.astype(np.float32) for name, array in values.items()}
        fields[f"{kind}_charge"] = charge.astype(np.int32)
    of_events = {"run": np.ones(count, np.int32)}
    if weighted:
        of_events["genWeight"] = rng.choice(np.array([1.5, 0.7, -1.5], np.float32), count, p=[0.6, 0.3, 0.1])
    write(file, numbers, fields, of_events)
