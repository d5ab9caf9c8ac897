"""A cluster without tasks ends itself, and is listed for a day with its reason."""

from __future__ import annotations

import asyncio
import datetime
import time

import pytest

from af_lab.errors import ClusterNotFound
from af_lab.manager.info import ClusterInfo
from af_lab.manager.manager import ClusterManager
from af_lab.manager.spec import make_spec
from tests.faults.support import client_of
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

    await until(over, f"{name!r} has ended", seconds=30)
    return await manager.get(name)


async def test_a_cluster_ends_for_want_of_tasks_and_the_list_tells_when_and_why(manager: ClusterManager) -> None:
    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=1)
    await manager.create(make_spec({"name": "never", "workers": 0, "idle_timeout": None}))
    await manager.create(make_spec({"name": "brief", "workers": 1, "idle_timeout": "8 s"}))
    lasting = await told_to_be_idle(manager, "never")
    assert lasting.ends_at is None
    idle = await told_to_be_idle(manager, "brief")
    assert idle.idle_since is not None
    assert idle.ends_at == idle.idle_since + datetime.timedelta(seconds=8)
    assert idle.state == "running"
    assert began < idle.idle_since < datetime.datetime.now(datetime.UTC)

    await ended(manager, "brief")
    (over,) = [info for info in await manager.clusters() if info.name == "brief"]
    assert over.reason == "It had no task for 8.00 s and ended itself (idle_timeout)."
    assert over.ended is not None
    # HTCondor tells whole seconds.
    assert over.ended > idle.ends_at - datetime.timedelta(seconds=1)
    assert not over.exists

    async def no_workers() -> bool:
        return await jobs_left(manager.queue) == 2

    await until(no_workers, "both schedulers are left, one of which has ended")
    await manager.create(make_spec({"name": "brief", "workers": 0}))
    assert (await manager.get("brief")).exists, "the name is free again"
    assert (await manager.get("never")).state == "running", "it has been idle for longer"


async def test_tasks_that_run_or_wait_keep_a_cluster_alive(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "busy", "workers": 1, "idle_timeout": "6 s"}))
    await manager.create(make_spec({"name": "waits", "workers": 0, "idle_timeout": "6 s"}))
    async with client_of(manager, "waits") as waiting, client_of(manager, "busy") as client:
        waits = waiting.submit(sum, [1, 2])
        await until(lambda: waits.status == "pending", "the task waits for a worker")
        assert await client.submit(time.sleep, 8) is None
        assert (await manager.get("busy")).state == "running"
        info = await manager.get("waits")
        assert (info.state, info.idle_since, info.ends_at) == ("running", None, None)
        await manager.scale("waits", 1)
        assert await waits == 3
    assert "no task for 6.00 s" in ((await ended(manager, "busy")).reason or "")
    assert "no task for 6.00 s" in ((await ended(manager, "waits")).reason or "")


async def test_looking_at_a_cluster_does_not_keep_it_alive(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "watched", "workers": 0, "idle_timeout": "4 s"}))
    await manager.wait_until_running("watched")

    async def watch() -> None:
        while True:
            await asyncio.gather(manager.workers("watched"), manager.timeline("watched"), manager.logs("watched"))
            await asyncio.sleep(0.2)

    watching = asyncio.create_task(watch())
    try:
        await ended(manager, "watched")
        assert not watching.done(), watching
    finally:
        watching.cancel()


async def test_a_cluster_that_ended_is_listed_for_a_day(manager: ClusterManager) -> None:
    names = ("of-today", "of-yesterday")
    ids = {}
    for name in names:
        ids[name] = (await manager.create(make_spec({"name": name, "workers": 0, "idle_timeout": "1 s"}))).id
    for name, age in zip(names, (DAY - 600, DAY + 600), strict=True):
        await ended(manager, name)
        await manager.queue.edit(f"ClusterId == {ids[name]}", {"CompletionDate": str(int(time.time()) - age)})

    async def only_that_of_today() -> bool:
        return [info.name for info in await manager.clusters()] == ["of-today"]

    await until(only_that_of_today, "the one that ended more than a day ago is listed no more", seconds=40)
    with pytest.raises(ClusterNotFound):
        await manager.get("of-yesterday")
