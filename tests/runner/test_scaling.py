from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.model.counting import jobs_for
from af_lab.runner.scaling import Patience, Step, decide


def job(proc: int, status: JobStatus) -> WorkerJob:
    return WorkerJob(JobId(10, proc), status, starts=1, since=0, hold_reason=None)


IDLE, RUNNING, HELD, REMOVED = JobStatus.IDLE, JobStatus.RUNNING, JobStatus.HELD, JobStatus.REMOVED


def test_workers_become_whole_jobs() -> None:
    assert [jobs_for(n, 4) for n in (0, 1, 4, 5)] == [0, 1, 1, 2]


def test_what_is_missing_is_submitted_at_once() -> None:
    assert decide(5, [job(0, RUNNING), job(1, IDLE)], {}, ()) == Step(submit=3)


def test_enough_is_enough() -> None:
    assert decide(2, [job(0, RUNNING), job(1, IDLE)], {}, ()) == Step()


def test_jobs_that_leave_already_do_not_count() -> None:
    assert decide(1, [job(0, REMOVED)], {}, ()) == Step(submit=1)


def test_others_take_the_place_of_jobs_without_use() -> None:
    assert decide(2, [job(0, RUNNING), job(1, HELD), job(2, RUNNING)], {}, {JobId(10, 1), JobId(10, 2)}) == Step(1)


def test_nobody_keeps_a_job_on_hold_in_a_cluster_without_workers() -> None:
    assert decide(0, [job(1, HELD)], {}, {JobId(10, 1)}) == Step(waiting=(JobId(10, 1),))


def test_jobs_that_wait_go_first_and_the_youngest_of_them() -> None:
    jobs = [job(0, RUNNING), job(1, IDLE), job(2, IDLE), job(3, HELD)]
    assert decide(2, jobs, {}, ()) == Step(waiting=(JobId(10, 3), JobId(10, 2)))


def test_a_running_task_stays_while_an_idle_worker_can_go() -> None:
    jobs = [job(proc, RUNNING) for proc in range(3)]
    busy = {JobId(10, 0): 4, JobId(10, 1): 0, JobId(10, 2): 2}
    assert decide(2, jobs, busy, ()) == Step(running=(JobId(10, 1),))


def test_a_job_without_a_connected_worker_goes_before_one_with() -> None:
    jobs = [job(proc, RUNNING) for proc in range(2)]
    assert decide(1, jobs, {JobId(10, 1): 0}, ()) == Step(running=(JobId(10, 0),))


statuses = st.lists(st.sampled_from([IDLE, RUNNING, HELD, REMOVED, JobStatus.COMPLETED]), max_size=12)


@given(st.integers(0, 12), statuses, st.sets(st.integers(0, 11)))
def test_one_step_leads_to_what_is_wanted(wanted: int, present: list[JobStatus], without_use: set[int]) -> None:
    jobs = [job(proc, status) for proc, status in enumerate(present)]
    useless = {JobId(10, proc) for proc in without_use}
    useful = {one.id for one in jobs if one.status in (IDLE, RUNNING, HELD)} - useless
    step = decide(wanted, jobs, {}, useless)
    leaving = {*step.waiting, *step.running}
    assert len(leaving) == len(step.waiting) + len(step.running)
    assert len(useful - leaving) + step.submit == wanted
    assert not (step.submit and leaving)


def test_adaptive_scaling_grows_at_once() -> None:
    assert Patience(60).settle(current=2, estimate=10, now=0) == 10


def test_adaptive_scaling_shrinks_only_when_fewer_were_enough_for_a_while() -> None:
    patience = Patience(60)
    assert [patience.settle(10, estimate, now) for now, estimate in ((0, 2), (30, 5), (59, 0))] == [10, 10, 10]
    assert patience.settle(10, 0, now=60) == 5, "to the highest of the time"


def test_work_that_comes_back_starts_the_patience_anew() -> None:
    patience = Patience(60)
    patience.settle(10, 2, now=0)
    patience.settle(10, 10, now=50)
    assert patience.settle(10, 2, now=61) == 10
