from __future__ import annotations

import pytest

from af_lab.condor import queue as queues
from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.job import JobId, JobStatus
from af_lab.condor.queue import Queue, account
from af_lab.errors import CondorUnavailable
from tests.condor import support
from tests.support import until

pytestmark = pytest.mark.pool

SLEEP = support.SLEEP | {"hold": "true"}


async def test_the_life_of_jobs(queue: Queue) -> None:
    ids = await queue.submit(SLEEP, 3)
    assert ids == [JobId(ids[0].cluster, proc) for proc in range(3)]
    which = f"ClusterId == {ids[0].cluster}"
    assert await queue.edit(which, {"AfLabNumber": "7", "AfLabText": '"seven"'}) == 3
    (first, *_) = await queue.query(f"{which} && ProcId == 0", ["JobStatus", "AfLabNumber", "AfLabText", "NoneSuch"])
    assert first["JobStatus"] == JobStatus.HELD
    assert (first["AfLabNumber"], first["AfLabText"]) == (7, "seven")
    assert "NoneSuch" not in first
    assert await queue.release(f"{which} && ProcId == 1", "tested") == 1
    assert await queue.hold(f"{which} && ProcId == 1", "tested: held again") == 1
    (held,) = await queue.query(f"{which} && ProcId == 1", ["HoldReason"])
    assert "tested: held again" in held["HoldReason"]
    assert await queue.remove(which, "tested") == 3

    async def gone() -> bool:
        return not await queue.query(which, ["ClusterId"])

    await until(gone, "the jobs left the queue")


async def test_only_own_jobs_are_seen(queue: Queue) -> None:
    (id_,) = await queue.submit(SLEEP)
    stranger = Queue(queue._connection, "somebody-else")
    assert await stranger.query("true", ["ClusterId"]) == []
    assert await stranger.remove(f"ClusterId == {id_.cluster}", "not mine") == 0
    assert len(await queue.query(f"ClusterId == {id_.cluster}", ["ClusterId"])) == 1


class LosesTheAnswer(HelperConnection):
    """A helper whose answer to a submission is lost after the schedd has taken it."""

    async def acall(self, method: str, **params: object) -> object:
        answer = await super().acall(method, **params)
        if method == "submit":
            raise CondorUnavailable("the answer is lost")
        return answer


async def test_a_submission_whose_answer_is_lost_is_found(queue: Queue) -> None:
    losing = LosesTheAnswer(20)
    try:
        ids = await Queue(losing, account()).submit(SLEEP, 2)
    finally:
        losing.close()
    assert len(await queue.query(f"ClusterId == {ids[0].cluster}", ["ClusterId"])) == 2


class LosesTheSecond(HelperConnection):
    """A helper whose second submission never reaches the schedd."""

    submissions = 0

    async def acall(self, method: str, **params: object) -> object:
        if method == "submit":
            self.submissions += 1
            if self.submissions == 2:
                raise CondorUnavailable("it is gone")
        return await super().acall(method, **params)


async def test_many_jobs_are_submitted_in_parts(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 100 <= queues.MOST_AT_ONCE <= 2000, "the schedd takes that many within a second"
    monkeypatch.setattr(queues, "MOST_AT_ONCE", 10)
    ids = await queue.submit(SLEEP, 21)
    assert len(set(ids)) == 21
    assert [id_.proc for id_ in ids] == [*range(10), *range(10), 0]
    which = f"ClusterId >= {ids[0].cluster} && ClusterId <= {ids[-1].cluster}"
    assert len(await queue.query(which, ["ProcId"])) == 21


async def test_what_went_in_before_the_schedd_was_lost_stays(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "MOST_AT_ONCE", 10)
    before = (await queue.use()).own
    losing = LosesTheSecond(20)
    try:
        with pytest.raises(CondorUnavailable, match="gone"):
            await Queue(losing, account()).submit(SLEEP, 15)
    finally:
        losing.close()
    assert (await queue.use()).own - before == 10


async def test_a_job_of_an_accounting_group_is_charged_to_its_user(queue: Queue) -> None:
    (job,) = await queue.submit(SLEEP | {"accounting_group": "group_cms"})
    (other,) = await queue.submit(SLEEP | {"Accounting_Group": "group_cms", "accounting_group_user": "somebody"})
    for id_, user in ((job, queue.owner), (other, "somebody")):
        (ad,) = await queue.query(f"ClusterId == {id_.cluster}", ["AccountingGroup"])
        assert ad["AccountingGroup"] == f"group_cms.{user}"
