"""Proxy to the web pages of the clusters' Dask schedulers, under the origin of the Jupyter server."""

from __future__ import annotations

import asyncio
import json
import ssl
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote_plus

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from jupyter_server_proxy.handlers import ProxyHandler
from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.web import HTTPError, authenticated
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, WebSocketError, websocket_connect

from af_lab.errors import AfLabError, ClusterFailed
from af_lab.manager.dashboard import Dashboard
from af_lab.manager.manager import ClusterManager
from af_lab.manager.runner_client import closed_before_tls
from af_lab.model.runner_calls import SECRET_HEADER
from af_lab.server.base import AUTH_RESOURCE, Handler, status_of
from af_lab.server.json_models import path_of
from af_lab.server.origin import refuse_other_sites

__all__ = ["DashboardHandler", "Dashboards", "PlotsHandler"]

REMEMBERED = 15.0  # seconds; a page makes dozens of requests
CONNECT_TIMEOUT = 10.0  # seconds; a scheduler may be busy
ANSWER_TIMEOUT = 60.0  # seconds
LARGEST_MESSAGE = 100 * 2**20  # bytes; the task stream of 100,000 tasks is one message of 14 MB
PLOTS = "individual-plots.json"
ASLEEP = "asleep.html"
# Query arguments that give access to the Jupyter server. The scheduler gets neither these nor any headers.
KEYS = ("token", "_xsrf")
PASSED_BACK = ("Cache-Control", "Content-Type")
# Links in Dask's tables climb one folder too high, which works only at the root of a server.
CLIMBS, SHOULD_CLIMB = b'"../../../statics/', b'"../../statics/'
UNREACHABLE = (OSError, HTTPClientError, WebSocketError)

_HERE = Path(__file__).parent
_SCRIPTS = b"".join(b"<script>" + (_HERE / name).read_bytes() + b"</script>" for name in ("hidden.js", "reconnect.js"))


class Dashboards:
    """Requests to the clusters' dashboards, whose addresses are cached for a short time.

    All methods raise as `ClusterReader.dashboard` does, and `ClusterFailed` if a dashboard does not answer.
    """

    def __init__(self, manager: ClusterManager) -> None:
        self._manager = manager
        self._finding: dict[str, asyncio.Task[Dashboard]] = {}

    async def fetch(self, name: str, address: str) -> HTTPResponse:
        """Return a page of a cluster, with any HTTP status.

        Parameters
        ----------
        name
            The cluster.
        address
            Path of the page without its first slash, with its query.
        """
        found = await self.find(name)
        # Not the client that is configured for Jupyter's server: the one of libcurl accepts no TLS context.
        client = SimpleAsyncHTTPClient(force_instance=True)
        try:
            with closed_before_tls():
                answer = await client.fetch(_request(found, "https", address), raise_error=False)
        except UNREACHABLE as error:
            raise self._gone(name, found, error) from error
        if answer.code >= 400:
            # A scheduler that was restarted has no pages until its runner opens the dashboard.
            self._forget(name)
        return answer

    async def connect(self, name: str, address: str, subprotocols: list[str] | None) -> WebSocketClientConnection:
        """Return a WebSocket to a page; see `fetch`."""
        found = await self.find(name)
        try:
            with closed_before_tls():
                return await websocket_connect(
                    _request(found, "wss", address), subprotocols=subprotocols, max_message_size=LARGEST_MESSAGE
                )
        except UNREACHABLE as error:
            raise self._gone(name, found, error) from error

    async def find(self, name: str) -> Dashboard:
        """Return the address of a cluster's dashboard; concurrent callers share the answer."""
        finding = self._finding.get(name)
        if finding is None:
            finding = self._finding[name] = asyncio.create_task(self._manager.dashboard(name))
            finding.add_done_callback(lambda done: self._remember(name, done))
        return await asyncio.shield(finding)

    def _remember(self, name: str, done: asyncio.Task[Dashboard]) -> None:
        if done.cancelled() or done.exception():
            self._forget(name)
        else:
            asyncio.get_running_loop().call_later(REMEMBERED, self._forget, name)

    def _forget(self, name: str) -> None:
        self._finding.pop(name, None)

    def _gone(self, name: str, found: Dashboard, error: Exception) -> ClusterFailed:
        self._forget(name)
        if isinstance(error, ssl.SSLCertVerificationError):
            return ClusterFailed(
                f"The server at {found.host}:{found.port} is not the Dask scheduler of the cluster {name!r}: its "
                "certificate belongs to someone else. No data was sent to it."
            )
        return ClusterFailed(
            f"The Dask scheduler of the cluster {name!r} does not answer, so its dashboard cannot be shown. "
            "If HTCondor restarts it, try again in a moment."
        )


def _request(found: Dashboard, scheme: str, address: str) -> HTTPRequest:
    return HTTPRequest(
        found.url(scheme, address),
        headers={SECRET_HEADER: found.secret},
        ssl_options=found.tls,
        follow_redirects=False,
        connect_timeout=CONNECT_TIMEOUT,
        request_timeout=ANSWER_TIMEOUT,
    )


