"""What stands in for the pages of a cluster's scheduler, and notes what it is asked."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketHandler

from af_lab.manager.dashboard import Dashboard
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder

HOST = "127.0.0.1"
MUCH = "x" * 15_000_000


@dataclass
class StandIn:
    """A server with the certificate of a cluster.

    Attributes
    ----------
    dashboard
        Where it is, with the secret and the credentials of the cluster that is asked for.
    asked
        The requests that came.
    ended
        How many of its WebSockets did.
    """

    dashboard: Dashboard
    asked: list[HTTPServerRequest] = field(default_factory=list)
    ended: int = 0


class _Page(RequestHandler):
    def initialize(self, owner: StandIn) -> None:
        self.owner = owner

    def get(self, path: str) -> None:
        self.owner.asked.append(self.request)
        if path == "moved":
            self.redirect("/status")
        elif path == "none":
            raise HTTPError(404)
        elif path == "plain":
            self.set_header("Content-Type", "text/plain")
            self.finish("</head>")
        else:
            self.set_cookie("of-the-scheduler", "x")
            self.finish("<html><head></head><body>a page</body></html>")


class _Socket(WebSocketHandler):
    def initialize(self, owner: StandIn) -> None:
        self.owner = owner

    def check_origin(self, origin: str) -> bool:
        return True

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return subprotocols[0] if subprotocols else None

    def open(self, *args: str, **kwargs: str) -> None:
        self.owner.asked.append(self.request)

    async def on_message(self, message: str | bytes) -> None:
        if message == "end":
            self.close()
        elif message == "much":
            await self.write_message(MUCH)
        else:
            await self.write_message(message, binary=isinstance(message, bytes))

    def on_close(self) -> None:
        self.owner.ended += 1


@contextmanager
def standing_in(folder: ClusterFolder, shows: ssl.SSLContext | None) -> Iterator[StandIn]:
    """Run a server as long as the block lasts; it shows a certificate, or speaks no TLS at all."""
    (listening,) = bind_sockets(0, HOST, family=socket.AF_INET)
    secret = folder.http_secret.read_text()
    tls = folder.security().get_connection_args("client")["ssl_context"]
    stand_in = StandIn(Dashboard(HOST, listening.getsockname()[1], secret, tls))
    own: dict[str, Any] = {"owner": stand_in}
    server = HTTPServer(Application([(r"/socket", _Socket, own), (r"/(.*)", _Page, own)]), ssl_options=shows)
    server.add_sockets([listening])
    try:
        yield stand_in
    finally:
        server.stop()


def credentials_of(folder: ClusterFolder) -> ssl.SSLContext:
    """Return what the scheduler of a cluster shows."""
    context: ssl.SSLContext = folder.security().get_listen_args("scheduler")["ssl_context"]
    return context


def folder_at(home: Path) -> ClusterFolder:
    """Make the folder of a cluster with keys of its own."""
    return ClusterFolder.create(home, make_credentials("x"))


async def raw(port: int, request: bytes) -> bytes:
    """Return all that the server at a port answers to some bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(30):
            return await reader.read()
    finally:
        writer.close()
