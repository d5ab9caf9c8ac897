"""A stand-in for a scheduler, and the pages of it that the Jupyter server shows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders
from tornado.websocket import WebSocketClientConnection, websocket_connect

from af_lab.manager.dashboard import Dashboard
from af_lab.model.folder import ClusterFolder
from tests.server.dashboards.standin import MUCH, StandIn, credentials_of, folder_at, standing_in

Find = Callable[[str], Awaitable[Dashboard]]
Found = Callable[[Find | StandIn], None]


@pytest.fixture
def folder(tmp_path: Path) -> ClusterFolder:
    return folder_at(tmp_path / "home-of-af-lab")


@pytest.fixture
def stand_in(folder: ClusterFolder, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[StandIn]:
    """What the cluster x has for a scheduler."""

    async def start() -> Any:
        context = standing_in(folder, credentials_of(folder))
        return context, context.__enter__()

    context, stand_in = jp_asyncio_loop.run_until_complete(start())
    yield stand_in
    context.__exit__(None, None, None)


class Site:
    """The pages of the cluster x at the Jupyter server, for whoever has its token or has not.

    Attributes
    ----------
    place
        Host and port of the server.
    path
        Where the dashboard is.
    """

    def __init__(self, port: int, base_url: str, token: str) -> None:
        self.place = f"127.0.0.1:{port}"
        self.port = port
        self.path = f"{base_url}af-lab/api/clusters/x/dashboard/"
        self.token = token
        self.own = {"Authorization": f"token {token}"}
        self._sockets: list[WebSocketClientConnection] = []

    async def fetch(self, page: str, headers: dict[str, str] | None = None, method: str = "GET") -> HTTPResponse:
        options = {} if method == "GET" else {"allow_nonstandard_methods": True}
        return await AsyncHTTPClient().fetch(
            f"http://{self.place}{self.path}{page}",
            method=method,
            headers=self.own if headers is None else headers,
            follow_redirects=False,
            raise_error=False,
            **options,
        )

    async def connect(
        self, page: str = "socket", headers: dict[str, str] | None = None, subprotocols: list[str] | None = None
    ) -> WebSocketClientConnection:
        url = f"ws://{self.place}{self.path}{page}"
        asked = HTTPRequest(url, headers=HTTPHeaders(self.own if headers is None else headers))
        socket = await websocket_connect(asked, subprotocols=subprotocols, max_message_size=2 * len(MUCH))
        self._sockets.append(socket)
        return socket

    def close(self) -> None:
        """Let go of all WebSockets."""
        for socket in self._sockets:
            socket.close()

    async def cookies(self) -> dict[str, str]:
        """Log in, as a browser does with the link that the server prints."""
        told = await self.fetch(f"asleep.html?token={self.token}", {})
        cookies: SimpleCookie = SimpleCookie()
        for line in told.headers.get_list("Set-Cookie"):
            cookies.load(line)
        assert cookies
        return {name: morsel.coded_value for name, morsel in cookies.items()}


@pytest.fixture
def site(jp_serverapp: Any, jp_fetch: Any, jp_http_port: int, jp_base_url: str) -> Iterator[Site]:
    site = Site(jp_http_port, jp_base_url, jp_serverapp.identity_provider.token)
    yield site
    site.close()


@pytest.fixture
def found(jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch) -> Found:
    """Decide what the manager knows of dashboards."""

    def decide(what: Find | StandIn) -> None:
        async def find(name: str) -> Dashboard:
            return what.dashboard if isinstance(what, StandIn) else await what(name)

        monkeypatch.setattr(jp_serverapp.web_app.settings["af_lab_manager"], "dashboard", find)

    return decide


@pytest.fixture
def shown(found: Found, stand_in: StandIn) -> StandIn:
    """The stand-in, where the server looks for the scheduler."""
    found(stand_in)
    return stand_in