class PlotsHandler(Handler):
    """The plots that a cluster's dashboard offers."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """List the plots by their titles."""
        dashboards: Dashboards = self.settings["af_lab_dashboards"]
        answer = await dashboards.fetch(name, PLOTS)
        plots = [
            {"title": title.removeprefix("Individual "), "url": path_of(name, "dashboard", path.lstrip("/"))}
            for title, path in json.loads(answer.body).items()
        ]
        self.finish({"plots": sorted(plots, key=lambda plot: plot["title"])})


class DashboardHandler(ProxyHandler):
    """One cluster's pages and their WebSockets, for its owner only; requests do not count as activity.

    The list of hosts that jupyter-server-proxy may reach is neither used nor changed: no request can name a host
    here.
    """

    auth_resource: ClassVar[str] = AUTH_RESOURCE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._passing: asyncio.Task[None] | None = None
        self.ws: WebSocketClientConnection | None = None

    @property
    def dashboards(self) -> Dashboards:
        """The dashboards of all clusters."""
        dashboards: Dashboards = self.settings["af_lab_dashboards"]
        return dashboards

    async def prepare(self) -> None:
        """Authenticate the user."""
        # The proxy's own method would redirect an unauthenticated request to the login page twice.
        await JupyterHandler.prepare(self)

    def get_login_url(self) -> str:
        """Answer unauthenticated WebSockets with 403: they cannot follow a redirect to a login page."""
        if self._wants_websocket():
            raise HTTPError(403)
        url: str = super().get_login_url()
        return url

    @authenticated
    @authorized
    async def get(self, name: str, path: str) -> None:
        """Proxy a page or a WebSocket."""
        if self._wants_websocket():
            refuse_other_sites(self)
            # Before the WebSocket is open, an error can still be sent as a response.
            await self.dashboards.find(name)
        await super().get(name, path)

    @authenticated
    def refuse(self, name: str, path: str) -> None:
        """Refuse other methods: a dashboard is read-only."""
        raise HTTPError(405)

    head = post = put = patch = delete = options = refuse

    async def http_get(self, name: str, path: str) -> None:
        """Proxy a page."""
        if path == ASLEEP:
            self.finish((_HERE / ASLEEP).read_bytes())
            return
        answer = await self.dashboards.fetch(name, self._address(name))
        self.set_status(answer.code, answer.reason)
        for header in PASSED_BACK:
            if header in answer.headers:
                self.set_header(header, answer.headers[header])
        if (location := answer.headers.get("Location", "")).startswith("/"):
            self.set_header("Location", url_path_join(self.base_url, path_of(name, "dashboard"), location))
        body = answer.body
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            # A page that is not visible must close its connections; one that lost them must come back.
            body = body.replace(b"</head>", _SCRIPTS + b"</head>", 1).replace(CLIMBS, SHOULD_CLIMB)
        self.finish(body)

    async def open(self, name: str, path: str) -> None:
        """Proxy a WebSocket in both directions, no faster than the slower side reads."""
        self.settings["af_lab_browser"].note(self.request)
        try:
            self.ws = await self.dashboards.connect(name, self._address(name), self._requested_subprotocols)
        except AfLabError as error:
            self.log.warning("af_lab: %s", error)
            self.close(1011, "the Dask scheduler does not answer")
            return
        self._passing = asyncio.create_task(self._pass_back(self.ws))

    async def on_message(self, message: str | bytes) -> None:
        """Forward a message from the page."""
        if self.ws is not None:
            with suppress(WebSocketClosedError):
                await self.ws.write_message(message, binary=isinstance(message, bytes))

    def on_ping(self, data: bytes) -> None:
        """Do not forward pings: each side answers the pings that it gets."""

    def on_close(self) -> None:
        """Close the WebSocket to the scheduler."""
        if self._passing is not None:
            self._passing.cancel()
        if self.ws is not None:
            self.ws.close()

    async def _pass_back(self, scheduler: WebSocketClientConnection) -> None:
        with suppress(WebSocketClosedError):
            while (message := await scheduler.read_message()) is not None:
                await self.write_message(message, binary=isinstance(message, bytes))
            self.close()

    def _wants_websocket(self) -> bool:
        return bool(self.request.headers.get("Upgrade", "").lower() == "websocket")

    def _address(self, name: str) -> str:
        """Return path and query as the browser sent them, without the keys to the Jupyter server."""
        _, _, path = self.request.path.partition(f"{path_of(name, 'dashboard')}/")
        asked = self.request.query.split("&")
        query = "&".join(part for part in asked if unquote_plus(part.partition("=")[0]) not in KEYS)
        return f"{path}?{query}" if query else path

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Show the message of an af_lab error; Jupyter's page for 404 would show another one."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if status_code == 405:
            self.set_header("Allow", "GET")
        if not isinstance(error, AfLabError):
            super().write_error(status_code, **kwargs)
            return
        status = status_of(error)
        self.set_status(status)
        told = {"status_code": status, "status_message": HTTPStatus(status).phrase, "message": str(error)}
        self.finish(self.render_template("error.html", **told))

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """Log faults of the server, but not errors that are reported to the user."""
        if not isinstance(value, AfLabError):
            super().log_exception(typ, value, tb)
