"""Workers that die, vanish or hang: each shows, and is made good under a computation that ends right."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import dask.config
import psutil
import pytest
from distributed import Client

from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from tests.faults.support import client_of, connected, identity, noted_task, troubles
from tests.support import until

pytestmark = pytest.mark.pool

Damage = Callable[[Client, str], Awaitable[None]]


WORDS = "Error in <TBasket>: a.root is damaged"


async def kill_worker(client: Client, job: str) -> None:
    await client.run(os.write, 2, f"{WORDS}\n".encode(), workers=[await address_in(client, job)])
    os.kill(await pid_in(client, job, nanny=False), signal.SIGKILL)


async def kill_nanny(client: Client, job: str) -> None:
    os.kill(await pid_in(client, job, nanny=True), signal.SIGKILL)


async def pid_in(client: Client, job: str, *, nanny: bool) -> int:
    pids = await client.run(os.getpid, workers=[await address_in(client, job)], nanny=nanny)
    (pid,) = pids.values()
    return int(pid)


async def address_in(client: Client, job: str) -> str:
    workers = await identity(client)
    (address,) = [address for address, worker in workers.items() if str(worker["name"]).startswith(f"{job}-")]
    return str(address)


def condor(command: str) -> Damage:
    async def run(client: Client, job: str) -> None:
        subprocess.run([command, job], check=True, capture_output=True, timeout=60)

    return run


DAMAGES: dict[str, tuple[Damage, str]] = {
    "worker killed": (
        kill_worker,
        f"lost a worker process; it was started again. The process was killed by signal 9. Its log says: {WORDS}",
    ),
    "nanny killed": (kill_nanny, "ended (killed by signal 9, SIGKILL); another takes its place"),
    "removed": (condor("condor_rm"), "was removed (via condor_rm"),
    "held": (condor("condor_hold"), "was put on hold (via condor_hold"),
    "vacated": (condor("condor_vacate_job"), "it runs again"),
}


async def test_damaged_workers_show_and_are_made_good(manager: ClusterManager, tmp_path: Path) -> None:
    """Each is damaged in another way, all under one computation."""
    # A task may lose one worker after the other.
    persistent = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "20"}
    many = len(DAMAGES)
    await manager.create(make_spec({"name": "hurt", "workers": many, "variables": persistent}))
    async with client_of(manager, "hurt") as client:
        await connected(manager, "hurt", many)
        assert await troubles(manager, "hurt") == []
        jobs = [worker.id for worker in await manager.workers("hurt")]
        computation = client.map(noted_task(tmp_path / "executions", 0.2), range(100))
        await until((tmp_path / "executions").exists, "the computation is under way")
        for job, (damage, _) in zip(jobs, DAMAGES.values(), strict=True):
            await damage(client, job)

        async def untold() -> list[str]:
            told = await troubles(manager, "hurt")
            return [
                f"{how} ({job}), among {told}"
                for job, (how, (_, trouble)) in zip(jobs, DAMAGES.items(), strict=True)
                if not any(text.startswith(f"{job} ") and trouble in text for text in told)
            ]

        async def all_told() -> bool:
            return not await untold()

        with contextlib.suppress(TimeoutError):
            await until(all_told, "all troubles are told")
        assert await untold() == []
        assert await client.gather(computation) == [number * number for number in range(100)]
        await connected(manager, "hurt", many)
    assert (await manager.get("hurt")).state == "running"


async def test_a_job_on_hold_is_told_with_its_reason_and_may_be_released(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "held", "workers": 2}))
    await manager.wait_until_running("held")
    await connected(manager, "held", 2)
    job = (await manager.workers("held"))[0].id
    subprocess.run(["condor_hold", "-reason", "for a look", job], check=True, capture_output=True, timeout=60)

    async def told() -> bool:
        worker = next(worker for worker in await manager.workers("held") if worker.id == job)
        return worker.state == "held" and (worker.reason or "").startswith("for a look")

    await until(told, "the worker is told to be on hold")
    await connected(manager, "held", 2)
    counts = (await manager.get("held")).counts
    assert (counts.requested, counts.held, counts.connected) == (2, 1, 2)

    await manager.release_worker("held", job)

    async def fitting() -> bool:
        counts = (await manager.get("held")).counts
        return (counts.connected, counts.submitted, counts.leaving) == (2, 2, 0)

    await until(fitting, "one of three workers was let go")


def give_up_soon() -> Callable[..., None]:
    """Return what has a Dask scheduler try for a moment to restart a worker that is silent, not for half a minute.

    It is made here and now, so that a runner need not find the tests.
    """

    def change(dask_scheduler: Any) -> None:
        from functools import partial

        dask_scheduler.restart_workers = partial(dask_scheduler.restart_workers, timeout=1)

    return change


@pytest.mark.slow
async def test_a_worker_that_hangs_is_lost_and_replaced(manager: ClusterManager, tmp_path: Path) -> None:
    # Dask counts a worker as gone when it has not heard of it for so long.
    silence = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "3 s"}
    with dask.config.set({"af-lab.worker.connect-timeout": "8 s"}):
        await manager.create(make_spec({"name": "hangs", "workers": 2, "variables": silence}))
    async with client_of(manager, "hangs") as client:
        await connected(manager, "hangs", 2)
        await client.run_on_scheduler(give_up_soon())
        job = (await manager.workers("hangs"))[0].id
        nanny = psutil.Process(await pid_in(client, job, nanny=True))
        tree = [nanny, *nanny.children(recursive=True)]
        computation = client.map(noted_task(tmp_path / "executions", 0.2), range(40))
        try:
            for process in tree:
                process.suspend()

            async def told() -> bool:
                return f"{job} had no connection for 8 s; another takes its place" in await troubles(manager, "hangs")

            await until(told, "it is told that the worker is lost")
            assert await client.gather(computation) == [number * number for number in range(40)]
            await connected(manager, "hangs", 2)
        finally:
            for process in tree:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()
    assert job not in {worker.id for worker in await manager.workers("hangs")}
