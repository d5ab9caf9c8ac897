"""Top pairs and their variations as a loop over events in plain Python, and events where mistakes are made."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np

from tests.examples.adl_reference import distance, system
from tests.examples.random_events import Array, Event, near, read, write

LEPTONS = {"Muon": ("tightId", "pfRelIso04_all"), "Electron": ("cutBasedId", "pfRelIso03_all")}
ENERGIES = {"nominal": "pt", "jesUp": "pt_jesUp", "jesDown": "pt_jesDown"}
Filled = dict[tuple[str, str], list[tuple[float, float]]]


def analyse(file: Path, process: str) -> tuple[Filled, float]:
    """Return observables and weights by region and variation, and the sum of all weights."""
    filled: Filled = {}
    total = 0.0
    for event in read(file):
        total += event["genWeight"]
        leptons = [lepton for kind in LEPTONS for lepton in event[kind] if is_good(lepton, kind)]
        if len(leptons) != 1:
            continue
        for varied, energy in ENERGIES.items():
            jets = [jet | {"pt": jet[energy]} for jet in event["Jet"] if distance(jet, leptons[0]) > 0.4]
            found = region(jets)
            if found is None:
                continue
            name, observable = found
            for variation, weight in weights(event, process).items() if varied == "nominal" else [(varied, 1.0)]:
                filled.setdefault((name, variation), []).append((observable, event["genWeight"] * weight))
    return filled, total


def weights(event: Event, process: str) -> dict[str, float]:
    changed = {"nominal": 1.0, "btagUp": event["btagWeight_up"], "btagDown": event["btagWeight_down"]}
    return changed | ({"scaleUp": 1.3, "scaleDown": 0.7} if process == "wjets" else {})


def region(jets: list[Event]) -> tuple[str, float] | None:
    jets = [jet for jet in jets if jet["pt"] > 25]
    tags = sum(jet["btag"] > 0.679 for jet in jets)
    if len(jets) < 4 or not tags:
        return None
    if tags == 1:
        return "4j1b", sum(jet["pt"] for jet in jets)
    triplets = [three for three in combinations(jets, 3) if any(jet["btag"] > 0.679 for jet in three)]
    return "4j2b", max((system(*three) for three in triplets), key=lambda mass_and_pt: mass_and_pt[1])[0]


def is_good(lepton: Event, kind: str) -> bool:
    identification, isolation = LEPTONS[kind]
    return bool(lepton["pt"] > 25 and abs(lepton["eta"]) < 2.1 and lepton[isolation] < 0.15 and lepton[identification])


def make(file: Path, count: int, seed: int) -> None:
    """Write random events with about one lepton and some five jets; values lie on all limits of the selection."""
    rng = np.random.default_rng(seed)
    numbers = {"Muon": rng.poisson(0.8, count), "Electron": rng.poisson(0.6, count), "Jet": rng.poisson(6, count)}
    totals = {kind: int(number.sum()) for kind, number in numbers.items()}
    fields: dict[str, Array] = {}
    for kind in LEPTONS:
        total = totals[kind]
        values = {
            "pt": near(rng, 15 + rng.exponential(40, total), (25.0,), 0.1),
            "eta": near(rng, rng.normal(0, 1.2, total), (2.1, -2.1), 0.1),
            "phi": np.where(rng.random(total) < 0.3, 3.1, rng.uniform(-np.pi, np.pi, total)),
            "mass": np.full(total, 0.1),
            "charge": np.ones(total),
            "pfRelIso03_all": near(rng, rng.exponential(0.05, total), (0.15,), 0.1),
            "pfRelIso04_all": near(rng, rng.exponential(0.05, total), (0.15,), 0.1),
        }
        fields |= {f"{kind}_{name}": array.astype(np.float32) for name, array in values.items()}
        for name in ("tightId", "cutBasedId"):
            fields[f"{kind}_{name}"] = rng.random(total) < 0.9
    total = totals["Jet"]
    rounded = np.repeat(rng.random(count) < 0.3, numbers["Jet"])
    pt = np.where(rounded, rng.integers(20, 80, total), near(rng, 18 + rng.exponential(40, total), (25,)))
    jets = {
        "pt": pt,
        "pt_jesUp": near(rng, pt * 1.05, (25,), 0.05),
        "pt_jesDown": near(rng, pt * 0.95, (25,), 0.05),
        "eta": rng.normal(0, 1.5, total),
        "phi": rng.uniform(-np.pi, np.pi, total),
        "mass": pt * 0.1,
        "btag": near(rng, rng.random(total) ** 2, (0.679,), 0.1),
    }
    fields |= {f"Jet_{name}": array.astype(np.float32) for name, array in jets.items()}
    of_events = {
        "genWeight": rng.choice(np.array([1.5, 0.7, -1.5], np.float32), count, p=[0.6, 0.3, 0.1]),
        "btagWeight_up": rng.normal(1, 0.1, count).astype(np.float32),
        "btagWeight_down": rng.normal(1, 0.1, count).astype(np.float32),
    }
    write(file, numbers, fields, of_events)
