"""A Jupyter server with the extension, in the test's own process."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from af_lab.condor.queue import Queue


class Api:
    """Calls of the REST interface: status and content, errors among them."""

    def __init__(self, fetch: Callable[..., Awaitable[HTTPResponse]]) -> None:
        self._fetch = fetch

    async def __call__(self, method: str, *path: str, body: object = None) -> tuple[int, Any]:
        content = body if isinstance(body, str) or body is None else json.dumps(body)
        allow = {"allow_nonstandard_methods": True} if content is None and method != "GET" else {}
        try:
            response = await self._fetch("af-lab", "api", *path, method=method, body=content, **allow)
        except HTTPClientError as error:
            if error.response is None:
                raise
            response = error.response
        self.headers = response.headers
        return response.code, json.loads(response.body) if response.body else None


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {"ServerApp": {"jpserver_extensions": {"af_lab.server": True}}}


@pytest.fixture
def jp_base_url() -> str:
    return "/user/alice/"


@pytest.fixture
def api(jp_fetch: Callable[..., Awaitable[HTTPResponse]], queue: Queue) -> Api:
    return Api(jp_fetch)
