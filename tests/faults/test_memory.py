"""A worker that outgrows its memory runs again with more, and Dask may use it."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from distributed import Client

from af_lab.manager.manager import ClusterManager
from af_lab.manager.spec import make_spec
from tests.faults.support import client_of, connected, identity, noted_task, troubles
from tests.support import until

pytestmark = pytest.mark.pool

# HTCondor gives a slot 384 MB for it, of which a worker may use 288 MB.
SMALL = {"memory": "300 MB"}
TOO_MUCH = 300  # MB; enough for a worker with twice as much


def allocate(record: Path, megabytes: int) -> Callable[[], int]:
    """Return a task that has so much in memory for a while; made here, so that the workers need not find the tests."""
    note = noted_task(record, 0)

    def task() -> int:
        import time

        note(megabytes)
        # Long enough for the scheduler to hear what its worker is at.
        time.sleep(1.5)
        content = b"x" * (megabytes * 2**20)
        time.sleep(1)
        return len(content) // 2**20

    return task


async def memory_limits(client: Client) -> list[int]:
    return sorted(worker["memory_limit"] for worker in (await identity(client)).values())


async def test_a_job_that_outgrows_its_memory_runs_again_with_more(manager: ClusterManager, tmp_path: Path) -> None:
    await manager.create(make_spec({"name": "grows", "workers": 1, **SMALL}))
    async with client_of(manager, "grows") as client:
        await connected(manager, "grows", 1)
        (before,) = await manager.workers("grows")
        (limit,) = await memory_limits(client)
        assert await client.submit(allocate(tmp_path / "executions", TOO_MUCH)) == TOO_MUCH
        (after,) = await manager.workers("grows")
        assert (after.id, after.starts) == (before.id, before.starts + 1), "the same job, once more"
        assert after.memory_asked >= 2 * before.memory_asked - 2**20
        (more,) = await memory_limits(client)
        assert more > 1.5 * limit, "Dask may use what the job was given"
        assert f"{before.id} outgrew 0.301 GB and runs again with 0.602 GB" in await troubles(manager, "grows")


async def test_a_task_that_needs_more_memory_does_not_end_one_worker_after_the_other(
    manager: ClusterManager, tmp_path: Path
) -> None:
    executions = tmp_path / "executions"
    await manager.create(make_spec({"name": "spares", "workers": 5, **SMALL}))
    async with client_of(manager, "spares") as client:
        await connected(manager, "spares", 5)
        others = client.map(noted_task(tmp_path / "others", 0.2), range(40))
        assert await client.submit(allocate(executions, TOO_MUCH)) == TOO_MUCH
        assert await client.gather(others) == [number * number for number in range(40)]
        await connected(manager, "spares", 5)
        smaller, (larger,) = (await memory_limits(client))[:4], (await memory_limits(client))[4:]
        assert larger > 1.5 * max(smaller)
    assert executions.read_text().split() == [str(TOO_MUCH)] * 2
    assert {worker.starts for worker in await manager.workers("spares")} == {1, 2}


@pytest.mark.slow
async def test_a_task_that_waits_for_a_worker_that_will_not_come_runs_anywhere(
    manager: ClusterManager, tmp_path: Path
) -> None:
    executions = tmp_path / "executions"
    await manager.create(make_spec({"name": "orphan", "workers": 2, **SMALL}))
    async with client_of(manager, "orphan") as client:
        await connected(manager, "orphan", 2)
        computation = client.submit(allocate(executions, TOO_MUCH))

        async def outgrown() -> str | None:
            told = [text for text in await troubles(manager, "orphan") if "runs again with 0.602 GB" in text]
            return told[0].split()[0] if told else None

        await until(outgrown, "a job outgrew its memory")
        subprocess.run(["condor_rm", str(await outgrown())], check=True, capture_output=True, timeout=60)
        async with asyncio.timeout(90):
            assert await computation == TOO_MUCH


@pytest.mark.slow
async def test_a_task_that_outgrows_the_most_fails_with_what_to_do(manager: ClusterManager, tmp_path: Path) -> None:
    await manager.create(make_spec({"name": "most", "workers": 1, "memory": "200 MB"}))
    async with client_of(manager, "most") as client:
        await connected(manager, "most", 1)
        with pytest.raises(MemoryError, match=r"outgrew 0\.8 GB, the most .* 0\.2 GB. .* a cluster with more memory"):
            await client.submit(allocate(tmp_path / "executions", 2000))
        assert len((tmp_path / "executions").read_text().split()) == 3, "with 1, 2 and 4 times what was asked for"
        assert any("outgrew 0.8 GB, the most" in text for text in await troubles(manager, "most"))
        assert await client.submit(sum, [1, 2]) == 3
        await connected(manager, "most", 1)
