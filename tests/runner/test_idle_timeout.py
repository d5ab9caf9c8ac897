"""A cluster without tasks ends itself, and is listed for a day with its reason."""

from __future__ import annotations

import asyncio
import datetime
import time
from pathlib import Path

import pytest

from af_lab.errors import ClusterNotFound, SpecError
from af_lab.manager.manager import ClusterManager
from af_lab.model.info import ClusterInfo
from af_lab.model.spec import make_spec
from tests.faults.support import client_of, noted_task
from tests.support import jobs_left, until

pytestmark = pytest.mark.pool

DAY = 86_400


async def told_to_be_idle(manager: ClusterManager, name: str) -> ClusterInfo:
    async def told() -> bool:
        return (await manager.get(name)).idle_since is not None

    await until(told, f"{name!r} is told to be idle")
    return await manager.get(name)


async def ended(manager: ClusterManager, name: str) -> ClusterInfo:
    async def over() -> bool:
        return (await manager.get(name)).state == "ended"

    await until(over, f"{name!r} has ended")
    return await manager.get(name)


async def test_a_cluster_ends_for_want_of_tasks_however_much_it_is_looked_at_and_the_list_tells_when_and_why(
    manager: ClusterManager,
) -> None:
    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=1)
    await manager.create(make_spec({"name": "never", "workers": 0, "idle_timeout": None}))
    await manager.create(make_spec({"name": "later", "workers": 0, "idle_timeout": "1 h"}))
    made = (await manager.create(make_spec({"name": "brief", "workers": 1, "idle_timeout": "3 s"}))).info

    async def over() -> bool:
        state = (await manager.get("brief")).state
        if state == "running":
            await asyncio.gather(manager.workers("brief"), manager.timeline("brief"), manager.logs("brief"))
        return state == "ended"

    await until(over, "'brief' has ended")
    (brief,) = [info for info in await manager.clusters() if info.name == "brief"]
    assert brief.reason == "It had no task for 3 s and ended itself (idle_timeout)."
    assert brief.ended is not None
    # HTCondor tells whole seconds.
    assert brief.ended - made.created > datetime.timedelta(seconds=3 - 1)
    assert not brief.exists

    lasting = await told_to_be_idle(manager, "never")
    assert (lasting.state, lasting.ends_at) == ("running", None)
    idle = await told_to_be_idle(manager, "later")
    assert idle.state == "running"
    assert idle.idle_since is not None
    assert idle.ends_at == idle.idle_since + datetime.timedelta(hours=1)
    assert began < idle.idle_since < datetime.datetime.now(datetime.UTC)

    kept = (await manager.set_idle_timeout("later", "3 h")).info
    assert (kept.generation, kept.spec.idle_timeout) == (idle.generation + 1, 3 * 3600)
    # The runner follows at once, and has not lost when the last task ended.
    assert kept.ends_at == idle.idle_since + datetime.timedelta(hours=3)
    assert (await manager.set_idle_timeout("later", None)).info.ends_at is None
    with pytest.raises(SpecError, match="idle_timeout"):
        await manager.set_idle_timeout("later", 0)

    async def no_workers() -> bool:
        return await jobs_left(manager.queue) == 3

    await until(no_workers, "the schedulers are left, one of which has ended")
    await manager.create(make_spec({"name": "brief", "workers": 0}))
    assert (await manager.get("brief")).exists, "the name is free again"


async def test_tasks_that_wait_or_run_keep_a_cluster_alive(manager: ClusterManager, tmp_path: Path) -> None:
    record, gate = tmp_path / "executions", tmp_path / "gate"
    await manager.create(make_spec({"name": "busy", "workers": 0, "idle_timeout": "1 h"}))

    async def has_tasks() -> bool:
        info = await manager.get("busy")
        return info.sequence > 0 and (info.idle_since, info.ends_at) == (None, None)

    async def goes_on_to_have_tasks() -> None:
        # The runner looks at them once a second.
        for _ in range(5):
            await asyncio.sleep(0.5)
            info = await manager.get("busy")
            assert (info.state, info.idle_since, info.ends_at) == ("running", None, None)

    async with client_of(manager, "busy") as client:
        before = (await told_to_be_idle(manager, "busy")).idle_since
        task = client.submit(noted_task(record, gate=gate), 7)
        await until(has_tasks, "the task that waits for a worker counts")
        await goes_on_to_have_tasks()
        await manager.scale("busy", 1)
        await until(record.exists, "the task runs")
        await goes_on_to_have_tasks()
        gate.touch()
        assert await task == 49
        done = datetime.datetime.now(datetime.UTC)
    idle = await told_to_be_idle(manager, "busy")
    assert before is not None
    assert idle.idle_since is not None
    assert before < idle.idle_since
    assert idle.idle_since > done - datetime.timedelta(seconds=2), "it counts from the end of the last task"


async def test_a_cluster_that_ended_is_listed_for_a_day(manager: ClusterManager) -> None:
    names = ("of-today", "of-yesterday")
    ids = {}
    for name in names:
        ids[name] = (await manager.create(make_spec({"name": name, "workers": 0, "idle_timeout": "1 s"}))).info.id
    for name, age in zip(names, (DAY - 600, DAY + 600), strict=True):
        await ended(manager, name)
        await manager.queue.edit(f"ClusterId == {ids[name]}", {"CompletionDate": str(int(time.time()) - age)})

    async def only_that_of_today() -> bool:
        return [info.name for info in await manager.clusters()] == ["of-today"]

    await until(only_that_of_today, "the one that ended more than a day ago is listed no more")
    with pytest.raises(ClusterNotFound):
        await manager.get("of-yesterday")
