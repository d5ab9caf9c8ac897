"""What the guard of a job's memory decides and says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from af_lab.worker.job_memory import JobProcess
from af_lab.worker.memory_guard import Pace, by_worker, others

GB = 10**9
NAMES = {1: "python", 20: "stress", 21: "stress", 22: "xrdcp", 30: "python"}
SMALL = 60_000_000

# A nanny with two workers; the tasks of the second one start further programs.
NANNY, ONE, TWO = JobProcess(1, 0, SMALL), JobProcess(10, 1, 5 * SMALL), JobProcess(11, 1, 6 * SMALL)


def said(*processes: JobProcess) -> str:
    return others([NANNY, ONE, TWO, *processes], {10, 11}, NANNY.pid, NAMES.__getitem__)


def test_a_process_that_uses_more_than_any_worker_is_named() -> None:
    assert said() == ""
    assert said(JobProcess(22, 11, 6 * SMALL)) == "", "no more than a worker"
    assert said(JobProcess(20, 11, 2 * GB)) == '2 GB were used by "stress" (process 20), not by a Dask worker'
    assert said(JobProcess(20, 0, 2 * GB)) == '2 GB were used by "stress" (process 20), not by a Dask worker'
    assert said(JobProcess(30, 1, 2 * GB)) == "", "the process from which the workers are forked"


def test_many_processes_of_a_program_are_named_together() -> None:
    processes = [JobProcess(20, 11, GB), JobProcess(21, 20, 2 * GB), JobProcess(22, 11, 2 * GB)]
    assert said(*processes) == '3 GB were used by "stress" (2 processes), not by a Dask worker'


def test_what_tasks_start_is_counted_for_their_worker() -> None:
    processes = [JobProcess(20, 11, 3), JobProcess(21, 20, 4), JobProcess(30, 0, 5)]
    tally = by_worker([JobProcess(1, 0, 1), JobProcess(10, 1, 1), JobProcess(11, 1, 2), *processes], {10, 11})
    assert (tally[10], tally[11]) == (1, 9)
    assert sum(tally.values()) == 16


@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(0, 20)), max_size=20, unique_by=lambda each: each[0]),
    st.sets(st.integers(1, 20)),
)
def test_each_process_is_counted_for_one_worker_or_none(tree: list[tuple[int, int]], workers: set[int]) -> None:
    # Parents come before their children, as the search finds them.
    processes = [JobProcess(pid, parent if parent < pid else 0, 1) for pid, parent in tree]
    tally = by_worker(processes, workers)
    assert sum(tally.values()) == len(processes)
    assert tally.keys() <= workers | {0}


def test_the_exact_memory_is_measured_rarely_unless_much_was_added() -> None:
    assert Pace().is_due(5, now=0)
    pace = Pace.measured(bound=100, room=30, begun=10.0, now=10.01)
    assert not pace.is_due(130, now=10.9)
    assert pace.is_due(131, now=10.9)
    assert pace.is_due(100, now=11.1)
    slow = Pace.measured(bound=100, room=30, begun=10.0, now=10.5)
    assert not slow.is_due(100, now=20.0)
    assert slow.is_due(100, now=21.0)
