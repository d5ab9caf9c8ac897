"""The dashboards of real clusters, on a real pool."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import json
import logging
import os
import re
import signal
import zlib
from collections.abc import Awaitable, Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse
from tornado.websocket import WebSocketClientConnection

from af_lab.manager.dashboard import link_for_browser
from af_lab.manager.manager import ClusterManager
from tests.faults.support import client_of, runner_pid
from tests.server.support import Api
from tests.support import until

pytestmark = pytest.mark.pool

Fetch = Callable[..., Awaitable[HTTPResponse]]
Connect = Callable[..., Awaitable[WebSocketClientConnection]]

LINK = re.compile(r"""\b(?:href|src)\s*=\s*["']([^"'#][^"']*)["']""")
BOKEH_TOKEN = re.compile(r'"token":"([^"]+)"')


class Dashboard:
    """The dashboard of a cluster, as a browser sees it."""

    def __init__(self, name: str, url: str, headers: dict[str, str], connect: Connect) -> None:
        self.url = f"{url}af-lab/api/clusters/{name}/dashboard/"
        self._name = name
        self._headers = headers
        self._connect = connect

    async def get(self, page: str) -> HTTPResponse:
        return await AsyncHTTPClient().fetch(
            urljoin(self.url, page),
            headers=self._headers,
            follow_redirects=False,
            raise_error=False,
            request_timeout=60,
        )

    async def connect(self, page: str, *subprotocols: str) -> WebSocketClientConnection:
        path = ("af-lab", "api", "clusters", self._name, "dashboard", *page.split("/"))
        return await self._connect(*path, subprotocols=list(subprotocols) or None)


@pytest.fixture
def dashboard_of(
    api: Api, jp_http_port: int, jp_base_url: str, jp_auth_header: dict[str, str], jp_ws_fetch: Connect
) -> Iterator[Callable[[str], Dashboard]]:
    """Look at dashboards; their WebSockets are closed with the test."""
    sockets = []

    async def connect(*path: str, **options: Any) -> WebSocketClientConnection:
        sockets.append(await jp_ws_fetch(*path, **options))
        return sockets[-1]

    def dashboard(name: str) -> Dashboard:
        return Dashboard(name, f"http://127.0.0.1:{jp_http_port}{jp_base_url}", jp_auth_header, connect)

    yield dashboard
    for socket in sockets:
        socket.close()


@pytest.fixture
def clusters(api: Api, jp_serverapp: Any) -> ClusterManager:
    """The manager of the Jupyter server."""
    manager: ClusterManager = jp_serverapp.web_app.settings["af_lab_manager"]
    return manager


async def running(api: Api, clusters: ClusterManager, name: str, workers: int = 0) -> None:
    status, _ = await api("POST", "clusters", body={"name": name, "workers": workers})
    assert status == 201
    await clusters.wait_until_running(name)


async def hear(socket: WebSocketClientConnection, key: str, value: str) -> None:
    """Read until something has a value, past all that is said besides."""
    async with asyncio.timeout(60):
        while True:
            message = await socket.read_message()
            assert message is not None, f"it closed: {socket.close_code} {socket.close_reason}"
            if isinstance(message, str) and json.loads(message).get(key) == value:
                return


