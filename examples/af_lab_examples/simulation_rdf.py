"""Simulated datasets with RDataFrame: the common part of their analyses."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import hist

from af_lab_examples.checking import check_datasets
from af_lab_examples.convert import to_hist
from af_lab_examples.rdataframe import open_events
from af_lab_examples.simulation import Files

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["evaluate", "to_weighted_hist", "variations_for"]


def evaluate(
    files: Files,
    book: Callable[[str, Any], dict[str, Any]],
    *,
    branches: Collection[str],
    code: str,
    client: Client | None,
    npartitions: int | None,
) -> tuple[dict[str, dict[str, Any]], dict[str, float]]:
    """Book results for each dataset, and run one event loop after the other.

    Parameters
    ----------
    book
        Called with the name of a dataset and its RDataFrame; returns results by name.
    branches
        The branches that files must have.
    code, client, npartitions
        See `af_lab_examples.rdataframe.open_events`; each dataset is divided into this number of parts.

    Returns
    -------
    values
        Of the results, by name of the dataset.
    metrics
        ``"seconds"`` it took, and ``"bytes"`` read from files, compressed as they are.

    Raises
    ------
    AfLabError
        If files cannot be read or lack branches; it names both.
    """
    datasets = check_datasets(files, branches=branches, reader="RDataFrame")
    found = {name: [file.name for file in listed] for name, listed in datasets.items()}
    opened = {
        name: open_events(listed, branches=branches, client=client, npartitions=npartitions, code=code)
        for name, listed in found.items()
    }
    start = perf_counter()  # variations are compiled when they are booked
    booked = {
        f"{name}/{key}": result for name, events in opened.items() for key, result in book(name, events.frame).items()
    }
    first, *_ = opened.values()
    # one bar for all loops
    together = replace(
        first,
        parts=sum(events.parts for events in opened.values()),
        files=[file for one in found.values() for file in one],
    )
    values, metrics = together.evaluate(booked)
    found_values: dict[str, dict[str, Any]] = {name: {} for name in opened}
    for full, value in values.items():
        name, _, key = full.partition("/")
        found_values[name][key] = value
    return found_values, metrics | {"seconds": perf_counter() - start}


def variations_for(client: Client | None) -> Callable[[Any], Any]:
    """Return ROOT's function that gives all variations of a result, for events of `open_events`."""
    import ROOT  # only after the import above, which silences it

    variations: Any = ROOT.RDF.Experimental if client is None else ROOT.RDF.Distributed
    found: Callable[[Any], Any] = variations.VariationsFor
    return found


def to_weighted_hist(histogram: Any, like: hist.Hist[Any]) -> hist.Hist[Any]:
    """Convert a ``TH1`` to a histogram with the squares of weights.

    ROOT does not keep them while all weights are 1, nor for empty histograms.
    """
    if not histogram.GetSumw2N():
        histogram.Sumw2()
    return to_hist(histogram, like)
