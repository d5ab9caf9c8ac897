"""How far a computation is, from the moves of its tasks."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from af_lab.model.computation import Progress
from af_lab.runner.task_tally import LEFT, SETTLED, TaskTally


def moved(tally: TaskTally, keys: Iterable[object], *states: str) -> None:
    """Move each of some tasks through some states."""
    for key in keys:
        for start, finish in pairwise(states):
            tally.transition(key, start, finish)


def counts(progress: Progress | None) -> tuple[int, int, int] | None:
    """Return done, total and erred."""
    return None if progress is None else (progress.done, progress.total, progress.erred)


COMPUTED = ("released", "waiting", "processing", "memory")


def test_nothing_is_said_of_nothing() -> None:
    tally = TaskTally()
    assert tally.look(1.0, 0) is tally.look(9.0, 0) is None
    moved(tally, "a", "released", "waiting", "released", "forgotten")
    assert tally.look(10.0, 0) is None


def test_a_computation_goes_from_nothing_to_its_end_and_the_next_begins_at_nothing() -> None:
    tally = TaskTally()
    tally.look(10.0, 0)
    moved(tally, range(10), *COMPUTED[:2])
    assert tally.look(10.5, 0) == Progress(0, 10, 0, 0)
    moved(tally, range(4), *COMPUTED[1:])
    assert tally.look(12.0, 4) == Progress(4, 10, 4, 0, 2.0, 3.0), "the rate is measured from its begin"
    moved(tally, range(4, 10), *COMPUTED[1:])
    moved(tally, range(10), "memory", "released", "forgotten")
    assert tally.look(13.0, 0) == Progress(10, 10, 0, 0, 10 / 3), "its end is said, although the results are gone"
    assert tally.look(13.0 + SETTLED, 0) is None
    moved(tally, range(3), *COMPUTED[:2])
    assert tally.look(20.0, 0) == Progress(0, 3, 0, 0)


def test_one_task_after_another_is_one_computation() -> None:
    tally = TaskTally()
    tally.look(0.0, 0)
    for number in range(1, 6):
        moved(tally, [number], *COMPUTED, "released", "forgotten")
        assert counts(tally.look(number * 2.0, 0)) == (number, number, 0), "also one that no look has seen"
        moved(tally, ["next"], "released", "waiting")
        moved(tally, ["next"], "waiting", "released", "forgotten")


def test_a_task_whose_worker_died_is_not_another_one() -> None:
    tally = TaskTally()
    moved(tally, "ab", *COMPUTED)
    moved(tally, "c", *COMPUTED[:3], "released", *COMPUTED[1:3])
    assert counts(tally.look(1.0, 1)) == (2, 3, 0)
    moved(tally, "ab", "memory", *COMPUTED[:3])
    assert counts(tally.look(2.0, 3)) == (0, 3, 0), "results that were lost are computed again"


def test_results_of_an_earlier_computation_that_were_lost_are_tasks_of_this_one() -> None:
    tally = TaskTally()
    moved(tally, range(5), *COMPUTED)
    tally.look(1.0, 0)
    tally.look(2.0, 0)
    moved(tally, "ab", *COMPUTED[:3])
    moved(tally, "a", "processing", "memory")
    moved(tally, range(5), "memory", *COMPUTED[:3])
    assert counts(tally.look(3.0, 5)) == (1, 7, 0)


def test_failures_are_not_done_and_a_retry_takes_them_back() -> None:
    tally = TaskTally()
    moved(tally, "abc", *COMPUTED[:2])
    moved(tally, "a", "waiting", "processing", "erred")
    moved(tally, "b", "waiting", "released", "erred")
    assert counts(tally.look(1.0, 0)) == (0, 3, 2), "what depends on a failure fails as well"
    moved(tally, "ab", "erred", "released", "waiting")
    assert counts(tally.look(2.0, 0)) == (0, 3, 0)
    moved(tally, "a", "waiting", "processing", "erred", "released", "forgotten")
    assert counts(tally.look(3.0, 0)) == (0, 3, 1), "a failure counts, also when nobody wants it any more"


def test_what_is_cancelled_is_not_in_the_total() -> None:
    tally = TaskTally()
    moved(tally, range(10), "released", "queued")
    moved(tally, range(3), "queued", "processing", "memory")
    moved(tally, range(3, 10), "queued", "released", "forgotten")
    assert counts(tally.look(1.0, 0)) == (3, 3, 0)


MOVES = {
    "released": ("waiting", "erred", "forgotten"),
    "waiting": ("processing", "queued", "no-worker", "released", "memory"),
    "queued": ("processing", "released", "erred"),
    "no-worker": ("processing", "released", "erred"),
    "processing": ("memory", "erred", "released"),
    "memory": ("released", "forgotten"),
    "erred": ("released", "forgotten"),
    "forgotten": (),
}


@given(st.data())
def test_the_counts_fit_together_whatever_happens(data: st.DataObject) -> None:
    tally, states, now = TaskTally(), dict.fromkeys("abcd", "released"), 0.0
    for _ in range(data.draw(st.integers(0, 40))):
        key = data.draw(st.sampled_from(sorted(states)))
        if not MOVES[states[key]]:
            states[key] = "released"  # the same key once more, as if new
            continue
        finish = data.draw(st.sampled_from(MOVES[states[key]]))
        tally.transition(key, states[key], finish)
        states[key] = finish
        now += data.draw(st.sampled_from([0.0, 0.1, 1.0]))
        left = sum(state in LEFT for state in states.values())
        progress = tally.look(now, left)
        if progress is None:
            assert left == 0
            continue
        assert min(progress.done, progress.erred, progress.running) >= 0
        assert progress.total == progress.done + progress.erred + left
        assert progress.rate is None or progress.rate > 0
