"""How busy a cluster's workers keep their cores."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from af_lab.manager.manager import ClusterManager
from af_lab.manager.runner_client import RunnerClient
from af_lab.model.spec import make_spec
from af_lab.runner.cpu_usage import busyness
from tests.faults.support import client_of, connected
from tests.support import until


@pytest.mark.parametrize(
    ("percents", "told", "tells"),
    [
        ([], None, None),
        ([], 0.5, None),
        ([3.0], None, 0.0),
        ([7.0], None, 0.05),
        ([0.0, 100.0], None, 0.5),
        ([103.9, 380.0], None, 1.0),
        ([71.0], None, 0.7),
        ([73.0], None, 0.75),
        ([53.9], 0.5, 0.5),
        ([54.1], 0.5, 0.55),
        ([45.9], 0.5, 0.45),
        ([46.1], 0.5, 0.5),
        ([7.9], 0.0, 0.0),
        ([8.1], 0.0, 0.1),
        ([5.0], 0.1, 0.0),
        ([97.0], 1.0, 1.0),
    ],
)
def test_it_is_told_in_steps_and_little_changes_nothing(
    percents: list[float], told: float | None, tells: float | None
) -> None:
    assert busyness(percents, told) == tells


@pytest.mark.parametrize("workers", [1, 20])
def test_workers_at_rest_do_not_change_it(workers: int) -> None:
    noise, told, changes = random.Random(workers), None, -1
    for _ in range(1000):
        before, told = told, busyness([noise.uniform(0, 7.9) for _ in range(workers)], told)
        changes += told != before
    assert changes <= 1


def burner(sign: Path) -> Callable[[], None]:
    """Return a task that computes for as long as a file is there.

    It is made here and now, so that the workers need not find the tests.
    """
    path = str(sign)

    def burn() -> None:
        import os

        while os.path.exists(path):
            sum(range(10_000))

    return burn


@pytest.mark.pool
async def test_a_worker_that_computes_is_seen(manager: ClusterManager, tmp_path: Path) -> None:
    await manager.create(make_spec({"name": "busy", "workers": 1}))
    await manager.wait_until_running("busy")
    await connected(manager, "busy", 1)

    async def told(least: float, most: float) -> bool:
        cpu = (await manager.get("busy")).cpu
        return cpu is not None and least <= cpu <= most

    # Beside other tests a worker that computes has a part of a core.
    await until(lambda: told(0, 0.05), "it rests")
    points = await manager.timeline("busy")
    sign = tmp_path / "burn"
    sign.touch()
    async with client_of(manager, "busy") as client:
        task = client.submit(burner(sign))
        await until(lambda: told(0.1, 1), "that it computes is seen")
        sign.unlink()
        await task
        await until(lambda: told(0, 0.05), "that it rests is seen")
    assert await manager.timeline("busy") == points, "no matter of the time line"
    await manager.scale("busy", 0)

    async def nobody() -> bool:
        info = await manager.get("busy")
        return (info.counts.connected, info.cpu) == (0, None)

    await until(nobody, "nothing is told of no worker")


QUIET = 5.0  # seconds, in which a runner looks at its tasks five times, and at its workers' cores twice


@pytest.mark.pool
async def test_a_cluster_at_rest_says_nothing(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "rests", "workers": 2}))
    await manager.wait_until_running("rests")
    await connected(manager, "rests", 2)
    (job,) = await manager.jobs()
    changes = RunnerClient(job).changes((await manager.get("rests")).sequence)

    async def nothing_is_said() -> bool:
        try:
            async with asyncio.timeout(QUIET):
                await anext(changes)
        except TimeoutError:
            return True
        return False

    # What workers do at their start takes its time on a busy machine.
    await until(nothing_is_said, f"nothing is said for {QUIET:g} s")
