"""Simulated datasets of an analysis: their files, and how many events of the collider each event represents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import hist

from af_lab.errors import AfLabError, SpecError
from af_lab_examples import inputs
from af_lab_examples.catalogue import dataset, entries

__all__ = ["Files", "Part", "combine", "find_files", "result"]

Files = Mapping[str, Sequence[str | Path]]


@dataclass(frozen=True)
class Part:
    """What an analysis finds in one dataset.

    Attributes
    ----------
    histograms
        By name, filled with the generator's weights.
    counts
        Numbers of events, by the selection that they passed.
    weights
        The sum of the generator's weights over all events, selected or not.
    """

    histograms: Mapping[str, hist.Hist[Any]]
    counts: Mapping[str, int]
    weights: float


def find_files(
    files: Files | Sequence[str | Path] | None, events: Mapping[str, int], known: Sequence[str]
) -> dict[str, list[str]]:
    """Return the files of each dataset; generated ones are made when they are first needed.

    Parameters
    ----------
    files
        By name of the dataset in the catalogue. A list is for the first known dataset. None: samples are generated.
    events
        How many to generate, by name.
    known
        The datasets that the analysis can use, its signal first.

    Raises
    ------
    SpecError
        If the analysis cannot use one of the datasets, or something does not name files.
    AfLabError
        If samples cannot be made.
    """
    if files is None:
        return {name: dataset(name, events=count).files for name, count in events.items()}
    if not isinstance(files, Mapping):
        files = {known[0]: inputs.names(files)}
    if unknown := sorted(set(files) - set(known)):
        raise SpecError(
            f"This analysis cannot use the dataset {unknown[0]!r}. Name files by one of: {', '.join(known)}."
        )
    return {name: inputs.names(listed, f"files of {name!r}") for name, listed in files.items()}


def combine(
    parts: Mapping[str, Part],
    processes: Mapping[str, str],
    luminosity: float,
    factors: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, hist.Hist[Any]]:
    """Add up the datasets of each process, each scaled to a luminosity.

    An event of a dataset represents cross section * luminosity / sum of weights events, times its own weight.

    Parameters
    ----------
    parts
        By name of the dataset, which has its cross section in the catalogue.
    processes
        The process that a dataset belongs to.
    luminosity
        In 1 / pb.
    factors
        Factors by which some cross sections are multiplied.

    Returns
    -------
    dict
        By the names ``"<histogram>_<process>"``.

    Raises
    ------
    AfLabError
        If a dataset has no events.
    """
    combined: dict[str, hist.Hist[Any]] = {}
    for name, part in parts.items():
        if part.weights <= 0:
            raise AfLabError(f"The weights of the dataset {name} add up to {part.weights:g}. Check that it has events.")
        expected = (entries()[name].cross_section or 0) * factors.get(name, 1) * luminosity
        for observable, histogram in part.histograms.items():
            key = f"{observable}_{processes[name]}"
            scaled = histogram * (expected / part.weights)
            combined[key] = combined[key] + scaled if key in combined else scaled
    return combined


def result(
    parts: Mapping[str, Part],
    metrics: Mapping[str, float],
    processes: Mapping[str, str],
    luminosity: float,
    factors: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return the result of an analysis of simulated events.

    Parameters
    ----------
    metrics
        ``"seconds"`` it took, and ``"bytes"`` read from files, compressed as they are.
    parts, processes, luminosity, factors
        See `combine`.

    Returns
    -------
    dict
        ``"histograms"`` of `combine`; ``"cutflow"``: the counts of each dataset, by its name; ``"counts"``:
        ``"events"`` of all; ``"metrics"``.
    """
    return {
        "histograms": combine(parts, processes, luminosity, factors),
        "cutflow": {name: dict(part.counts) for name, part in parts.items()},
        "counts": {"events": sum(part.counts["events"] for part in parts.values())},
        "metrics": metrics,
    }
