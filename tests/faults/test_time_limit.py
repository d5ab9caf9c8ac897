"""Jobs with a limited time: their workers leave before, their results stay, and others come."""

from __future__ import annotations

from pathlib import Path

import pytest

from af_lab.condor.job import JobId
from af_lab.manager.manager import ClusterManager
from af_lab.model import ads
from af_lab.model.spec import make_spec
from tests.faults.support import client_of, connected, noted_task
from tests.support import until

pytestmark = [pytest.mark.pool, pytest.mark.slow]

LIMIT = 40
TASKS = 20


async def test_workers_leave_before_their_time_is_over_and_nothing_is_computed_again(
    manager: ClusterManager, tmp_path: Path
) -> None:
    record = tmp_path / "executions"
    # Read from a line of a facility; a time in the specification is at least a minute.
    spec = make_spec({"name": "limited", "workers": 1, "submit": {"+MaxRuntime": LIMIT}})
    made = (await manager.create(spec)).info
    async with client_of(manager, "limited") as client:
        await connected(manager, "limited", 1)
        first = await jobs_of(manager, made.id)
        results = client.map(noted_task(record), range(TASKS))
        assert sum(await client.gather(results)) == sum(number * number for number in range(TASKS))

        async def replaced() -> bool:
            return not (set(first) & set(await jobs_of(manager, made.id)))

        await until(replaced, "another has taken its place")
        await connected(manager, "limited", 1)
        assert sum(await client.gather(results)) == sum(number * number for number in range(TASKS))
    assert len(record.read_text().split()) == TASKS, "the results were moved"
    info = await manager.get("limited")
    assert (info.troubles, info.counts.held) == ((), 0)
    assert set(first.values()) == {LIMIT}, "HTCondor knows the limit"


async def jobs_of(manager: ClusterManager, id_: int) -> dict[JobId, int]:
    found = await manager.queue.query(f"{ads.SCHEDULER} =?= {id_}", ["ClusterId", "ProcId", "AllowedJobDuration"])
    return {JobId(ad["ClusterId"], ad["ProcId"]): ad["AllowedJobDuration"] for ad in found}
