"""What the tests of faults share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from distributed import Client

from af_lab.condor.job import JobStatus
from af_lab.manager.manager import ClusterManager
from af_lab.model import ads
from tests.support import LIMIT, until


@asynccontextmanager
async def client_of(manager: ClusterManager, name: str) -> AsyncIterator[Client]:
    """A client of a cluster that runs."""
    info = await manager.wait_until_running(name)
    security = (await manager.folder(name)).security()
    async with Client(info.scheduler_address, security=security, asynchronous=True) as client:
        yield client


async def connected(manager: ClusterManager, name: str, workers: int, seconds: float = LIMIT) -> None:
    """Wait until a cluster has exactly so many workers, none is lost, and none is on its way out."""

    async def there() -> bool:
        counts = (await manager.get(name)).counts
        return (counts.connected, counts.lost, counts.leaving) == (workers, 0, 0)

    await until(there, f"{workers} workers of {name!r} are connected", seconds)


async def troubles(manager: ClusterManager, name: str) -> list[str]:
    """Return what a cluster tells of its troubles, each behind the worker it befell."""
    return [f"{trouble.worker} {trouble.text}" for trouble in (await manager.get(name)).troubles]


def noted_task(record: Path, seconds: float = 0.0, gate: Path | None = None) -> Callable[[int], int]:
    """Return a task that squares a number, and leaves a line in a file at its beginning.

    It is made here and now, so that the workers need not find the tests.

    Parameters
    ----------
    record
        The file.
    seconds
        How long it takes.
    gate
        It goes on until this file exists.
    """
    path, awaited = str(record), gate and str(gate)

    def task(number: int) -> int:
        import os
        import time

        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, f"{number}\n".encode())
        os.close(descriptor)
        time.sleep(seconds)
        while awaited and not os.path.exists(awaited):
            time.sleep(0.05)
        return number * number

    return task


def stall_probe() -> Callable[[float], Awaitable[float]]:
    """Return a coroutine that tells by how many seconds its event loop was late at worst, in so many seconds.

    It is made here and now, so that a runner need not find the tests.
    """

    async def worst_stall(seconds: float) -> float:
        import asyncio
        import time

        pause, worst, end = 0.005, 0.0, time.perf_counter() + seconds
        while (before := time.perf_counter()) < end:
            await asyncio.sleep(pause)
            worst = max(worst, time.perf_counter() - before - pause)
        return worst

    return worst_stall


async def runner_pid(manager: ClusterManager, name: str) -> int:
    """Process id of the newest start of a cluster's scheduler; its log is named after it."""
    logs = (await manager.folder(name)).logs.glob("scheduler-*.log")
    newest = max(logs, key=lambda log: log.stat().st_mtime_ns)
    return int(newest.stem.rpartition("-")[2])


async def whole_again(manager: ClusterManager, name: str, workers: int, old: int) -> None:
    """Wait until a cluster has its workers, at a scheduler that is another process than the old one."""

    async def there() -> bool:
        newest = await runner_pid(manager, name)
        info = await manager.get(name)
        return info.state == "running" and info.counts.connected == workers and newest != old

    await until(there, f"the cluster {name!r} is whole again")


async def identity(client: Client) -> dict[str, dict[str, Any]]:
    """Return what the scheduler tells of its workers, by their addresses."""
    assert client.scheduler is not None
    told: dict[str, dict[str, Any]] = (await client.scheduler.identity(n_workers=-1))["workers"]
    return told


async def worker_jobs(manager: ClusterManager, id_: int) -> int:
    """Count the worker jobs of the scheduler job with this ``ClusterId``, without those that leave."""
    constraint = f"{ads.SCHEDULER} =?= {id_} && JobStatus =!= {JobStatus.REMOVED:d}"
    return len(await manager.queue.query(constraint, ["ClusterId"]))
