"""When jobs with a limited time leave."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.runner.time_limit import LONGEST_RESERVE, LONGEST_SPREAD, TimeLimit

START = 1000.0
HOUR = 3600.0


def job(proc: int, status: JobStatus = JobStatus.RUNNING) -> WorkerJob:
    return WorkerJob(JobId(10, proc), status, starts=1, since=START)


@pytest.mark.parametrize("limit", [60.0, 20 * 60.0, 2 * HOUR, 168 * HOUR])
def test_jobs_that_started_together_leave_one_after_another_and_in_time(limit: float) -> None:
    leaving = sorted(TimeLimit(limit).leaves_at(job(proc)) - START for proc in range(100))
    assert leaving[0] >= limit / 4, "most of the time is used"
    assert limit - leaving[-1] >= min(30, limit / 2), "the last tasks have some time left"
    assert limit - leaving[0] <= min(limit, LONGEST_RESERVE + LONGEST_SPREAD + 1)
    spread = leaving[-1] - leaving[0]
    assert spread > 0
    for begin in range(10):
        at_once = sum(begin / 10 <= (moment - leaving[0]) / spread < (begin + 1) / 10 for moment in leaving)
        assert 5 <= at_once <= 15


def test_only_jobs_that_run_leave() -> None:
    limit = TimeLimit(HOUR)
    jobs = [job(0), job(1, JobStatus.IDLE), job(2, JobStatus.REMOVED)]
    assert limit.due(jobs, START) == []
    assert limit.due(jobs, START + HOUR) == [JobId(10, 0)]


def test_without_a_limit_none_leaves() -> None:
    limit = TimeLimit(math.inf)
    assert limit.due([job(0)], START + 10**9) == []
    assert limit.leaves_at(job(0)) == math.inf


@given(st.floats(1, 10**7), st.integers(0, 10**5))
def test_whatever_the_limit_a_job_leaves_between_its_start_and_its_end(limit: float, proc: int) -> None:
    one = TimeLimit(limit)
    moment = one.leaves_at(job(proc))
    assert START <= moment < START + limit
    assert 0 <= one.patience(job(proc), moment) < limit
