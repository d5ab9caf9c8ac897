"""Compare the results of two frameworks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import hist
import numpy as np

__all__ = ["Agreement", "Comparison", "compare"]

SUM_TOLERANCE = 1e-6  # relative


@dataclass(frozen=True)
class Comparison:
    """Two histograms of one name.

    Attributes
    ----------
    entries
        Of both, including those below and above the axis. For weighted histograms, the sums of weights.
    largest
        The largest difference in a bin, in events.
    agrees
        No more events differ than rounding can move over the edge of a bin, and sums are equal.
    """

    name: str
    entries: tuple[float, float]
    largest: float
    agrees: bool

    def __str__(self) -> str:
        first, second = self.entries
        return (
            f"{self.name:<20} {first:>14,.10g} {second:>14,.10g} {self.largest:>12,.3g}   "
            f"{'equal' if self.agrees else 'DIFFERENT'}"
        )


@dataclass(frozen=True)
class Agreement:
    """All comparisons of two results; as text, a table."""

    comparisons: tuple[Comparison, ...]
    labels: tuple[str, str]

    @property
    def differing(self) -> tuple[str, ...]:
        """Names of the histograms that do not agree."""
        return tuple(comparison.name for comparison in self.comparisons if not comparison.agrees)

    def __bool__(self) -> bool:
        return not self.differing

    def __str__(self) -> str:
        first, second = self.labels
        header = f"{'':<20} {first:>14} {second:>14} {'apart by':>12}"
        return "\n".join([header, *map(str, self.comparisons)])


def compare(
    first: Mapping[str, hist.Hist[Any]],
    second: Mapping[str, hist.Hist[Any]],
    *,
    heaviest: float = 1.0,
    labels: tuple[str, str] = ("first", "second"),
) -> Agreement:
    """Compare histograms of the same names and edges.

    They agree if entries are equal, no bin differs by more than one event, and sums are equal within 1e-6. One
    event in a bin may differ because frameworks round differently: a value exactly on the edge of a bin may
    fall to either side.

    Parameters
    ----------
    heaviest
        The largest weight of an event; 1 for histograms without weights.
    labels
        What the two are, for the table.

    Raises
    ------
    ValueError
        If names or edges differ, so that the results cannot be compared.
    """
    if set(first) != set(second):
        raise ValueError(f"Only one of the results has the histograms {', '.join(sorted(set(first) ^ set(second)))}.")
    return Agreement(tuple(_compare(name, first[name], second[name], heaviest) for name in first), labels)


def _compare(name: str, first: hist.Hist[Any], second: hist.Hist[Any], heaviest: float) -> Comparison:
    for one, other in zip(first.axes, second.axes, strict=True):
        if len(one.edges) != len(other.edges) or not np.allclose(one.edges, other.edges):
            raise ValueError(f"The histograms {name} have different bins. Fill both with the same edges.")
    contents = [histogram.values(flow=True) for histogram in (first, second)]
    sums = float(contents[0].sum()), float(contents[1].sum())
    largest = float(np.abs(contents[0] - contents[1]).max()) / heaviest
    equal_sums = abs(sums[0] - sums[1]) <= SUM_TOLERANCE * max(np.abs(contents[0]).sum(), np.abs(contents[1]).sum())
    equal_entries = _is_weighted(first) or _is_weighted(second) or sums[0] == sums[1]
    return Comparison(name, sums, largest, bool(equal_entries and equal_sums and largest <= 1 + SUM_TOLERANCE))


def _is_weighted(histogram: hist.Hist[Any]) -> bool:
    return issubclass(histogram.storage_type, hist.storage.Weight)
