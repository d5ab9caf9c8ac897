"""One selection, event by event and column by column: the masses of muon pairs of opposite charge, and the speed.

`af_lab_examples.columnar_rdf` does the same with RDataFrame; `af_lab_examples.columnar_plots` has the plot.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import awkward as ak
import hist
import numpy as np
import uproot

from af_lab_examples.dimuon import mass_histogram

__all__ = ["BRANCHES", "Measurement", "Outcome", "awkward_arrays", "event_loop", "measure", "table"]

BRANCHES = ("Muon_pt", "Muon_eta", "Muon_phi", "Muon_mass", "Muon_charge")
RUNS = 2  # the first also pays for imports, compilation and a cold disk

Outcome = tuple[int, hist.Hist[Any]]


def event_loop(files: Sequence[str], stop: int | None = None) -> Outcome:
    """Loop over events in plain Python; return their number, and the masses in GeV.

    Columns are first converted to lists of Python numbers: to read each number from an array would take far longer.

    Parameters
    ----------
    stop
        How many events of each file are taken; None: all.
    """
    count, masses = 0, []
    for file in files:
        arrays = uproot.open({file: "Events"}).arrays(BRANCHES, entry_stop=stop)
        columns = [ak.to_list(arrays[name]) for name in BRANCHES]
        for pts, etas, phis, muon_masses, charges in zip(*columns, strict=True):
            count += 1
            if len(charges) != 2 or charges[0] == charges[1]:
                continue
            x = y = z = energy = 0.0
            for pt, eta, phi, mass in zip(pts, etas, phis, muon_masses, strict=True):
                x += pt * math.cos(phi)
                y += pt * math.sin(phi)
                z += pt * math.sinh(eta)
                energy += math.sqrt((pt * math.cosh(eta)) ** 2 + mass**2)
            masses.append(math.sqrt(energy**2 - x**2 - y**2 - z**2))
    return count, mass_histogram().fill(masses)


def awkward_arrays(files: Sequence[str], stop: int | None = None) -> Outcome:
    """Compute with whole columns, as arrays of awkward; otherwise as `event_loop`."""
    count, histogram = 0, mass_histogram()
    for file in files:
        events = uproot.open({file: "Events"}).arrays(BRANCHES, entry_stop=stop)
        count += len(events)
        two = events[ak.num(events.Muon_charge) == 2]
        pairs = two[two.Muon_charge[:, 0] != two.Muon_charge[:, 1]]
        pt, eta, phi, mass = (ak.values_astype(pairs[name], np.float64) for name in BRANCHES[:4])
        x, y, z = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
        energy = np.sqrt((pt * np.cosh(eta)) ** 2 + mass**2)
        x, y, z, energy = (ak.sum(part, axis=1) for part in (x, y, z, energy))
        histogram.fill(np.sqrt(energy**2 - x**2 - y**2 - z**2))
    return count, histogram


@dataclass(frozen=True)
class Measurement:
    """The time that one way to analyse events took.

    Attributes
    ----------
    first, again
        Seconds of the first and the last run.
    histogram
        The result.
    """

    name: str
    events: int
    first: float
    again: float
    histogram: hist.Hist[Any]

    @property
    def rate(self) -> float:
        """Events per second, once warm."""
        return self.events / self.again


def measure(name: str, analysis: Callable[[], Outcome]) -> Measurement:
    """Run an analysis twice."""
    seconds = []
    for _ in range(RUNS):
        start = perf_counter()
        events, histogram = analysis()
        seconds.append(perf_counter() - start)
    return Measurement(name, events, seconds[0], seconds[-1], histogram)


def table(measurements: Sequence[Measurement]) -> str:
    """Return the times side by side. The speeds are relative to the first."""
    header = f"{'':<22}{'events':>12}{'first':>10}{'again':>10}{'events/s':>13}{'quicker':>10}"
    slowest = measurements[0].rate
    rows = [
        f"{one.name:<22}{one.events:>12,}{one.first:>8.2f} s{one.again:>8.2f} s{one.rate:>13,.0f}"
        f"{one.rate / slowest:>9,.1f}x"
        for one in measurements
    ]
    return "\n".join([header, *rows])
