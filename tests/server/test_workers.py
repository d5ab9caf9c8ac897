"""Workers, their time line, logs and reasons over REST, on a real pool."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest

from af_lab.manager.manager import ClusterManager
from tests.faults.support import connected, runner_pid
from tests.server.support import Api
from tests.support import until

pytestmark = pytest.mark.pool


async def workers(api: Api, name: str) -> list[dict[str, Any]]:
    status, told = await api("GET", "clusters", name, "workers")
    assert status == 200
    found: list[dict[str, Any]] = told["workers"]
    return found


async def test_a_worker_is_removed_and_another_released(api: Api, manager: ClusterManager) -> None:
    await api("POST", "clusters", body={"name": "crew", "workers": 2})
    await connected(manager, "crew", 2)
    one, two = await workers(api, "crew")
    assert (one["state"], one["connected"], one["memory_asked"]) == ("connected", 1, 1908 * 2**20)

    assert await api("DELETE", "clusters", "crew", "workers", one["id"]) == (204, None)
    cluster, _, proc = two["id"].partition(".")
    await manager.queue.hold(f"ClusterId == {cluster} && ProcId == {proc}", "held by the test")

    async def state_of(id_: str) -> str | None:
        return next((worker["state"] for worker in await workers(api, "crew") if worker["id"] == id_), None)

    async def replaced() -> bool:
        return await state_of(one["id"]) is None and await state_of(two["id"]) == "held"

    await until(replaced, "the one is gone and the other is on hold")
    (held,) = [worker for worker in await workers(api, "crew") if worker["id"] == two["id"]]
    assert "held by the test" in held["reason"]
    assert await api("POST", "clusters", "crew", "workers", two["id"], "release") == (204, None)

    async def released() -> bool:
        return await state_of(two["id"]) != "held"

    await until(released, "it is released")
    for method, path in (("DELETE", ["workers", one["id"]]), ("POST", ["workers", "999999.0", "release"])):
        status, error = await api(method, "clusters", "crew", *path)
        assert (status, error["code"]) == (404, "ClusterNotFound")
        assert "has no worker" in error["message"]


async def test_the_time_line_goes_on_when_the_cluster_has_ended(api: Api, manager: ClusterManager) -> None:
    await api("POST", "clusters", body={"name": "past", "workers": 2, "idle_timeout": 5})
    await connected(manager, "past", 2)
    _, told = await api("GET", "clusters", "past", "timeline")
    assert told["points"][-1]["counts"]["connected"] == 2

    async def ended() -> bool:
        return bool((await api("GET", "clusters", "past"))[1]["state"] == "ended")

    await until(ended, "it ends for want of tasks", seconds=60)
    _, info = await api("GET", "clusters", "past")
    assert "had no task" in info["reason"]
    _, after = await api("GET", "clusters", "past", "timeline")
    assert max(point["counts"]["starting"] for point in after["points"]) == 2
    assert after["points"][-1]["counts"]["starting"] == 0
    assert after["points"] == sorted(after["points"], key=lambda point: point["when"])


async def test_logs_are_followed(api: Api, manager: ClusterManager) -> None:
    await api("POST", "clusters", body={"name": "logged", "workers": 0})
    await manager.wait_until_running("logged")
    _, part = await api("GET", "clusters", "logged", "logs", lines="1")
    assert len(part["text"].splitlines()) == 1
    await api("PATCH", "clusters", "logged", body={"workers": 1})
    text = ""

    async def told() -> bool:
        nonlocal part, text
        _, part = await api("GET", "clusters", "logged", "logs", after=part["cursor"])
        text += part["text"]
        return "Register worker" in text

    await until(told, "the registration of the worker is in what was added", seconds=90)
    assert text.count("submitting 1 worker jobs") == 1, "no line comes twice"
    (worker,) = await workers(api, "logged")
    _, log = await api("GET", "clusters", "logged", "logs", worker=worker["id"])
    assert "distributed.worker" in log["text"]
    for query, says in (
        ({"worker": "../../../etc/passwd"}, "worker"),
        ({"lines": "0"}, "from 1 to 100000"),
        ({"lines": "many"}, "from 1 to 100000"),
    ):
        status, error = await api("GET", "clusters", "logged", "logs", **query)
        assert status in (400, 404), (query, error)
        assert says in error["message"]


async def test_waiting_is_explained(api: Api, manager: ClusterManager) -> None:
    await api("POST", "clusters", body={"name": "waits", "workers": 1, "cores": 500})
    await manager.wait_until_running("waits")

    async def explained() -> bool:
        status, told = await api("GET", "clusters", "waits", "explain")
        return status == 200 and told["waiting"] == 1 and told["ever"] == 0 and bool(told["reasons"])

    await until(explained, "why it waits is told")
    (_, told), (_, room) = await asyncio.gather(
        api("GET", "clusters", "waits", "explain"), api("POST", "match", body={"cores": 500})
    )
    assert "500 cores" in " ".join([told["summary"], *told["reasons"]])
    assert (room["now"], room["ever"]) == (0, 0)


async def test_a_scheduler_that_is_killed_is_told_and_comes_back(api: Api, manager: ClusterManager) -> None:
    await api("POST", "clusters", body={"name": "killed", "workers": 1})
    await connected(manager, "killed", 1)
    _, before = await api("GET", "clusters", "killed")
    os.kill(await runner_pid(manager, "killed"), signal.SIGKILL)

    async def started_again() -> bool:
        # Each start of a scheduler counts on from a higher number.
        _, info = await api("GET", "clusters", "killed")
        return bool(info["sequence"] > before["sequence"] + 100_000_000)

    await until(started_again, "another start of the scheduler answers", seconds=60)
    await connected(manager, "killed", 1)

    _, newest = await api("GET", "clusters", "killed", "logs")
    assert (newest["start"], len(newest["starts"])) == (2, 2)
    _, first = await api("GET", "clusters", "killed", "logs", start="1")
    assert first["source"] == newest["starts"][0]["source"] != newest["source"]
    assert "Scheduler at" in first["text"]
    for query, expected in (({"start": "3"}, 404), ({"start": "0"}, 400), ({"start": "1", "worker": "7.0"}, 404)):
        assert (await api("GET", "clusters", "killed", "logs", **query))[0] == expected
