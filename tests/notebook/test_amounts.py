"""What the keywords of Dask's clusters mean in workers."""

from __future__ import annotations

import math
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import dask.config
import numpy
import pytest

from af_lab.errors import SpecError
from af_lab.model.ads import Pace
from af_lab.model.info import ClusterInfo
from af_lab.model.spec import Adapt
from af_lab.notebook.adaptive import adaptive_range, does_not_count
from af_lab.notebook.amounts import Amount, amount


def cluster(adapt: Adapt | None = None) -> ClusterInfo:
    """Return a cluster whose jobs have four workers of 2 GB each."""
    return cast(ClusterInfo, SimpleNamespace(cores=4, memory=8_000_000_000, adapt=adapt))


@pytest.mark.parametrize(
    ("given", "least", "most"),
    [
        ({"workers": 3}, 3, 3),
        ({"workers": numpy.int64(3)}, 3, 3),
        ({"workers": 0}, 0, 0),
        ({"jobs": 2}, 8, 8),
        ({"cores": 5}, 5, 5),
        ({"memory": "9 GB"}, 5, 4),
        ({"memory": 2_000_000_000}, 1, 1),
        ({"memory": "1 B"}, 1, 0),
        ({"workers": 3, "cores": 5, "jobs": 1}, 5, 3),
        ({"workers": math.inf}, None, None),
        ({}, None, None),
    ],
)
def test_an_amount_is_a_number_of_workers(given: dict[str, Any], least: int | None, most: int | None) -> None:
    asked = amount(**given)
    assert (asked.at_least(cluster()), asked.at_most(cluster())) == (least, most)


WRONG: dict[str, list[Any]] = {
    "workers": [-1, 1.5, "3", True, math.nan, 100_001],
    "jobs": [-1, "two"],
    "memory": ["much", -1, "-1 GB", True, [], math.nan],
}


@pytest.mark.parametrize("given", [{name: value} for name, values in WRONG.items() for value in values])
def test_what_is_no_amount_is_told(given: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=r"is allowed|is not a size"):
        amount(**given)


@pytest.mark.parametrize(
    ("given", "before", "is_range"),
    [
        ({}, None, (0, None)),
        ({}, Adapt(minimum=2, maximum=7), (2, 7)),
        ({"minimum": 3}, None, (3, None)),
        ({"maximum": 5}, Adapt(minimum=2, maximum=7), (2, 5)),
        ({"maximum": math.inf}, None, (0, None)),
        ({"minimum_jobs": 1, "maximum_jobs": 3}, None, (4, 12)),
        ({"minimum_cores": 2, "maximum_cores": 6}, None, (2, 6)),
        ({"minimum_memory": "3 GB", "maximum_memory": "11 GB"}, None, (2, 5)),
        ({"minimum": 1, "minimum_cores": 3, "maximum": 9, "maximum_jobs": 2}, None, (3, 8)),
    ],
)
def test_a_range_has_two_ends(given: dict[str, Any], before: Adapt | None, is_range: tuple[int, int | None]) -> None:
    ends = {name: given.pop(name, None) for name in ("minimum", "maximum")}
    asked, idle = adaptive_range(**ends, others=given)
    assert (asked.for_cluster(cluster(before)), idle) == (is_range, [])


@pytest.mark.parametrize(("maximum", "is_range"), [(6, (1, 6)), (math.inf, (1, None)), ("inf", (1, None))])
def test_dasks_configuration_has_the_defaults(maximum: object, is_range: tuple[int, int | None]) -> None:
    asked, _ = adaptive_range(None, None, {})
    with dask.config.set({"distributed.adaptive.minimum": 1, "distributed.adaptive.maximum": maximum}):
        assert asked.for_cluster(cluster()) == is_range


def test_keywords_of_dask_that_do_not_count_are_named() -> None:
    asked, idle = adaptive_range(1, 2, {"worker_key": str})
    assert (asked.minimum, asked.maximum) == (Amount(1), Amount(2))
    assert "does not use worker_key: " in does_not_count(idle)
    with pytest.raises(SpecError, match=r"does not take patience\. It takes minimum, maximum, active, minimum_jobs"):
        adaptive_range(1, 2, {"patience": 3})


@pytest.mark.parametrize(
    ("given", "pace"),
    [
        ({}, Pace()),
        ({"interval": "2 s", "wait_count": 5}, Pace(10.0, None)),
        ({"interval": 0.5}, Pace(1.5, None)),
        ({"wait_count": numpy.int64(0), "interval": None}, Pace(0.0, None)),
        ({"target_duration": timedelta(minutes=1)}, Pace(None, 60.0)),
        ({"target_duration": "500ms", "wait_count": 10}, Pace(10.0, 0.5)),
    ],
)
def test_the_pace_is_that_of_dasks_keywords(given: dict[str, Any], pace: Pace) -> None:
    """By default Dask looks every second, and three times."""
    asked, idle = adaptive_range(None, None, given)
    assert (asked.pace, idle) == (pace, [])


@pytest.mark.parametrize(
    "given",
    [
        {"interval": "soon"},
        {"interval": 0},
        {"interval": -1},
        {"interval": math.inf},
        {"interval": []},
        {"wait_count": -1},
        {"wait_count": 1.5},
        {"wait_count": "3"},
        {"wait_count": True},
        {"target_duration": 0},
    ],
)
def test_a_pace_that_is_none_is_refused(given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.raises(SpecError, match=f"adapt: {name} is a "):
        adaptive_range(None, None, given)
