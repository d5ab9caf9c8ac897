"""What panels are told by WebSocket, on a real pool."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from af_lab.condor.explain import Explanation
from af_lab.condor.queue import Queue
from af_lab.errors import CondorUnavailable
from af_lab.manager.manager import ClusterManager
from af_lab.model.ads import SchedulerJob
from af_lab.model.spec import make_spec
from af_lab.server.cluster_monitor import LOOKS_APART
from tests.server.support import Api, Panel
from tests.support import until

pytestmark = pytest.mark.pool

OpenPanel = Callable[[], Awaitable[Panel]]

FOREVER = 3600.0
"""Seconds until a regular look that never comes within a test."""


@pytest.fixture
def watch(jp_serverapp: Any) -> Any:
    """What the server knows of the clusters."""
    return jp_serverapp.web_app.settings["af_lab_watch"]


async def test_two_panels_see_a_whole_life(api: Api, open_panel: OpenPanel) -> None:
    one, two = await open_panel(), await open_panel()
    assert one.clusters == {}
    await api("POST", "clusters", body={"name": "seen", "workers": 1})
    for panel in (one, two):
        await panel.until(lambda panel=panel: "seen" in panel.clusters, "the new cluster is told")  # type: ignore[misc]
    await one.until(lambda: one.counts("seen")["connected"] == 1, "its worker connects")
    assert one.clusters["seen"]["state"] == "running"
    assert one.clusters["seen"]["dashboard_url"] == "af-lab/api/clusters/seen/dashboard/status"
    await api("PATCH", "clusters", "seen", body={"workers": 3})
    await one.until(lambda: one.counts("seen")["connected"] == 3, "all three connect")
    assert one.clusters["seen"]["workers"] == 3
    await api("PATCH", "clusters", "seen", body={"adapt": {"minimum": 1, "maximum": 3}})
    await one.until(lambda: one.clusters["seen"]["adapt"] is not None, "it adapts by itself")
    await two.until(lambda: two.clusters["seen"]["adapt"] is not None, "the other panel knows it, too")
    _, listed = await api("GET", "clusters")
    assert listed["clusters"][0]["generation"] == one.clusters["seen"]["generation"] == 3
    await one.until(lambda: one.pool and one.health, "the pool is told")
    assert one.pool["cores"] == 16
    assert one.health == {"ok": True, "message": None, "code": None, "seen": None}
    await api("DELETE", "clusters", "seen")
    for panel in (one, two):
        await panel.until(lambda panel=panel: "seen" not in panel.clusters, "its end is told")  # type: ignore[misc]


async def test_the_health_is_told_after_the_clusters(open_panel: OpenPanel, manager: ClusterManager) -> None:
    """So a panel can tell a cluster that is gone from one that was not told yet."""
    await manager.create(make_spec({"name": "told-before", "workers": 0}))
    panel = await open_panel()
    assert panel.health is None, "nobody has looked at the queue yet"
    await panel.until(lambda: panel.health is not None, "the queue was looked at")
    assert "told-before" in panel.clusters


async def test_what_is_done_elsewhere_is_told(
    api: Api, open_panel: OpenPanel, manager: ClusterManager, figure: Callable[[str], None]
) -> None:
    """A notebook or the command line makes, scales, holds and ends a cluster."""
    panel = await open_panel()
    begun = time.monotonic()
    info = (await manager.create(make_spec({"name": "elsewhere", "workers": 1}))).info
    await panel.until(lambda: "elsewhere" in panel.clusters, "it is told")
    figure(f"a cluster made elsewhere was told after {time.monotonic() - begun:.2f} s")
    await panel.until(lambda: panel.counts("elsewhere")["connected"] == 1, "its worker connects")
    await manager.scale("elsewhere", 2)
    await panel.until(lambda: panel.clusters["elsewhere"]["workers"] == 2, "what is wanted is told")
    await panel.until(lambda: panel.counts("elsewhere")["connected"] == 2, "two workers connect")
    (worker, _) = await manager.workers("elsewhere")
    await manager.queue.hold(f"ClusterId == {worker.id.partition('.')[0]}", "held by the test")
    await panel.until(lambda: panel.counts("elsewhere")["held"] == 1, "the hold is told")
    await manager.release_worker("elsewhere", worker.id)
    await panel.until(lambda: panel.counts("elsewhere")["held"] == 0, "the release is told")
    # As condor_rm does.
    await manager.queue.remove(f"ClusterId == {info.id}", "removed by the test")
    await panel.until(lambda: "elsewhere" not in panel.clusters, "the removal is told")


async def test_a_failure_is_told_with_its_reason(api: Api, open_panel: OpenPanel, queue: Queue) -> None:
    panel = await open_panel()
    await api("POST", "clusters", body={"name": "fails", "workers": 0})
    await panel.until(lambda: panel.state("fails") == "running", "it runs")
    await queue.hold(f"ClusterId == {panel.clusters['fails']['id']}", "held by the test")
    await panel.until(lambda: panel.state("fails") == "held", "its hold is told")
    assert "held by the test" in panel.clusters["fails"]["reason"]
    status, part = await api("GET", "clusters", "fails", "logs")
    assert status == 200
    assert "Scheduler at" in part["text"]


async def test_what_is_known_is_listed_while_the_schedd_is_away(
    api: Api, watch: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await api("POST", "clusters", body={"name": "listed", "workers": 0})
    _, before = await api("GET", "clusters")

    async def away() -> Any:
        raise CondorUnavailable("HTCondor does not answer: it is away.")

    with monkeypatch.context() as without:
        without.setattr(watch.clusters._manager, "jobs", away)
        status, meanwhile = await api("GET", "clusters")
    assert status == 200
    assert [cluster["name"] for cluster in meanwhile["clusters"]] == ["listed"]
    assert meanwhile["seen"] == meanwhile["health"]["seen"] == before["seen"]
    assert (meanwhile["health"]["ok"], meanwhile["health"]["code"]) == (False, "CondorUnavailable")
    _, after = await api("GET", "clusters")
    assert after["health"]["ok"]
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_a_late_panel_begins_with_all_there_is(api: Api, open_panel: OpenPanel) -> None:
    early = await open_panel()
    await api("POST", "clusters", body={"name": "there", "workers": 1})
    await early.until(lambda: early.counts("there")["connected"] == 1 and early.pool, "its worker connects")
    late = await open_panel()
    assert late.counts("there")["connected"] == 1
    assert late.pool["cores"] == 16
    assert late.clusters == early.clusters


async def test_watching_is_no_activity(api: Api, open_panel: OpenPanel, jp_serverapp: Any) -> None:
    await api("POST", "clusters", body={"name": "watched", "workers": 1})
    before = jp_serverapp.web_app.last_activity()
    panel = await open_panel()
    await panel.until(lambda: panel.counts("watched")["connected"] == 1, "its worker connects")
    for path in (["clusters"], ["clusters", "watched"], ["clusters", "watched", "workers"], [], ["pool"]):
        await api("GET", *path)
    await api("POST", "match", body={"cores": 1})
    assert jp_serverapp.web_app.last_activity() == before
    await api("PATCH", "clusters", "watched", body={"workers": 0})
    assert jp_serverapp.web_app.last_activity() > before


async def test_what_is_asked_for_is_told_without_a_look_at_the_queue(
    api: Api, open_panel: OpenPanel, watch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch.clusters, "_poll", FOREVER)
    panel = await open_panel()
    await api("POST", "clusters", body={"name": "asked", "workers": 0})
    await panel.until(lambda: panel.state("asked") == "running", "it runs")
    await until(lambda: time.monotonic() > watch.clusters._looked + 3 * LOOKS_APART, "the queue is looked at no more")
    scaling = asyncio.create_task(api("PATCH", "clusters", "asked", body={"workers": 1}))
    await panel.until(lambda: panel.clusters["asked"]["workers"] == 1, "the new number is told")
    await scaling


async def test_the_pool_is_looked_at_when_own_jobs_start(
    api: Api, open_panel: OpenPanel, watch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch.pool, "_poll", FOREVER)
    panel = await open_panel()
    await panel.until(lambda: panel.pool is not None, "the pool is told")
    await api("POST", "clusters", body={"name": "filling", "workers": 2})
    await panel.until(lambda: panel.counts("filling")["connected"] == 2, "its workers connect")
    await panel.until(lambda: panel.pool is not None and panel.pool["busy_cores"] >= 2, "their cores are busy")


async def test_nobody_watches_nothing_happens(
    api: Api, open_panel: OpenPanel, watch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not one query, and no connection to a runner."""
    monkeypatch.setattr("af_lab.server.watch.LINGER", 0.2)
    queries = count_queries(watch.clusters._manager, monkeypatch)
    panel = await open_panel()
    await api("POST", "clusters", body={"name": "asleep", "workers": 0})
    await panel.until(lambda: panel.state("asleep") == "running", "it runs")
    panel.close()

    async def asleep() -> None:
        while watch._tasks or any(known.follower for known in watch.clusters._known.values()):
            await asyncio.sleep(0.05)

    await asyncio.wait_for(asleep(), 30)
    before = len(queries)
    await asyncio.sleep(3)
    assert len(queries) == before
    again = await open_panel()
    await again.until(lambda: len(queries) > before, "somebody watches again")


