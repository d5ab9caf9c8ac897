"""A worker that outgrows its memory runs again with more, and Dask may use it."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from tests.faults.support import client_of, connected, identity, noted_task, troubles
from tests.support import LIMIT, until

pytestmark = pytest.mark.pool

# HTCondor gives a slot 384 MB for it, of which a worker may use 288 MB.
SMALL = {"memory": "300 MB"}
TOO_MUCH = 300  # MB; enough for a worker with twice as much


def allocate(record: Path, megabytes: int, gate: Path | None = None) -> Callable[[], int]:
    """Return a task that has so much in memory, until its worker is ended where that is too much.

    It is made here and now, so that the workers need not find the tests. Its first run allocates only once the gate
    `gate-1` is there, its second `gate-2`, and so on.
    """
    note, awaited = noted_task(record), gate and str(gate)

    def task() -> int:
        import os
        import time

        from distributed import get_worker

        note(megabytes)
        with open(record) as lines:
            run = len(lines.readlines())
        while awaited and not os.path.exists(f"{awaited}-{run}"):
            time.sleep(0.05)
        content = b"x" * (megabytes * 2**20)
        limit = get_worker().memory_manager.memory_limit
        if limit and len(content) > limit:
            time.sleep(600)
        return len(content) // 2**20

    return task


def allocate_in_a_child(megabytes: int) -> Callable[[], int]:
    """Return a task whose child has so much in memory, until the job is ended where that is too much."""

    def task() -> int:
        import subprocess
        import sys

        from distributed import get_worker

        limit = get_worker().memory_manager.memory_limit or 0
        wait = 600 if megabytes * 2**20 > limit else 0
        program = f"import time; content = b'x' * ({megabytes} * 2**20); time.sleep({wait})"
        subprocess.run([sys.executable, "-c", program], check=True)
        return megabytes

    return task


def allocate_shared(megabytes: int) -> Callable[[], int]:
    """Return a task that has so much shared memory, until the job is ended where that is too much."""

    def task() -> int:
        import time
        from multiprocessing.shared_memory import SharedMemory

        from distributed import get_worker

        shared = SharedMemory(create=True, size=megabytes * 2**20)
        # Nothing is left of it, even if the process is killed.
        shared.unlink()
        assert shared.buf is not None
        for begin in range(0, megabytes * 2**20, 4096):
            shared.buf[begin] = 1
        limit = get_worker().memory_manager.memory_limit or 0
        if shared.size > limit:
            time.sleep(600)
        shared.close()
        return megabytes

    return task


def read_mapped(file: Path) -> Callable[[int], int]:
    """Return a task that maps a file three times and keeps it, reads all of it, and returns how much is in memory."""
    path = str(file)

    def task(_: int) -> int:
        import builtins
        import time

        import numpy
        import psutil

        vars(builtins)["kept"] = maps = [numpy.memmap(path, mode="r") for _ in range(3)]
        assert sum(int(each[::1024].sum()) for each in maps) > 0
        # The memory is looked at five times a second.
        time.sleep(2)
        return int(psutil.Process().memory_info().rss)

    return task


def heard_of() -> Callable[..., list[str]]:
    """Return what tells the tasks of which a Dask scheduler has heard that a worker is at them."""

    def executing(dask_scheduler: Any) -> list[str]:
        return [str(task.key) for worker in dask_scheduler.workers.values() for task in worker.executing]

    return executing


async def heard(client: Client, future: Any, record: Path, run: int) -> None:
    """Wait until the scheduler has heard which worker is at a run of a task."""

    async def there() -> bool:
        has_begun = record.exists() and len(record.read_text().split()) == run
        return has_begun and str(future.key) in await client.run_on_scheduler(heard_of())

    await until(there, f"the scheduler has heard which worker is at run {run} of the task")


async def memory_limits(client: Client) -> list[int]:
    return sorted(worker["memory_limit"] for worker in (await identity(client)).values())


async def test_a_job_that_outgrows_its_memory_runs_again_with_more_and_no_other_has_to(
    manager: ClusterManager, tmp_path: Path
) -> None:
    executions, gate = tmp_path / "executions", tmp_path / "gate"
    await manager.create(make_spec({"name": "grows", "workers": 4, **SMALL}))
    async with client_of(manager, "grows") as client:
        await connected(manager, "grows", 4)
        before = {worker.id: worker for worker in await manager.workers("grows")}
        limit = max(await memory_limits(client))
        others = client.map(noted_task(tmp_path / "others", 0.2), range(40))
        large = client.submit(allocate(executions, TOO_MUCH, gate))

        await heard(client, large, executions, 1)
        for run in (1, 2):
            (tmp_path / f"gate-{run}").touch()
        assert await large == TOO_MUCH
        assert await client.gather(others) == [number * number for number in range(40)]
        await connected(manager, "grows", 4)
        *smaller, larger = await memory_limits(client)
        assert larger > 1.5 * limit, "Dask may use what the job was given"
        assert smaller == [limit] * 3
        after = {worker.id: worker for worker in await manager.workers("grows")}
        assert after.keys() == before.keys(), "the same jobs"
        (grown,) = [id_ for id_ in after if after[id_].starts == before[id_].starts + 1]
        assert after[grown].memory_asked >= 2 * before[grown].memory_asked - 2**20
        assert sum(worker.starts for worker in after.values()) == 5
        assert f"{grown} outgrew 301 MB and runs again with 602 MB" in await troubles(manager, "grows")
    assert executions.read_text().split() == [str(TOO_MUCH)] * 2


async def test_all_processes_of_a_job_count_with_what_only_they_can_free(
    manager: ClusterManager, tmp_path: Path
) -> None:
    mapped = tmp_path / "mapped"
    mapped.write_bytes(b"x" * (200 * 2**20))
    await manager.create(make_spec({"name": "counted", "workers": 2, **SMALL}))
    async with client_of(manager, "counted") as client:
        await connected(manager, "counted", 2)

        async def used() -> list[float]:
            """Return the megabytes that the table of workers shows for each, the least first."""
            return sorted((worker.memory_used or 0) / 2**20 for worker in await manager.workers("counted"))

        async def has_grown() -> bool:
            return (await used())[-1] > 110

        async def has_shrunk() -> bool:
            return (await used())[-1] < 80

        assert (await used())[0] > 20, "from the beginning"
        (result,) = await client.scatter([b"x" * (80 * 2**20)])
        # HTCondor's own figure comes late, and is the most that it has seen.
        await until(has_grown, "a worker uses 80 MB more", 30)
        result.release()
        await until(has_shrunk, "it uses less again", 30)

        assert min(await client.gather(client.map(read_mapped(mapped), range(2)))) > 600 * 2**20
        assert {worker["status"] for worker in (await identity(client)).values()} == {"running"}
        assert [worker.starts for worker in await manager.workers("counted")] == [1, 1]

        large = [client.submit(allocate_in_a_child(TOO_MUCH)), client.submit(allocate_shared(TOO_MUCH))]
        async with asyncio.timeout(LIMIT):
            assert await client.gather(large) == [TOO_MUCH] * 2
        await connected(manager, "counted", 2)
        assert [worker.starts for worker in await manager.workers("counted")] == [2, 2]
        (by_child,) = [text for text in await troubles(manager, "counted") if "not by a Dask worker" in text]
        assert re.search(r'runs again with 602 MB; 0\.3\d+ GB were used by "python.*" \(process \d+\)', by_child)
        assert any(
            text.endswith("outgrew 301 MB and runs again with 602 MB") for text in await troubles(manager, "counted")
        )


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
            told = [text for text in await troubles(manager, "orphan") if "runs again with 602 MB" in text]
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
        large = client.submit(allocate(tmp_path / "executions", 1000, tmp_path / "gate"))
        for run in (1, 2, 3):
            await heard(client, large, tmp_path / "executions", run)
            (tmp_path / f"gate-{run}").touch()
        with pytest.raises(MemoryError, match=r"outgrew 800 MB, the most .* 200 MB. .* a cluster with more memory"):
            await large
        assert len((tmp_path / "executions").read_text().split()) == 3, "with 1, 2 and 4 times what was asked for"
        assert any("outgrew 800 MB, the most" in text for text in await troubles(manager, "most"))
        assert await client.submit(sum, [1, 2]) == 3
        await connected(manager, "most", 1)
