"""When the pool is asked whether it can run the jobs, and how many of those that it cannot stay in the queue."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.runner.outlook import FEW, FIRST_LOOK, LONGEST_REST, NEXT_LOOK, Outlook

NOW = 1000.0
IDLE, RUNNING, HELD = JobStatus.IDLE, JobStatus.RUNNING, JobStatus.HELD


def job(proc: int, status: JobStatus = IDLE, since: float = NOW - 2 * FIRST_LOOK) -> WorkerJob:
    return WorkerJob(JobId(10, proc), status, starts=0, since=since)


@pytest.mark.parametrize(
    ("wanted", "jobs", "due"),
    [
        (200, [job(0), job(1)], True),
        (FEW + 1, [job(0), job(1, HELD)], True),
        # So few disturb nobody.
        (FEW, [job(0), job(1)], False),
        # One runs, so a slot matches.
        (200, [job(0), job(1, RUNNING)], False),
        (200, [job(0), job(1, JobStatus.TRANSFERRING_OUTPUT)], False),
        # Nobody has been able to match them yet.
        (200, [job(0, since=NOW), job(1, since=NOW)], False),
        (200, [job(0, since=NOW), job(1)], True),
        (200, [job(0, HELD)], False),
        (200, [], False),
    ],
)
def test_the_pool_is_asked_only_when_many_jobs_wait_and_none_runs(
    wanted: int, jobs: list[WorkerJob], due: bool
) -> None:
    assert Outlook().is_due(wanted, jobs, NOW) is due


def test_the_pool_is_asked_less_and_less_often() -> None:
    outlook, now, asked = Outlook(), NOW, list[float]()
    while now < NOW + 3600:
        if outlook.is_due(200, [job(0)], now):
            asked.append(now)
            outlook = outlook.after_look(False, now)
        now += 1
    rests = [after - before for before, after in pairwise(asked)]
    assert rests[:3] == [NEXT_LOOK, 2 * NEXT_LOOK, 4 * NEXT_LOOK]
    assert set(rests[5:]) == {LONGEST_REST}


def test_only_a_few_jobs_that_match_nothing_stay_until_one_of_them_runs() -> None:
    outlook = Outlook().after_look(True, NOW)
    assert [outlook.in_queue(wanted) for wanted in (0, 1, 200)] == [0, 1, FEW]
    assert outlook.after_query([job(0)]).in_queue(200) == FEW
    assert outlook.after_query([job(0), job(1, RUNNING)]).in_queue(200) == 200


def test_a_slot_that_matches_later_is_found_although_others_have_it() -> None:
    assert Outlook().after_look(True, NOW).after_look(False, NOW).in_queue(200) == 200


@pytest.mark.parametrize("never", [True, False])
def test_a_pool_that_does_not_answer_changes_nothing_but_is_left_alone_for_a_while(never: bool) -> None:
    before = Outlook().after_look(never, NOW)
    after = before.after_look(None, NOW)
    assert (after.never, after.not_before > before.not_before) == (never, True)


@given(st.integers(0, 500), st.lists(st.sampled_from(list(JobStatus)), max_size=12), st.booleans())
def test_never_more_than_what_is_wanted_and_all_of_it_while_one_runs(
    wanted: int, present: list[JobStatus], never: bool
) -> None:
    jobs = [job(proc, status) for proc, status in enumerate(present)]
    outlook = Outlook(never).after_query(jobs)
    assert outlook.in_queue(wanted) <= wanted
    if RUNNING in present:
        assert outlook.in_queue(wanted) == wanted