def count_queries(manager: ClusterManager, patch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows with each call of the schedd that a manager makes."""
    calls: list[str] = []
    call = manager.queue._connection.call

    def counted(method: str, **params: Any) -> Any:
        calls.append(method)
        return call(method, **params)

    patch.setattr(manager.queue._connection, "call", counted)
    return calls


async def test_only_the_user_may_listen(
    api: Api, jp_base_url: str, jp_http_port: int, jp_auth_header: dict[str, str]
) -> None:
    url = f"ws://127.0.0.1:{jp_http_port}{jp_base_url}af-lab/api/events"
    for headers in ({}, {"Authorization": "token wrong"}, {"Origin": "https://evil.example"}):
        with pytest.raises(HTTPClientError) as refused:
            await websocket_connect(HTTPRequest(url, headers=headers))
        assert refused.value.code == 403
    socket = await websocket_connect(HTTPRequest(url, headers=jp_auth_header))
    await socket.write_message("what is this?")
    await socket.write_message(b"\xff\x00")
    assert await socket.read_message() is not None, "what a reader says is passed over"
    socket.close()


async def test_fifty_panels_cost_the_schedd_what_one_does(
    api: Api,
    open_panel: OpenPanel,
    watch: Any,
    monkeypatch: pytest.MonkeyPatch,
    figure: Callable[[str], None],
) -> None:
    monkeypatch.setattr(watch.clusters, "_poll", 2.0)
    queries = count_queries(watch.clusters._manager, monkeypatch)
    first = await open_panel()
    await api("POST", "clusters", body={"name": "many", "workers": 1})
    await first.until(lambda: first.counts("many")["connected"] == 1, "its worker connects")
    await quiet(watch)
    calls_of_looks = []
    panels = [first]
    for number in (1, 50):
        while len(panels) < number:
            panels.append(await open_panel())
        calls_of_looks.append(await calls_while_looking(watch, queries, 3))
    followers = [known.follower for known in watch.clusters._known.values() if known.follower]
    figure(f"calls of the schedd in three looks at the queue, with 1 panel and with 50: {calls_of_looks}")
    assert len(followers) == 1, "one connection to the runner"
    assert calls_of_looks[1] == calls_of_looks[0]
    await api("PATCH", "clusters", "many", body={"workers": 2})
    for panel in panels:
        await panel.until(lambda panel=panel: panel.counts("many")["connected"] == 2, "each panel is told")  # type: ignore[misc]


async def calls_while_looking(watch: Any, calls: list[str], looks: int) -> int:
    """Return how many calls are made from one regular look at the queue to the one that comes so many looks later."""
    before = 0
    for look in range(looks + 1):
        seen = watch.clusters._looked
        await until(lambda seen=seen: watch.clusters._looked > seen, "the queue is looked at")  # type: ignore[misc]
        if look == 0:
            before = len(calls)
    return len(calls) - before


async def quiet(watch: Any) -> None:
    """Wait until the watch expects no change of the queue any more."""
    while time.monotonic() < watch.clusters._expectant_until:
        await asyncio.sleep(0.1)


async def test_why_workers_wait_is_told_to_all_panels_by_one_look(
    api: Api, open_panel: OpenPanel, watch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("af_lab.server.explanation_monitor.LOOKS_APART", 1.0)
    monkeypatch.setattr("af_lab.server.explanation_monitor.EVERY", 3.0)
    panels = [await open_panel() for _ in range(5)]
    for name in ("large", "larger"):
        await api("POST", "clusters", body={"name": name, "workers": 1, "memory": "900 GB"})
    for panel in panels:
        await panel.until(lambda panel=panel: panel.causes() == ["never", "never"], "both are explained")  # type: ignore[misc]
    explain_all, looks = watch.explanations._manager.explain_all, list[int]()

    async def counted(jobs: Sequence[SchedulerJob]) -> dict[int, Explanation]:
        looks.append(len(jobs))
        explained: dict[int, Explanation] = await explain_all(jobs)
        return explained

    monkeypatch.setattr(watch.explanations._manager, "explain_all", counted)
    begun = time.monotonic()
    await until(lambda: len(looks) >= 3, "they are explained again and again")
    assert time.monotonic() - begun > 2 * 3.0, "no more often than one panel needs"
    assert set(looks) == {2}, "both by one look"
    known = panels[0].explanations[str(panels[0].clusters["large"]["id"])]
    assert (await api("GET", "clusters", "large", "explain"))[1]["reasons"] == known["reasons"]
    assert len(looks) <= 4, "what is known is not asked for again"
    await api("PATCH", "clusters", "large", body={"workers": 0})
    await panels[0].until(lambda: panels[0].causes() == ["never"], "one has nothing to explain any more")


@pytest.mark.alone
async def test_changes_are_told_quickly(
    api: Api, open_panel: OpenPanel, manager: ClusterManager, figure: Callable[[str], None]
) -> None:
    """A worker is held, another connects in its place, one goes: from that moment to the panel."""
    panel = await open_panel()
    await api("POST", "clusters", body={"name": "quick", "workers": 2})
    await panel.until(lambda: panel.counts("quick")["connected"] == 2, "its workers connect")
    delays: dict[str, list[float]] = {"held": [], "connected": [], "gone": []}
    for _ in range(3):
        victim = await connected_worker(manager, "quick")
        begun = time.time()
        await manager.queue.hold(
            f"ClusterId == {victim.partition('.')[0]} && ProcId == {victim.partition('.')[2]}", "x"
        )
        await panel.until(lambda victim=victim: is_held(panel, victim), "the hold is told")  # type: ignore[misc]
        delays["held"].append(time.time() - begun)

        await panel.until(lambda: panel.counts("quick")["connected"] == 2, "another connects in its place")
        delays["connected"].append(time.time() - await last_registration(manager, "quick"))

        await manager.remove_worker("quick", victim)
        victim = await connected_worker(manager, "quick")
        begun = time.time()
        await manager.remove_worker("quick", victim)
        await panel.until(lambda: panel.counts("quick")["connected"] < 2, "that it goes is told")
        delays["gone"].append(time.time() - begun)
        await panel.until(lambda: panel.counts("quick")["connected"] == 2, "another connects in its place")
    every = sorted(delay for kind in delays.values() for delay in kind)
    shown = "; ".join(f"{kind} {' '.join(f'{delay:.2f}' for delay in sorted(found))}" for kind, found in delays.items())
    figure(f"seconds until a panel was told: {shown}; p95 {every[-1]:.2f} (aim 0.5)")
    assert every[len(every) // 2] < 2


async def connected_worker(manager: ClusterManager, name: str) -> str:
    return next(worker.id for worker in await manager.workers(name) if worker.state == "connected")


def is_held(panel: Panel, worker: str) -> bool:
    troubles = panel.clusters["quick"]["troubles"]
    return any(trouble["worker"] == worker and "put on hold" in trouble["text"] for trouble in troubles)


async def last_registration(manager: ClusterManager, name: str) -> float:
    """Return when the scheduler saw its newest worker, as its log tells."""
    log = (await manager.logs(name, lines=1000)).text
    *_, last = (line for line in log.splitlines() if "Register worker addr" in line)
    return datetime.fromisoformat(last[:23].replace(",", ".")).timestamp()
