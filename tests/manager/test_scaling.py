from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from af_lab.condor.jobs import JobId, JobStatus
from af_lab.manager.ads import WorkerJob
from af_lab.manager.scaling import Remove, Submit, decide, jobs_for


def job(proc: int, status: JobStatus) -> WorkerJob:
    return WorkerJob(JobId(10, proc), status, starts=1, since=0, hold_reason=None)


IDLE, RUNNING, HELD, REMOVED = JobStatus.IDLE, JobStatus.RUNNING, JobStatus.HELD, JobStatus.REMOVED


def test_workers_become_whole_jobs() -> None:
    assert [jobs_for(n, 4) for n in (0, 1, 4, 5)] == [0, 1, 1, 2]


def test_what_is_missing_is_submitted_at_once() -> None:
    assert decide(5, [job(0, RUNNING), job(1, IDLE)], {}) == Submit(3)


def test_enough_is_enough() -> None:
    assert decide(2, [job(0, RUNNING), job(1, IDLE)], {}) is None


def test_jobs_that_leave_already_do_not_count() -> None:
    assert decide(1, [job(0, REMOVED)], {}) == Submit(1)


def test_jobs_that_wait_go_first_and_the_youngest_of_them() -> None:
    jobs = [job(0, RUNNING), job(1, IDLE), job(2, IDLE), job(3, HELD)]
    assert decide(2, jobs, {}) == Remove(waiting=(JobId(10, 3), JobId(10, 2)), running=())


def test_a_running_task_stays_while_an_idle_worker_can_go() -> None:
    jobs = [job(proc, RUNNING) for proc in range(3)]
    busy = {JobId(10, 0): 4, JobId(10, 1): 0, JobId(10, 2): 2}
    assert decide(2, jobs, busy) == Remove(waiting=(), running=(JobId(10, 1),))


def test_a_job_without_a_connected_worker_goes_before_one_with() -> None:
    jobs = [job(proc, RUNNING) for proc in range(2)]
    assert decide(1, jobs, {JobId(10, 1): 0}) == Remove(waiting=(), running=(JobId(10, 0),))


statuses = st.lists(st.sampled_from([IDLE, RUNNING, HELD, REMOVED, JobStatus.COMPLETED]), max_size=12)


@given(st.integers(0, 12), statuses)
def test_one_step_leads_to_what_is_wanted(wanted: int, present: list[JobStatus]) -> None:
    jobs = [job(proc, status) for proc, status in enumerate(present)]
    there = sum(status in (IDLE, RUNNING, HELD) for status in present)
    match decide(wanted, jobs, {}):
        case Submit(count=count):
            assert there + count == wanted
        case Remove(waiting=waiting, running=running):
            assert there - len(waiting) - len(running) == wanted
            assert len({*waiting, *running}) == len(waiting) + len(running)
        case None:
            assert there == wanted
