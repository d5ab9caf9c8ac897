from __future__ import annotations

from collections.abc import Iterator

import pytest

from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.job import JobStatus
from af_lab.condor.limits import ScheddLimits, ScheddUse, refusing_limit
from af_lab.condor.queue import Queue, account
from af_lab.errors import LimitExceeded
from af_lab.playground.sizing import PoolSize
from tests.condor.support import SLEEP, configured_pool, use_pool
from tests.support import until

HELD = SLEEP | {"hold": "true"}


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch, connection: HelperConnection) -> Iterator[Queue]:
    """The empty queue of a pool with limits; the schedd counts only once what a user has."""
    settings = {"MAX_JOBS_PER_SUBMISSION": "10", "MAX_JOBS_PER_OWNER": "25", "SCHEDD_INTERVAL": "600"}
    with configured_pool(PoolSize(2, 2**31), settings) as pool:
        use_pool(pool, monkeypatch)
        yield Queue(connection, account())


async def count(queue: Queue) -> int:
    return len(await queue.query("true", ["ClusterId"]))


@pytest.mark.pool
async def test_a_submission_is_split_at_the_limit(limited: Queue) -> None:
    assert (await limited.limits()).per_submission == 10
    ids = await limited.submit(HELD, 24)
    assert [id_.proc for id_ in ids] == [*range(10), *range(10), *range(4)]
    assert len({id_.cluster for id_ in ids}) == 3
    assert ids == sorted(set(ids))
    ads = await limited.query("true", ["ClusterId", "AfLabSubmission"])
    assert len(ads) == 24
    assert len({ad["AfLabSubmission"] for ad in ads}) == 3


@pytest.mark.pool
async def test_as_many_as_the_limit_allows_go_in_and_the_rest_is_told(limited: Queue) -> None:
    with pytest.raises(LimitExceeded) as caught:
        await limited.submit(HELD, 40)
    assert str(caught.value) == (
        "This access point takes at most 25 jobs of one user (MAX_JOBS_PER_OWNER), and 25 of yours are in its queue. "
        "Ask for fewer, or remove jobs that you no longer need. 25 of 40 jobs were submitted."
    )
    assert await count(limited) == 25
    with pytest.raises(LimitExceeded, match=r"\. 0 of 1 jobs were submitted\.$"):
        await limited.submit(HELD)
    assert await count(limited) == 25, "nothing is submitted twice"


@pytest.mark.pool
async def test_jobs_that_left_count_for_a_while_and_that_is_told(limited: Queue) -> None:
    await limited.submit(HELD, 25)
    await limited.remove("true", "tested")

    async def gone() -> bool:
        return await count(limited) == 0

    await until(gone, "the jobs left")
    with pytest.raises(LimitExceeded, match=r"and 0 of yours are in its queue\. It still counts jobs that left"):
        await limited.submit(HELD, 25)
    assert await count(limited) == 0


@pytest.mark.pool
async def test_the_limit_for_all_users_is_told(monkeypatch: pytest.MonkeyPatch, connection: HelperConnection) -> None:
    with configured_pool(PoolSize(2, 2**31), {"MAX_JOBS_SUBMITTED": "7"}) as pool:
        use_pool(pool, monkeypatch)
        queue = Queue(connection, account())
        await queue.submit(HELD, 5)
        for asked, submitted in ((4, 2), (4, 0)):
            with pytest.raises(LimitExceeded, match="at most 7 jobs of all users") as caught:
                await queue.submit(HELD, asked)
            assert f"{submitted} of {asked} jobs were submitted" in str(caught.value)
            assert await count(queue) == 7


@pytest.mark.pool
async def test_the_use_of_the_access_point_is_counted(queue: Queue) -> None:
    before = await queue.use()
    await queue.submit(HELD, 2)
    await queue.submit(SLEEP | {"universe": "scheduler"}, 3)

    async def up() -> bool:
        return len(await queue.query(f"JobStatus == {JobStatus.RUNNING}", ["ClusterId"])) == 3

    await until(up, "the jobs on the access point run")
    use = await queue.use()
    assert (use.own - before.own, use.everybody - before.everybody) == (5, 5)
    assert use.own_scheduler_universe - before.own_scheduler_universe == 3
    assert use.scheduler_universe - before.scheduler_universe == 3
    assert use.running == before.running, "they run on no slot"


def test_limits_are_read_from_the_settings() -> None:
    settings = {
        "MAX_JOBS_PER_SUBMISSION": "20000",
        "MAX_JOBS_PER_OWNER": "100000",
        "MAX_JOBS_SUBMITTED": "2147483647",
        "MAX_JOBS_RUNNING": None,
        "START_SCHEDULER_UNIVERSE": "TotalSchedulerJobsRunning < 500",
        "MAX_RUNNING_SCHEDULER_JOBS_PER_OWNER": "200",
    }
    assert ScheddLimits.from_parameters(settings) == ScheddLimits(20000, 100000, None, None, 500, 200)
    own_rule = settings | {"START_SCHEDULER_UNIVERSE": "TotalIdle < 3"}
    assert ScheddLimits.from_parameters(own_rule).scheduler_universe is None
    assert ScheddLimits.from_parameters({}) == ScheddLimits()


def test_room_is_what_the_narrowest_limit_leaves() -> None:
    use = ScheddUse(own=20, everybody=90, running=0, own_scheduler_universe=0, scheduler_universe=0)
    assert ScheddLimits().room(use) is None
    assert ScheddLimits(per_owner=25).room(use) == 5
    assert ScheddLimits(per_owner=25, submitted=92).room(use) == 2
    assert ScheddLimits(per_owner=10).room(use) == 0


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("expected next ProcId to be 10, but Schedd says -4", "MAX_JOBS_PER_SUBMISSION"),
        ("expected next ProcId to be 0, but Schedd says -3", "MAX_JOBS_PER_OWNER"),
        ("expected next ProcId to be 2, but Schedd says -2", "MAX_JOBS_SUBMITTED"),
        ("Failed to create new cluster.SCHEDD:22:MAX_JOBS_SUBMITTED exceeded. Current=12", "MAX_JOBS_SUBMITTED"),
        ("expected next ProcId to be 2, but Schedd says -1", None),
        ("Failed to commit transaction", None),
    ],
)
def test_refusals_for_a_limit_are_told_from_others(said: str, limit: str | None) -> None:
    assert refusing_limit(said) == limit


def test_a_limit_that_this_machine_does_not_know_is_told() -> None:
    use = ScheddUse(own=0, everybody=0, running=0, own_scheduler_universe=0, scheduler_universe=0)
    words = ScheddLimits(per_submission=20000).describe("MAX_JOBS_PER_SUBMISSION", use)
    assert "MAX_JOBS_PER_SUBMISSION = 20000" in words
