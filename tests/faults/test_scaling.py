"""Scaling under load: the counts follow, and nothing that was computed or is being computed is lost by it."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import dask.config
import pytest
from dask.utils import parse_timedelta

from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from tests.faults.support import client_of, connected, noted_task
from tests.support import until

pytestmark = pytest.mark.pool

PATIENCE = "2 s"
TASKS = 40
SQUARES = [number * number for number in range(TASKS)]


def executions(record: Path) -> Counter[int]:
    """Count how often each task was begun."""
    return Counter(map(int, record.read_text().split()))


@pytest.mark.slow
async def test_scaling_to_and_fro_under_load(manager: ClusterManager, tmp_path: Path) -> None:
    record, gate = tmp_path / "executions", tmp_path / "gate"
    with dask.config.set({"af-lab.adaptive.patience": PATIENCE}):
        await manager.create(make_spec({"name": "scales", "workers": 2}))
    async with client_of(manager, "scales") as client:
        await connected(manager, "scales", 2)
        computation = client.map(noted_task(record, 0.2), range(TASKS))
        await until(record.exists, "the computation is under way")

        more = (await manager.scale("scales", 6)).info
        assert (more.workers, more.counts.requested) == (6, 6)
        await connected(manager, "scales", 6)
        await manager.scale("scales", 1)
        await connected(manager, "scales", 1)
        assert await client.gather(computation) == SQUARES
        assert executions(record) == dict.fromkeys(range(TASKS), 1), "each task ran once, and its result moved"

        kept = await manager.get("scales")
        assert (kept.kept_results, kept.kept_bytes > 0) == (TASKS, True), "what zero workers would drop is told"
        await manager.scale("scales", 0)
        await connected(manager, "scales", 0)
        assert (await manager.get("scales")).kept_results == 0

        adaptive = (await manager.adapt("scales", 0, 4)).info
        assert adaptive.workers is None
        assert adaptive.adapt is not None
        # Its results are wanted still, so that they are computed again.
        assert await client.gather(computation) == SQUARES
        assert max(point.counts.requested for point in await manager.timeline("scales")) == 6
        last = client.map(noted_task(tmp_path / "last", gate=gate), range(TASKS), pure=False)
        await connected(manager, "scales", 4)

        fixed = (await manager.scale("scales", 3)).info
        assert (fixed.workers, fixed.adapt) == (3, None)
        gate.touch()
        await connected(manager, "scales", 3)
        assert await client.gather(last) == SQUARES
        assert executions(tmp_path / "last") == dict.fromkeys(range(TASKS), 1)
        # Adaptive scaling would let them go now.
        await asyncio.sleep(3 * parse_timedelta(PATIENCE))
        info = await manager.get("scales")
        assert (info.counts.requested, info.counts.connected, info.kept_results) == (3, 3, 2 * TASKS)


async def test_a_running_task_is_not_thrown_away_while_an_idle_worker_stays(
    manager: ClusterManager, tmp_path: Path
) -> None:
    record = tmp_path / "executions"
    await manager.create(make_spec({"name": "spares", "workers": 4}))
    async with client_of(manager, "spares") as client:
        await connected(manager, "spares", 4)
        long = client.submit(noted_task(record, gate=tmp_path / "gate"), 7)
        await until(record.exists, "the task is under way")
        await manager.scale("spares", 1)
        await connected(manager, "spares", 1)
        assert not long.done(), "the idle ones went without waiting for it"
        (tmp_path / "gate").touch()
        assert await long == 49
    assert executions(record) == {7: 1}


@pytest.mark.slow
async def test_adaptive_scaling_follows_the_tasks_and_keeps_the_results(
    manager: ClusterManager, tmp_path: Path
) -> None:
    record, gate = tmp_path / "executions", tmp_path / "gate"
    with dask.config.set({"af-lab.adaptive.patience": PATIENCE}):
        await manager.create(make_spec({"name": "adapts", "adapt": (0, 4)}))
    async with client_of(manager, "adapts") as client:
        assert (await manager.get("adapts")).counts.requested == 0
        computation = client.map(noted_task(record, gate=gate), range(TASKS))
        await connected(manager, "adapts", 4)
        gate.touch()
        assert await client.gather(computation) == SQUARES
        await connected(manager, "adapts", 1)
        assert (await manager.get("adapts")).kept_results == TASKS
        assert await client.gather(computation) == SQUARES
        for future in computation:
            future.release()
        del computation, future
        await connected(manager, "adapts", 0)
    assert executions(record) == dict.fromkeys(range(TASKS), 1)
