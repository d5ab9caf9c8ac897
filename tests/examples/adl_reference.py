"""The eight queries as a loop over events in plain Python, and events that lie where mistakes are made."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import awkward as ak
import numpy as np
import uproot

RANGES = {
    "Q1": (0, 200),
    "Q2": (15, 60),
    "Q3": (15, 60),
    "Q4": (0, 200),
    "Q5": (0, 200),
    "Q6a": (15, 40),
    "Q6b": (0, 1),
    "Q7": (15, 200),
    "Q8": (0, 200),
}
BINS = 100
Values = dict[str, list[float]]
Event = dict[str, Any]


class Momentum(NamedTuple):
    x: float
    y: float
    z: float
    energy: float

    @classmethod
    def of(cls, particle: Event) -> Momentum:
        pt, eta, phi = particle["pt"], particle["eta"], particle["phi"]
        x, y, z = pt * math.cos(phi), pt * math.sin(phi), pt * math.sinh(eta)
        return cls(x, y, z, math.sqrt(x * x + y * y + z * z + particle["mass"] ** 2))


def system(*particles: Event) -> tuple[float, float]:
    """Return mass and transverse momentum of what the particles come from."""
    x, y, z, energy = map(sum, zip(*map(Momentum.of, particles), strict=True))
    return math.sqrt(max(energy * energy - x * x - y * y - z * z, 0)), math.hypot(x, y)


def query(events: list[Event]) -> Values:
    """Return what each query fills into its histogram."""
    values: Values = {name: [] for name in RANGES}
    for event in events:
        for name, filled in one_event(event).items():
            values[name] += filled
    return values


def one_event(event: Event) -> Values:
    met, jets, muons, electrons = event["MET_pt"], event["Jet"], event["Muon"], event["Electron"]
    values: Values = {"Q1": [met], "Q2": [jet["pt"] for jet in jets]}
    values["Q3"] = [jet["pt"] for jet in jets if abs(jet["eta"]) < 1]
    if len([jet for jet in jets if jet["pt"] > 40]) >= 2:
        values["Q4"] = [met]
    if any(a["charge"] != b["charge"] and 60 < system(a, b)[0] < 120 for a, b in combinations(muons, 2)):
        values["Q5"] = [met]
    if len(jets) >= 3:
        best = min(combinations(jets, 3), key=lambda three: abs(system(*three)[0] - 172.5))
        values["Q6a"] = [system(*best)[1]]
        values["Q6b"] = [max(jet["btag"] for jet in best)]
    hard = [lepton for lepton in muons + electrons if lepton["pt"] > 10]
    good = [jet["pt"] for jet in jets if jet["pt"] > 30 and all(distance(jet, lepton) >= 0.4 for lepton in hard)]
    if good:
        values["Q7"] = [sum(good)]
    pairs = [
        pair for kind in (muons, electrons) for pair in combinations(kind, 2) if pair[0]["charge"] != pair[1]["charge"]
    ]
    if len(muons) + len(electrons) >= 3 and pairs:
        best_pair = min(pairs, key=lambda pair: abs(system(*pair)[0] - 91.2))
        others = [lepton for lepton in muons + electrons if all(lepton is not taken for taken in best_pair)]
        hardest = max(others, key=lambda lepton: float(lepton["pt"]))
        angle = hardest["phi"] - event["MET_phi"]
        values["Q8"] = [math.sqrt(2 * hardest["pt"] * met * (1 - math.cos(angle)))]
    return values


def distance(one: Event, other: Event) -> float:
    aside = abs(one["phi"] - other["phi"])
    return math.hypot(one["eta"] - other["eta"], min(aside, 2 * math.pi - aside))


def contents(values: Values) -> dict[str, list[int]]:
    """Return what is below the axis, in each bin, and above the axis; a bin has its lower edge."""
    counts = {}
    for name, (low, high) in RANGES.items():
        edges = [low + (high - low) * bin_ / BINS for bin_ in range(BINS + 1)]
        counts[name] = [0] * (BINS + 2)
        for value in values[name]:
            counts[name][bisect_right(edges, value)] += 1
    return counts


def read(file: Path) -> list[Event]:
    """Return the events of a file as Python objects."""
    with uproot.open(file) as root:
        arrays = root["Events"].arrays()
    columns = {"MET_pt": arrays.MET_pt, "MET_phi": arrays.MET_phi}
    for kind in ("Jet", "Muon", "Electron"):
        fields = [name for name in arrays.fields if name.startswith(f"{kind}_")]
        columns[kind] = ak.zip({name.removeprefix(f"{kind}_"): arrays[name] for name in fields})
    events: list[Event] = ak.to_list(ak.zip(columns, depth_limit=1))
    return events


def write(file: Path, count: int, seed: int) -> None:
    """Write random events, half of whose values lie on edges of bins or at thresholds; some have nothing at all."""
    rng = np.random.default_rng(seed)
    rounded = rng.random(count) < 0.5

    def particles(mean: float, scale: float, mass: float) -> dict[str, Any]:
        numbers = np.where(rng.random(count) < 0.1, 0, rng.poisson(mean, count))
        total = int(numbers.sum())
        pt = 5 + rng.exponential(scale, total)
        eta = rng.normal(0, 1.5, total)
        near = np.repeat(rounded, numbers)
        pt[near & (rng.random(total) < 0.2)] = 10  # the threshold of leptons
        fields = {
            "pt": np.where(near, np.round(pt), pt),
            "eta": np.where(near, np.round(eta * 2) / 2, eta),
            "phi": rng.uniform(-np.pi, np.pi, total),
            "mass": np.full(total, mass),
        }
        made = {name: values.astype(np.float32) for name, values in fields.items()}
        return made | {"numbers": numbers, "charge": rng.choice([-1, 1], total).astype(np.int32)}

    def collection(fields: dict[str, Any], numbers: Any) -> ak.Array:
        return ak.unflatten(ak.zip(fields), numbers)

    jets = particles(3, 25, 8)
    numbers = jets.pop("numbers")
    del jets["charge"]
    btag = rng.random(len(jets["pt"]))
    jets["btag"] = np.where(rng.random(len(btag)) < 0.5, np.round(btag * 4) / 4, btag).astype(np.float32)
    branches = {"Jet": collection(jets, numbers)}
    for kind, mass in (("Muon", 0.10566), ("Electron", 0.000511)):
        fields = particles(1.6, 30, mass)
        numbers = fields.pop("numbers")
        branches[kind] = collection(fields, numbers)
    met = rng.exponential(40, count)
    branches["MET_pt"] = np.where(rounded, np.round(met), met).astype(np.float32)
    branches["MET_phi"] = rng.uniform(-np.pi, np.pi, count).astype(np.float32)
    with uproot.recreate(file) as root:
        types = {
            name: str(values.type.content) if isinstance(values, ak.Array) else values.dtype
            for name, values in branches.items()
        }
        tree = root.mktree("Events", types)
        half = count // 2
        for part in (slice(None, half), slice(half, None)):
            tree.extend({name: values[part] for name, values in branches.items()})
