"""What is done about worker jobs that fail."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from af_lab.condor.eventlog import EventKind, JobEvent
from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.model.folder import ClusterFolder
from af_lab.model.snapshot import Failing
from af_lab.runner.recovery import Backoff, ended_in_failure, failing_after, lost_jobs, next_offer
from af_lab.runner.worker_jobs import WorkerJobs
from tests.model.jobs import scheduler_job

MEGABYTE = 2**20
JOB = JobId(10, 0)


def job(status: JobStatus = JobStatus.RUNNING, **more: Any) -> WorkerJob:
    fields: dict[str, Any] = {"id": JOB, "status": status, "starts": 1, "since": 100.0} | more
    return WorkerJob(**fields)


@pytest.mark.parametrize(
    ("one", "connected", "last_seen", "lost"),
    [
        (job(since=100), {}, {}, True),
        (job(since=160), {}, {}, False),
        (job(since=100), {JOB: 1}, {}, False),
        (job(since=100), {}, {JOB: 150}, False),
        (job(since=100), {}, {JOB: 120}, True),
        (job(since=160), {}, {JOB: 120}, False),  # it was started anew since
        (job(JobStatus.IDLE, since=100), {}, {}, False),
        (job(JobStatus.HELD, since=100), {}, {}, False),
        (job(JobStatus.TRANSFERRING_OUTPUT, since=100), {}, {}, False),
    ],
)
def test_a_job_is_lost_that_runs_for_long_without_a_worker(
    one: WorkerJob, connected: dict[JobId, int], last_seen: dict[JobId, float], lost: bool
) -> None:
    assert (lost_jobs([one], connected, last_seen, now=200, patience=60) == {JOB}) is lost


def test_the_first_failures_cost_no_time() -> None:
    backoff = Backoff().failed([JOB], now=0).failed([JOB, JobId(10, 1)], now=1)
    assert backoff.allowance(7, untried=3, now=1) == 7


def test_after_three_failures_in_a_row_one_job_is_tried_at_a_time_and_ever_more_seldom() -> None:
    backoff, now, waits = Backoff(), 0.0, []
    for _ in range(12):
        backoff = backoff.failed([JOB], now)
        if backoff.not_before:
            assert backoff.allowance(7, untried=0, now=backoff.not_before - 0.1) == 0
            assert backoff.allowance(7, untried=0, now=backoff.not_before) == 1
            assert backoff.allowance(7, untried=1, now=backoff.not_before) == 0
            waits.append(backoff.not_before - now)
            now = backoff.not_before
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] == 300


@given(st.lists(st.integers(0, 2), max_size=30), st.integers(0, 9), st.integers(0, 9), st.floats(0, 10_000))
def test_never_more_is_submitted_than_is_missing(failures: list[int], missing: int, untried: int, now: float) -> None:
    backoff = Backoff()
    for index, count in enumerate(failures):
        backoff = backoff.failed([JobId(1, proc) for proc in range(count)], float(index))
    assert 0 <= backoff.allowance(missing, untried, now) <= missing


@pytest.mark.parametrize(
    ("kind", "exit_code", "has_connected", "failed"),
    [
        (EventKind.TERMINATED, 1, False, True),
        (EventKind.TERMINATED, 1, True, True),
        (EventKind.TERMINATED, None, True, True),  # by a signal
        (EventKind.TERMINATED, 0, False, True),
        (EventKind.TERMINATED, 0, True, False),
        (EventKind.ABORTED, None, False, False),
        (EventKind.HELD, None, False, False),
        (EventKind.EVICTED, None, True, False),
    ],
)
def test_a_job_that_ends_by_itself_failed_unless_it_was_of_use(
    kind: EventKind, exit_code: int | None, has_connected: bool, failed: bool
) -> None:
    assert ended_in_failure(JobEvent(kind, JOB, 1.0, exit_code=exit_code), has_connected) is failed


def test_the_last_words_of_failing_jobs_are_kept() -> None:
    one, two, three = (JobId(10, proc) for proc in range(3))
    assert failing_after(None, [], {}) is None
    first = failing_after(None, [one, two], {one: "No such option.", two: ""})
    assert first == Failing(2, "10.1", "No such option.")
    assert failing_after(first, [three], {three: "No such file."}) == Failing(3, "10.2", "No such file.")


def log_ends(folder: Path, *procs: int) -> None:
    moment = time.strftime("%Y-%m-%d %H:%M:%S")
    with (folder / "events.log").open("a") as log:
        for proc in procs:
            log.write(f"005 (010.{proc:03}.000) {moment} Job terminated.\n\t(1) Normal termination (return value 1)\n")
            log.write("...\n")


@pytest.mark.parametrize(("starts", "cautious"), [(1, True), (2, False)])
async def test_jobs_that_end_with_an_earlier_start_of_their_scheduler_are_no_failures(
    tmp_path: Path, starts: int, cautious: bool
) -> None:
    scheduler = SimpleNamespace(connected=dict)
    running = [job(id=JobId(10, proc)) for proc in range(5)]
    ClusterFolder(tmp_path).worker_description.write_text("{}")
    # No part of this asks HTCondor or Dask for anything.
    workers = WorkerJobs(
        ClusterFolder(tmp_path), cast(Any, None), scheduler_job(tmp_path, starts=starts), running, cast(Any, scheduler)
    )
    for proc in range(5):
        log_ends(tmp_path, proc)
        assert await workers.read_events()
    waits = workers.next_look() < math.inf
    assert waits is cautious


class NotedQueue:
    """Takes every job, and notes how many at a time."""

    def __init__(self) -> None:
        self.submitted: list[int] = []

    async def submit(self, description: dict[str, str], count: int) -> list[JobId]:
        self.submitted.append(count)
        return [JobId(20 + len(self.submitted), proc) for proc in range(count)]


async def test_after_three_failures_a_step_submits_nothing_for_a_while_and_then_one_job_of_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, queue = ClusterFolder(tmp_path), NotedQueue()
    folder.worker_description.write_text("{}")
    folder.logs.mkdir()
    scheduler = SimpleNamespace(connected=dict, busy=dict)
    wanting = replace(scheduler_job(tmp_path), workers=4)
    workers = WorkerJobs(folder, cast(Any, queue), wanting, [], cast(Any, scheduler))
    now = time.time()

    async def step(*jobs: WorkerJob) -> list[int]:
        queue.submitted.clear()
        workers.update(wanting, jobs)
        await workers.step()
        return list(queue.submitted)

    for proc in range(3):
        assert await step() == [4]
        log_ends(tmp_path, proc)
        (folder.logs / f"worker-10.{proc}.out").write_text(f"RuntimeError: no database {proc}\n" if proc < 2 else "")
        assert await workers.read_events()
    assert await step() == []
    assert workers.failing is not None
    assert (workers.failing.jobs, workers.failing.job, workers.failing.words) == (
        *(3, "10.2"),
        "RuntimeError: no database 1",
    )
    assert workers.failing.next_try is not None
    assert workers.failing.next_try > now
    monkeypatch.setattr(time, "time", lambda: now + 3600)
    assert await step() == [1]
    waiting = job(JobStatus.IDLE, id=JobId(21, 0), since=now + 3600)
    assert await step(waiting) == [], "none of it has connected yet"
    workers.came("21.0-r1", again=False)
    assert workers.failing is None
    assert await step(replace(waiting, status=JobStatus.RUNNING)) == [3]


def test_jobs_that_wait_are_offered_anew_less_and_less_often() -> None:
    offers, offered = [], 0.0
    for _ in range(8):
        offered = next_offer(1000.0, offered)
        offers.append(offered - 1000)
    assert offers == [15, 30, 60, 120, 240, 480, 780, 1080]
    assert next_offer(5000.0, offered) == 5015, "others wait now"
