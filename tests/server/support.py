"""What the tests of the server share: small clients of the REST interface and of the events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.httputil import HTTPHeaders
from tornado.websocket import WebSocketClientConnection

from af_lab.model.snapshot import Counts
from tests.server.contract import MESSAGE, check_answer


class Api:
    """Calls of the REST interface: status and content, errors among them; each answer is one that is promised."""

    def __init__(self, fetch: Callable[..., Awaitable[HTTPResponse]]) -> None:
        self._fetch = fetch
        self.headers = HTTPHeaders()

    async def __call__(self, method: str, *path: str, body: object = None, **query: str) -> tuple[int, Any]:
        content = body if isinstance(body, str) or body is None else json.dumps(body)
        allow = {"allow_nonstandard_methods": True} if content is None and method != "GET" else {}
        try:
            response = await self._fetch("af-lab", "api", *path, method=method, body=content, params=query, **allow)
        except HTTPClientError as error:
            if error.response is None:
                raise
            response = error.response
        self.headers = response.headers
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        told = json.loads(response.body) if is_json and response.body else response.body or None
        check_answer(method, "/".join(path), response.code, told)
        return response.code, told


class Panel:
    """What a panel knows by the events alone; each message is one that is promised.

    Attributes
    ----------
    clusters
        By their names.
    explanations
        By the ids of the clusters.
    runs
        By their names.
    received
        How many messages came.
    """

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket
        self.clusters: dict[str, Any] = {}
        self.explanations: dict[str, Any] = {}
        self.runs: dict[str, Any] = {}
        self.pool: Any = None
        self.health: Any = None
        self.received = 0

    @classmethod
    async def open(cls, ws_fetch: Callable[..., Awaitable[WebSocketClientConnection]]) -> Panel:
        """Open a connection, and read the snapshot that comes first."""
        panel = cls(await ws_fetch("af-lab", "api", "events"))
        assert (await panel.read())["type"] == "snapshot"
        return panel

    async def read(self, timeout: float = 60.0) -> dict[str, Any]:
        """Read one message."""
        text = await asyncio.wait_for(self._socket.read_message(), timeout)
        assert isinstance(text, str), "the server closed the connection"
        message: dict[str, Any] = json.loads(text)
        MESSAGE.validate(message)
        self.received += 1
        assert message["seq"] == self.received
        self._learn(message)
        return message

    async def until(self, condition: Callable[[], object], what: str, seconds: float = 90.0) -> None:
        """Read until what is known fulfils a condition."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    await self.read(seconds)
        except TimeoutError:
            raise TimeoutError(f"not within {seconds:g} s: {what}; known are {self.clusters} and {self.runs}") from None

    def state(self, name: str) -> str | None:
        """Return the state of a cluster; None for one that is not known."""
        return self.clusters[name]["state"] if name in self.clusters else None

    def counts(self, name: str) -> dict[str, int]:
        """Return the counts of a cluster; all of them 0 for one that is not known."""
        counts: dict[str, int] = self.clusters[name]["counts"] if name in self.clusters else {}
        return asdict(Counts()) | counts

    def causes(self) -> list[str]:
        """Return why workers of clusters wait, where they do."""
        return [why["cause"] for why in self.explanations.values() if why]

    def close(self) -> None:
        """Let go of the connection."""
        self._socket.close()

    def _learn(self, message: dict[str, Any]) -> None:
        data = message["data"]
        match message["type"]:
            case "snapshot":
                self.clusters = {cluster["name"]: cluster for cluster in data["clusters"]}
                self.explanations = data["explanations"]
                self.runs = {run["name"]: run for run in data["runs"]}
                self.pool, self.health = data["pool"], data["health"]
            case "cluster":
                self.clusters[data["name"]] = data
            case "explanation":
                self.explanations[message["id"]] = data
            case "gone":
                self.clusters = {
                    name: cluster for name, cluster in self.clusters.items() if str(cluster["id"]) != message["id"]
                }
            case "run":
                assert message["id"] == data["name"]
                self.runs[data["name"]] = data
            case "run-gone":
                del self.runs[message["id"]]
            case "pool":
                self.pool = data
            case "health":
                self.health = data
