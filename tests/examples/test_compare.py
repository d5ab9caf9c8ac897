from __future__ import annotations

from typing import Any

import hist
import numpy as np
import pytest
from af_lab_examples.compare import compare


def histogram(*values: float) -> hist.Hist[Any]:
    return hist.Hist(hist.axis.Regular(10, 0, 1, name="x")).fill(np.array(values))


def weighted(values: list[float], weights: list[float]) -> hist.Hist[Any]:
    axis = hist.axis.Regular(10, 0, 1, name="x")
    return hist.Hist(axis, storage=hist.storage.Weight()).fill(np.array(values), weight=np.array(weights))


def agree(first: hist.Hist[Any], second: hist.Hist[Any], **options: Any) -> bool:
    return bool(compare({"x": first}, {"x": second}, **options))


def test_equal_histograms_agree() -> None:
    assert agree(histogram(0.1, 0.5, 2), histogram(0.5, 0.1, 3))


def test_one_event_may_cross_an_edge() -> None:
    assert agree(histogram(0.25, 0.31), histogram(0.25, 0.29))
    assert agree(histogram(0.99), histogram(1.01))


def test_two_events_of_a_bin_may_not() -> None:
    assert not agree(histogram(0.31, 0.31), histogram(0.29, 0.29))
    assert not agree(histogram(1.1, 1.1), histogram(0.99, 0.95))


def test_entries_must_be_equal() -> None:
    assert not agree(histogram(0.3), histogram(0.3, 0.4))


def test_weights() -> None:
    first, second = weighted([0.31, 0.5], [2, 1]), weighted([0.29, 0.5], [2, 1])
    assert agree(first, second, heaviest=2)
    assert not agree(first, second)
    assert agree(weighted([0.5], [1]), weighted([0.5], [1 + 1e-8]))
    assert not agree(weighted([0.5], [1]), weighted([0.5], [1 + 1e-5]))


def test_says_what_differs() -> None:
    agreement = compare({"a": histogram(0.1), "b": histogram(0.1)}, {"a": histogram(0.1), "b": histogram()})
    assert agreement.differing == ("b",)
    lines = str(agreement).splitlines()
    assert lines[0].split()[:2] == ["first", "second"]
    assert [line.split()[-1] for line in lines[1:]] == ["equal", "DIFFERENT"]


def test_different_names_or_bins_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="b"):
        compare({"a": histogram()}, {"a": histogram(), "b": histogram()})
    with pytest.raises(ValueError, match="x have different bins"):
        agree(histogram(), hist.Hist(hist.axis.Regular(10, 0, 2)))
