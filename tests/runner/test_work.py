"""What a runner knows of the work of its workers, on Dask's own schedulers and on a cluster."""

from __future__ import annotations

import asyncio
import operator
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster
from distributed.diagnostics.plugin import SchedulerPlugin

from af_lab.manager.manager import ClusterManager
from af_lab.manager.runner_client import RunnerClient
from af_lab.model.computation import Progress
from af_lab.model.spec import make_spec
from af_lab.runner.task_tally import SETTLED, TaskTally
from tests.faults.support import client_of, connected
from tests.support import until


class Counted:
    """The tasks of a Dask scheduler in this process."""

    def __init__(self, client: Client, scheduler: Any) -> None:
        self.client, self.scheduler, self.tally = client, scheduler, TaskTally()
        self.now = 0.0
        tally = self.tally

        class Plugin(SchedulerPlugin):
            def transition(self, key: Any, start: str, finish: str, *args: Any, **kwargs: Any) -> None:
                tally.transition(key, start, finish)

        scheduler.add_plugin(Plugin(), name="tally")

    def counts(self) -> tuple[int, int, int] | None:
        """Return done, total and erred."""
        progress = self.tally.look(self.now, 0)
        return None if progress is None else (progress.done, progress.total, progress.erred)

    async def become(self, *counts: int) -> None:
        async def there() -> bool:
            return self.counts() == counts

        await until(there, f"the counts {counts}; they are {self.counts()}")

    async def rest(self) -> None:
        """Let the computation end."""
        for _ in range(2):
            self.counts()
            self.now += SETTLED
        assert self.counts() is None


@asynccontextmanager
async def dask() -> AsyncIterator[Counted]:
    async with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, asynchronous=True, dashboard_address=None
        ) as here,
        Client(here, asynchronous=True) as client,
    ):
        yield Counted(client, here.scheduler)


def wait_for(path: Path) -> Callable[[int], int]:
    """Return a task that ends when a file is there."""

    def awaits(number: int) -> int:
        while not path.exists():
            time.sleep(0.01)
        return number

    return awaits


async def test_tasks_of_dask_are_counted(tmp_path: Path) -> None:
    async with dask() as counted:
        client, gate = counted.client, tmp_path / "gate"
        waiting = client.map(wait_for(gate), range(8), pure=False)
        await counted.become(0, 8, 0)
        total = client.submit(sum, waiting)
        await counted.become(0, 9, 0)
        dropped = client.map(wait_for(gate), range(100, 105), pure=False)
        await counted.become(0, 14, 0)
        await client.cancel(dropped)
        await counted.become(0, 9, 0)
        gate.touch()
        assert await total == 28
        await counted.become(9, 9, 0)
        del waiting, total
        await counted.rest()


async def test_failures_of_dask_are_counted_and_taken_back(tmp_path: Path) -> None:
    async with dask() as counted:
        client, gate = counted.client, tmp_path / "gate"
        held = client.submit(wait_for(gate), 1)
        failed = client.submit(operator.truediv, 1, 0)
        after = client.submit(abs, failed)
        await counted.become(0, 3, 2)
        await client.retry([after])
        await counted.become(0, 3, 2)
        gate.touch()
        await held
        await counted.become(1, 3, 2)


async def test_lost_results_of_dask_are_computed_again(tmp_path: Path) -> None:
    async with dask() as counted:
        client, gate = counted.client, tmp_path / "gate"
        held = client.submit(wait_for(gate), 1)
        done = client.map(abs, range(10))
        await counted.become(10, 11, 0)
        # What the other worker computes is lost; its tasks are the same as before.
        (busy,) = (state.processing_on.address for state in [counted.scheduler.tasks[held.key]])
        (other,) = (address for address in counted.scheduler.workers if address != busy)
        lost = len(counted.scheduler.workers[other].has_what)
        assert lost
        await counted.scheduler.remove_worker(other, stimulus_id="test", expected=True)
        await counted.become(10 - lost, 11, 0)
        gate.touch()
        assert sum(await client.gather(done)) == 45
        await counted.become(11, 11, 0)


async def test_a_restart_of_dask_leaves_nothing(tmp_path: Path) -> None:
    async with dask() as counted:
        gate = tmp_path / "gate"
        futures = counted.client.map(wait_for(gate), range(8), pure=False)
        await counted.become(0, 8, 0)
        gate.touch()
        await counted.client.restart(wait_for_workers=False)
        assert counted.counts() is None
        del futures


def sleeper(gate: Path) -> Callable[[int], int]:
    """Return a task that waits for a file. It is made here and now, so that the workers need not find the tests."""
    path = str(gate)

    def read_file(number: int) -> int:
        import os
        import time

        while not os.path.exists(path):
            time.sleep(0.1)
        return 1 // number

    return read_file


@pytest.mark.pool
async def test_a_cluster_says_how_far_it_is_and_what_it_does(manager: ClusterManager, tmp_path: Path) -> None:
    await manager.create(make_spec({"name": "works", "workers": 2}))
    await manager.wait_until_running("works")
    await connected(manager, "works", 2)

    async def is_idle() -> bool:
        info = await manager.get("works")
        return (info.activity, info.progress, info.doing) == ("idle", None, None) and info.memory_use is not None

    await until(is_idle, "it is idle")
    gate = tmp_path / "gate"
    (job,) = await manager.jobs()
    seen: list[tuple[float, Progress | None]] = []

    async def follow() -> None:
        async for snapshot in RunnerClient(job).changes(0):
            if snapshot is not None and (not seen or seen[-1][1] != snapshot.progress):
                seen.append((time.monotonic(), snapshot.progress))

    following = asyncio.create_task(follow())
    async with client_of(manager, "works") as client:
        futures = client.map(sleeper(gate), range(20), pure=False)

        async def waits() -> bool:
            info = await manager.get("works")
            said = info.progress and (info.progress.total, info.progress.running)
            # Where no core is free, nobody knows whether it waits.
            return info.activity in ("waiting", "working") and (info.doing, said) == ("read_file", (20, 2))

        await until(waits, "its workers wait for files")
        gate.touch()
        assert len(await client.gather(futures, errors="skip")) == 19
        await until(lambda: _is_last(seen, 19, 1), "all have ended")
    await until(is_idle, "it is idle again")
    following.cancel()
    times = [when for when, _ in seen]
    assert len(seen) <= (times[-1] - times[0]) / 0.5 + 3, "it is said at most twice a second"


async def _is_last(seen: list[tuple[float, Progress | None]], done: int, erred: int) -> bool:
    return any(
        progress and (progress.done, progress.erred, progress.running) == (done, erred, 0) for _, progress in seen
    )
