"""A Jupyter server with the extension, in the test's own process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse
from tornado.websocket import WebSocketClientConnection

from af_lab.condor.queue import Queue
from tests.server.support import Api, Panel


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {"ServerApp": {"jpserver_extensions": {"af_lab.server": True}}}


@pytest.fixture(autouse=True)
def patient_server(patience: None) -> None:
    """The server in the test's own process has as much patience as the tests' managers."""


@pytest.fixture
def jp_base_url() -> str:
    return "/user/alice/"


@pytest.fixture
def api(jp_fetch: Callable[..., Awaitable[HTTPResponse]], queue: Queue) -> Api:
    return Api(jp_fetch)


@pytest.fixture
def open_panel(
    jp_ws_fetch: Callable[..., Awaitable[WebSocketClientConnection]],
) -> Iterator[Callable[[], Awaitable[Panel]]]:
    """Open panels that are closed with the test."""
    panels = []

    async def opened() -> Panel:
        panels.append(await Panel.open(jp_ws_fetch))
        return panels[-1]

    yield opened
    for panel in panels:
        panel.close()


@pytest.fixture
def refusals(jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """An authorizer that allows nothing: the actions and resources that it was asked for."""
    asked = []

    async def refuse(handler: Any, user: Any, action: str, resource: str) -> bool:
        asked.append((action, resource))
        return False

    monkeypatch.setattr(jp_serverapp.authorizer, "is_authorized", refuse)
    return asked
