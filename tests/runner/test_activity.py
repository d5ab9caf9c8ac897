"""Whether workers compute, wait for files, or rest; and what their tasks do."""

from __future__ import annotations

import pytest

from af_lab.runner.activity import PATIENCE, ActivityWatch
from af_lab.runner.cpu_usage import fullness
from af_lab.runner.task_names import what_tasks_do


def test_workers_without_tasks_are_idle() -> None:
    watch = ActivityWatch()
    assert watch.look(0.0, 2, 0, []) == "idle"
    assert watch.look(0.0, 0, 0, []) is None
    assert watch.look(0.0, 2, 5, []) is None, "no worker takes the tasks"


def test_workers_that_hardly_compute_wait_but_only_after_a_while() -> None:
    watch = ActivityWatch()
    assert watch.look(0.0, 2, 9, [2.0, 4.0]) == "working", "they have just begun"
    assert watch.look(PATIENCE, 2, 9, [2.0, 4.0]) == "waiting"
    assert watch.look(PATIENCE + 1, 2, 9, [20.0, 20.0]) == "waiting", "a little more changes nothing"
    assert watch.look(PATIENCE + 2, 2, 9, [90.0, 20.0]) == "working"
    assert watch.look(PATIENCE + 3, 2, 9, [20.0, 20.0]) == "working"
    assert watch.look(PATIENCE + 4, 2, 9, [2.0, 4.0]) == "working", "the while begins anew"


def test_a_rest_ends_the_wait() -> None:
    watch = ActivityWatch()
    watch.look(0.0, 1, 1, [0.0])
    assert watch.look(PATIENCE, 1, 1, [0.0]) == "waiting"
    assert watch.look(PATIENCE + 1, 1, 0, []) == "idle"
    assert watch.look(PATIENCE + 2, 1, 1, [0.0]) == "working"


@pytest.mark.parametrize(
    ("prefixes", "name"),
    [
        ([], None),
        (["automatic_retries"], "preprocessing"),
        (["dask_mapper", "dask_mapper", "distrdf_reducer"], "processing"),
        (["DimuonProcessor", "DimuonProcessor", "reduce"], "DimuonProcessor"),
        (["fit", "reduce"], "fit"),
        (["lambda", "finalize-hlg", "('x', 1)"], None),
    ],
)
def test_tasks_have_the_names_that_their_frameworks_give_them(prefixes: list[str], name: str | None) -> None:
    assert what_tasks_do(prefixes) == name


@pytest.mark.parametrize(
    ("used", "limit", "told", "tells"), [(1, 0, None, None), (51, 100, None, 0.5), (53, 100, 0.5, 0.5), (3, 1, 0.5, 1)]
)
def test_memory_is_told_in_steps(used: int, limit: int, told: float | None, tells: float | None) -> None:
    assert fullness(used, limit, told) == tells