def contents_of(token: str) -> tuple[dict[str, Any], str]:
    """Return what one of Bokeh's tokens says to everybody, and what it keeps of the request, both of them readable."""
    said = json.loads(_decoded(token.partition(".")[0]))
    return said, zlib.decompress(_decoded(said["__bk__zlib_"])).decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_plots_and_pages(
    api: Api, clusters: ClusterManager, dashboard_of: Callable[[str], Dashboard], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await running(api, clusters, "seen")
    place = await clusters.dashboard("seen")
    assert not ipaddress.ip_address(place.host).is_loopback, "it is found as well from another host"
    dashboard = dashboard_of("seen")

    status, listed = await api("GET", "clusters", "seen", "plots")
    assert status == 200
    plots = {plot["title"]: plot["url"] for plot in listed["plots"]}
    assert list(plots) == sorted(plots)
    assert plots["Task Stream"] == "af-lab/api/clusters/seen/dashboard/individual-task-stream"

    root = await dashboard.get("")
    assert root.code in (301, 302)
    assert urljoin(dashboard.url, root.headers["Location"]) == f"{dashboard.url}status"
    linked = link_for_browser("seen")
    assert urljoin(dashboard.url, linked) == f"{dashboard.url}status", "what notebooks of this server show"
    bodies = []
    for page in ("status", "individual-task-stream", "statics/individual-cluster-map.html", "info/main/workers.html"):
        answer = await dashboard.get(page)
        assert (answer.code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/html"), page
        bodies.append(answer.body)
        await check_links(dashboard, page, answer.body.decode())
    # Where a plot stands is told in the list: all of them are there.
    site = dashboard.url.partition("af-lab/")[0]
    urls = [urljoin(site, url) for url in plots.values()]
    # A few at a time: the scheduler makes each of them, and does not answer for long if all are wanted at once.
    answers = [
        answer
        for first in range(0, len(urls), 2)
        for answer in await asyncio.gather(*map(dashboard.get, urls[first : first + 2]))
    ]
    assert {answer.code for answer in answers} == {200}
    for text in (*bodies, *(str(answer.headers).encode() for answer in (root, *answers)), caplog.text.encode()):
        assert place.secret.encode() not in text


async def check_links(dashboard: Dashboard, page: str, html: str) -> None:
    """Check that what a page loads and leads to is below the dashboard, and there."""
    own = set()
    for link in LINK.findall(html):
        url = urljoin(f"{dashboard.url}{page}", link)
        if urlsplit(url).scheme == "http" and urlsplit(link).netloc == "":
            assert url.startswith(dashboard.url), (page, link)
            own.add(url)
    assert len(own) > 2, page
    for url in own:
        answer = await dashboard.get(url)
        assert answer.code in (200, 302), url
        if url.endswith(".css"):
            assert answer.headers["Content-Type"].startswith("text/css")
        elif ".js" in url:
            assert answer.headers["Content-Type"].startswith(("text/javascript", "application/javascript"))


async def test_no_page_holds_the_secret(
    api: Api, clusters: ClusterManager, dashboard_of: Callable[[str], Dashboard]
) -> None:
    """Bokeh writes the headers of a request into the page that answers it, packed."""
    await running(api, clusters, "packed")
    secret = (await clusters.dashboard("packed")).secret
    page = (await dashboard_of("packed").get("individual-task-stream?plain=1")).body.decode()
    (token,) = BOKEH_TOKEN.findall(page)
    _, kept = contents_of(token)
    assert "plain" in kept, "so it is what was asked"
    assert secret not in kept


async def test_websockets(
    api: Api, clusters: ClusterManager, dashboard_of: Callable[[str], Dashboard], jp_serverapp: Any
) -> None:
    await running(api, clusters, "talks", workers=1)
    dashboard = dashboard_of("talks")
    settings = jp_serverapp.web_app.settings
    before = settings["api_last_activity"], settings.get("last_activity_times"), jp_serverapp.web_app.last_activity()

    # Bokeh's: it asks for a document and gets it.
    page = (await dashboard.get("individual-progress")).body.decode()
    (token,) = BOKEH_TOKEN.findall(page)
    bokeh = await dashboard.connect("individual-progress/ws", "bokeh", token)
    assert bokeh.selected_subprotocol == "bokeh"
    await hear(bokeh, "msgtype", "ACK")
    for part in ({"msgid": "1", "msgtype": "PULL-DOC-REQ"}, {}, {}):
        await bokeh.write_message(json.dumps(part))
    await hear(bokeh, "reqid", "1")

    # Dask's own: it answers, and tells of tasks; and so does the plot.
    events = await dashboard.connect("eventstream")
    await events.write_message('{"name": "ping"}')
    await hear(events, "name", "pong")
    async with client_of(clusters, "talks") as client:
        kept = client.submit(int, 1, key="of-the-test")
        await hear(events, "key", "of-the-test")
        await hear(bokeh, "msgtype", "PATCH-DOC")
        assert await kept == 1
    after = settings["api_last_activity"], settings.get("last_activity_times"), jp_serverapp.web_app.last_activity()
    assert after == before, "all that was no activity"


async def test_a_scheduler_that_died_and_came_back_is_found_again(
    api: Api, clusters: ClusterManager, dashboard_of: Callable[[str], Dashboard]
) -> None:
    await running(api, clusters, "phoenix")
    dashboard = dashboard_of("phoenix")
    before = await clusters.dashboard("phoenix")
    assert (await dashboard.get("status")).code == 200
    socket = await dashboard.connect("eventstream")
    old = await runner_pid(clusters, "phoenix")
    os.kill(old, signal.SIGKILL)
    assert await asyncio.wait_for(socket.read_message(), 60) is None, "its connections end"
    first = await dashboard.get("status")
    assert first.code == 409
    assert b"The Dask scheduler of the cluster &#39;phoenix&#39; does not answer" in first.body
    statuses = set()

    async def back() -> bool:
        statuses.add((await dashboard.get("status")).code)
        return 200 in statuses

    await until(back, "the dashboard is back", seconds=90)
    assert statuses <= {200, 409}
    assert await runner_pid(clusters, "phoenix") != old
    assert (await clusters.dashboard("phoenix")).port != before.port, "it is at another place"
    await (await dashboard.connect("eventstream")).write_message('{"name": "ping"}')


WAITS = """
import pathlib
import time

deadline = time.monotonic() + 120
while not pathlib.Path({go!r}).exists() and time.monotonic() < deadline:
    time.sleep(0.05)
"""


async def test_what_has_no_dashboard_says_so(
    api: Api, clusters: ClusterManager, dashboard_of: Callable[[str], Dashboard], tmp_path: Path
) -> None:
    async def says(name: str, status: int, text: str) -> None:
        answer = await dashboard_of(name).get("status")
        assert (answer.code, answer.headers["Content-Type"]) == (status, "text/html; charset=UTF-8")
        assert text in unescape(answer.body.decode())
        assert (await api("GET", "clusters", name, "plots"))[0] == status
        with pytest.raises(HTTPClientError) as refused:
            await dashboard_of(name).connect("eventstream")
        assert refused.value.code == status

    await says("nobody", 404, "You have no cluster 'nobody'.")

    # A scheduler whose Python does not get beyond its start, before it may.
    go = tmp_path / "go"
    (tmp_path / "sitecustomize.py").write_text(WAITS.format(go=str(go)))
    body = {"name": "brief", "workers": 0, "idle_timeout": "1 s", "variables": {"PYTHONPATH": str(tmp_path)}}
    await api("POST", "clusters", body=body)
    await says("brief", 409, "does not answer at the moment, so its dashboard is not available")
    assert (await api("GET", "clusters", "brief"))[1]["state"] == "pending"
    go.touch()
    await until(lambda: ended(api, "brief"), "the cluster has ended", seconds=90)
    await says("brief", 404, "The cluster 'brief' has ended")


async def ended(api: Api, name: str) -> bool:
    return bool((await api("GET", "clusters", name))[1]["state"] == "ended")
