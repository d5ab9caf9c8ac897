"""Who sees a dashboard, and what a scheduler is told; a stand-in takes the scheduler's place, so it needs no pool."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Iterator
from html import escape, unescape
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders
from tornado.tcpclient import TCPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

from af_lab.errors import AfLabError, ClusterFailed, ClusterNotFound
from af_lab.manager.dashboard import SECRET_HEADER, Dashboard
from af_lab.model.folder import ClusterFolder
from af_lab.server import dashboards
from tests.server.standin import MUCH, StandIn, credentials_of, folder_at, raw, standing_in
from tests.support import until

EXTENSION = {"af_lab.server": True}

# Pages that want the server to ask somebody else.
EVIL = "evil.example"
PAGES = rf"""
    /{EVIL}/ http://{EVIL}/ https:/{EVIL} @{EVIL}/ %40{EVIL}/ :443@{EVIL} ;@{EVIL}:80 #@{EVIL} %23@{EVIL} ?@{EVIL}
    .. ../../../../etc/passwd %2e%2e/ ..%2f..%2f ..//{EVIL} \\{EVIL}\ %5c{EVIL} [::1] ? %3f %00 %ff ö
    status?url=http://{EVIL}
    %0d%0aX-Evil:%20{EVIL} status?%0d%0aX-Evil:%20{EVIL} %0d%0a%0d%0aGET%20http://{EVIL}/%20HTTP/1.1
""".split()

Find = Callable[[str], Awaitable[Dashboard]]
Found = Callable[[Find | StandIn], None]


@pytest.fixture
def jp_server_config(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Of Jupyter as it is by default, or as a test wants it."""
    return getattr(request, "param", {"ServerApp": {"jpserver_extensions": EXTENSION}})


@pytest.fixture
def folder(tmp_path: Path) -> ClusterFolder:
    return folder_at(tmp_path / "home")


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


async def echo(socket: WebSocketClientConnection, message: str | bytes) -> None:
    """Say something to the stand-in, and hear it."""
    await socket.write_message(message, binary=isinstance(message, bytes))
    assert await socket.read_message() == message


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


# What the scheduler is told.


async def test_the_scheduler_gets_its_secret_and_no_key_of_jupyter(
    site: Site, shown: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cookies = await site.cookies()
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Referer": f"http://{site.place}/lab?token={site.token}",
        "X-XSRFToken": "an-xsrf-token",
        "X-Forwarded-Access-Token": "of-the-hub",
        **site.own,
    }
    query = f"?a=1&token={site.token}&%74oken={site.token}&_xsrf=an-xsrf-token&b=%26+x&token"
    answer = await site.fetch(f"status{query}", headers)
    socket = await site.connect(f"socket{query}", headers, ["bokeh", "a-bokeh-token"])
    await echo(socket, "there")
    assert answer.body.startswith(b"<html>")
    page, websocket = shown.asked
    for asked in (page, websocket):
        assert asked.headers[SECRET_HEADER] == shown.dashboard.secret
        assert asked.query == "a=1&b=%26+x"
        told = f"{asked.uri} {dict(asked.headers.get_all())}"
        for key in (site.token, "an-xsrf-token", "of-the-hub", "Cookie", "Authorization", *cookies, *cookies.values()):
            assert key not in told
    assert websocket.headers["Sec-WebSocket-Protocol"] == "bokeh,a-bokeh-token"
    # Nor does the secret go the other way, or cookies.
    assert "of-the-scheduler" not in str(answer.headers)
    for text in (str(answer.headers), str(socket.headers), answer.body.decode(), caplog.text):
        assert shown.dashboard.secret not in text


async def test_no_request_makes_the_server_connect_to_anything_else(
    site: Site, shown: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected, connect = set(), TCPClient.connect

    async def noting(self: TCPClient, host: str, port: int, **options: Any) -> Any:
        connected.add((host, port))
        return await connect(self, host, port, **options)

    monkeypatch.setattr(TCPClient, "connect", noting)
    path = site.path
    targets = [f"{path}{page}" for page in PAGES]
    targets += [f"http://{EVIL}{path}status", f"//{EVIL}{path}status", f"@{EVIL}{path}status", f"{EVIL}:80", "*"]
    targets += [f"{path.replace('/x/', f'/{name}/')}status" for name in (f"x@{EVIL}", f"{EVIL}:80", "x%2f..%2fy", "..")]
    websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIz\r\n"
    for target in targets:
        for extra in ("", f"X-Forwarded-Host: {EVIL}\r\nForwarded: host={EVIL}\r\n", websocket):
            lines = f"GET {target} HTTP/1.1\r\nHost: {site.place}\r\nAuthorization: token {site.token}\r\n{extra}"
            # A WebSocket that opens would stay open, and a connection where none does as well: what follows ends both.
            frame = b"\x88\x80\0\0\0\0\r\n\r\n" if extra == websocket else b""
            ending = "" if frame else "Connection: close\r\n"
            answer = await raw(site.port, f"{lines}{ending}\r\n".encode("latin-1") + frame)
            status = int(answer.split(b" ", 2)[1]) if answer else 400
            assert status < 500, (target, extra, answer)
            assert EVIL.encode() not in answer.partition(b"\r\n\r\n")[0], (target, extra, answer)
    for host in (EVIL, f"{site.place}@{EVIL}", f"{EVIL}:80"):
        asked = f"GET {path}status HTTP/1.1\r\nHost: {host}\r\nAuthorization: token {site.token}\r\n"
        await raw(site.port, f"{asked}Connection: close\r\n\r\n".encode())
    own = (shown.dashboard.host, shown.dashboard.port)
    assert connected == {own}
    assert len(shown.asked) > len(PAGES), "so they came through"
    for request in shown.asked:
        assert request.host == f"{own[0]}:{own[1]}"
        assert request.path.startswith("/")
        assert "X-Evil" not in request.headers


async def test_a_page_is_asked_for_as_the_browser_wrote_it(site: Site, shown: StandIn) -> None:
    for page in ("info/task/%28%27sum%2B%27%2C+0%29.html", "info/worker/tls%3A%2F%2F192.0.2.1%3A1.html", "a?b=%2F&c"):
        await site.fetch(page)
        assert shown.asked.pop().uri == f"/{page}"


@pytest.mark.parametrize(("host", "shown"), [("192.0.2.1", "192.0.2.1"), ("fd00::1", "[fd00::1]")])
def test_a_dashboard_may_be_at_any_kind_of_address(host: str, shown: str) -> None:
    place = Dashboard(host, 8787, "secret", ssl.create_default_context())
    assert place.url("https", "status?a=1") == f"https://{shown}:8787/status?a=1"
    assert "secret" not in repr(place)


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_nothing_but_looking_is_possible(site: Site, shown: StandIn, method: str) -> None:
    answer = await site.fetch("status", method=method)
    assert (answer.code, answer.headers["Allow"]) == (405, "GET")
    assert not shown.asked


async def test_a_websocket_passes_messages_in_both_directions(site: Site, shown: StandIn) -> None:
    socket = await site.connect(subprotocols=["bokeh", "a-bokeh-token"])
    assert socket.selected_subprotocol == "bokeh"
    for message in ("text", b"\0binary\xff", "x" * 2_000_000):
        await echo(socket, message)
    await socket.write_message("much")
    assert await socket.read_message() == MUCH, "as large as Dask's are"
    # Each side ends with the other.
    await socket.write_message("end")
    assert await socket.read_message() is None
    await until(lambda: shown.ended == 1, "the scheduler's side has ended")
    (await site.connect()).close()
    await until(lambda: shown.ended == 2, "the scheduler's side ends with the page")


async def test_redirections_lead_to_where_the_dashboard_is(site: Site, shown: StandIn) -> None:
    answer = await site.fetch("moved")
    assert (answer.code, answer.headers["Location"]) == (302, f"{site.path}status")


@pytest.mark.parametrize("jp_base_url", ["/", "/user/alice%40cern.ch/dashboard/"])
async def test_it_works_behind_any_base_url(site: Site, shown: StandIn, jp_base_url: str) -> None:
    assert (await site.fetch("status")).code == 200
    assert (await site.fetch("moved")).headers["Location"] == f"{jp_base_url}af-lab/api/clusters/x/dashboard/status"
    await echo(await site.connect("socket?a=1"), "there")
    assert [asked.uri for asked in shown.asked] == ["/status", "/moved", "/socket?a=1"]


# Who sees it.


@pytest.mark.parametrize(
    "jp_server_config",
    [
        {"ServerApp": {"jpserver_extensions": EXTENSION}},
        {"ServerApp": {"jpserver_extensions": EXTENSION, "allow_unauthenticated_access": False}},
    ],
    ids=["as Jupyter is by default", "allow_unauthenticated_access=False"],
    indirect=True,
)
async def test_strangers_see_nothing(site: Site, shown: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in (await site.cookies()).items())
    for headers in ({}, {"Authorization": "token wrong"}, {"Cookie": "username-localhost=forged"}):
        answer = await site.fetch("status", headers)
        assert answer.code == 302
        assert answer.headers["Location"].startswith("/user/alice/login?")
        for method in ("POST", "DELETE"):
            assert (await site.fetch("status", headers, method)).code == 403
        for page in ("socket", "asleep.html"):
            with pytest.raises(HTTPClientError) as refused:
                await site.connect(page, headers)
            assert refused.value.code == 403
    # The page of somebody else makes the browser send the cookie.
    with pytest.raises(HTTPClientError) as refused:
        await site.connect(headers={"Cookie": cookie, "Origin": f"http://{EVIL}"})
    assert refused.value.code == 403
    assert not shown.asked
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    own = await site.connect(headers={"Cookie": cookie, "Origin": f"http://{site.place}"})
    await echo(own, "so it is not the cookie")


async def test_an_authorizer_is_asked(site: Site, shown: StandIn, refusals: list[tuple[str, str]]) -> None:
    assert (await site.fetch("status")).code == 403
    with pytest.raises(HTTPClientError) as refused:
        await site.connect()
    assert refused.value.code == 403
    assert (refusals, shown.asked) == ([("read", "af-lab")] * 2, [])


@pytest.mark.parametrize(
    "jp_server_config",
    [
        {
            "ServerApp": {"jpserver_extensions": EXTENSION | {"jupyter_server_proxy": True}},
            "ServerProxy": {"host_allowlist": ["127.0.0.2"]},
        }
    ],
    ids=["with a list of hosts"],
    indirect=True,
)
async def test_the_administrators_list_of_hosts_holds(site: Site, shown: StandIn, jp_base_url: str) -> None:
    """The stand-in's host is none of it."""
    assert (await site.fetch("status")).code == 200
    # Nobody listens at the host that is allowed, and jupyter-server-proxy says so in its own way.
    for host, status in ((shown.dashboard.host, 403), ("127.0.0.3", 403), ("127.0.0.2", 500)):
        url = f"http://{site.place}{jp_base_url}proxy/{host}:{shown.dashboard.port}/status"
        answer = await AsyncHTTPClient().fetch(url, headers=site.own, raise_error=False)
        assert answer.code == status, host
    assert len(shown.asked) == 1


# What is no activity.


async def test_looking_is_no_activity(site: Site, shown: StandIn, jp_serverapp: Any) -> None:
    settings = jp_serverapp.web_app.settings

    def activity() -> tuple[Any, ...]:
        return (
            settings.get("api_last_activity"),
            dict(settings.get("last_activity_times", {})),
            jp_serverapp.web_app.last_activity(),
        )

    before = activity()
    for page in ("status", "static/js/bokeh.min.js", "moved", "asleep.html"):
        await site.fetch(page)
    socket = await site.connect()
    for number in range(5):
        await echo(socket, str(number))
    socket.ping(b"x")
    await socket.write_message("end")
    assert await socket.read_message() is None
    assert len(shown.asked) == 4
    assert activity() == before


# When there is nothing to see.


async def check_refused(site: Site, says: str) -> None:
    answer = await site.fetch("status")
    assert (answer.code, answer.headers["Content-Type"]) == (409, "text/html; charset=UTF-8")
    assert says in unescape(answer.body.decode())
    socket = await site.connect()
    assert await socket.read_message() is None
    assert (socket.close_code, socket.close_reason) == (1011, "the Dask scheduler does not answer")


@pytest.mark.parametrize("speaks_tls", [True, False])
async def test_a_stranger_in_the_schedulers_place_gets_nothing(
    site: Site,
    folder: ClusterFolder,
    tmp_path: Path,
    found: Found,
    speaks_tls: bool,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    # Who speaks no TLS waits for more.
    monkeypatch.setattr(dashboards, "CONNECT_TIMEOUT", 1.0)
    shows = credentials_of(folder_at(tmp_path / "other")) if speaks_tls else None
    with standing_in(folder, shows) as stranger:
        found(stranger)
        says = "is not the Dask scheduler of the cluster 'x': its certificate is of somebody else"
        await check_refused(site, says if speaks_tls else "does not answer")
    assert not stranger.asked
    assert stranger.dashboard.secret not in caplog.text


async def test_a_scheduler_that_is_gone_is_told_and_looked_for_anew(
    site: Site, shown: StandIn, folder: ClusterFolder, found: Found
) -> None:
    with standing_in(folder, credentials_of(folder)) as gone:
        found(gone)
        assert (await site.fetch("status")).code == 200
    await check_refused(site, "The Dask scheduler of the cluster 'x' does not answer")
    found(shown)
    assert (await site.fetch("status")).code == 200


async def test_what_the_manager_says_is_a_page(site: Site, found: Found) -> None:
    for error, status in ((ClusterNotFound("There is no <x>."), 404), (ClusterFailed("Not just now, <x>."), 409)):

        async def find(name: str, error: AfLabError = error) -> Dashboard:
            raise error

        found(find)
        answer = await site.fetch("status")
        assert (answer.code, answer.headers["Content-Type"]) == (status, "text/html; charset=UTF-8")
        assert escape(str(error)) in answer.body.decode()
        with pytest.raises(HTTPClientError) as refused:
            await site.connect()
        assert refused.value.code == status


async def test_many_requests_are_one_question_to_the_cluster(
    site: Site, stand_in: StandIn, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = []

    async def find(name: str) -> Dashboard:
        questions.append(name)
        await asyncio.sleep(0.1)
        return stand_in.dashboard

    found(find)
    assert {answer.code for answer in await asyncio.gather(*(site.fetch("status") for _ in range(20)))} == {200}
    assert len(questions) == 1
    await site.fetch("status")
    assert len(questions) == 1
    # A scheduler that was started again at its old place has no pages before it is asked for them.
    assert (await site.fetch("none")).code == 404
    monkeypatch.setattr(dashboards, "REMEMBERED", 0.0)
    await site.fetch("status")
    assert len(questions) == 2
    await site.fetch("status")
    assert len(questions) == 3


# When nobody looks.


async def test_pages_go_to_sleep_and_nothing_else_does(site: Site, shown: StandIn) -> None:
    page = (await site.fetch("status")).body.decode()
    assert page.count("<script>") == 1
    assert page.index("asleep.html") < page.index("</head>")
    assert b"script" not in (await site.fetch("plain")).body
    before = len(shown.asked)
    asleep = await site.fetch("asleep.html")
    assert (asleep.code, asleep.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    assert len(shown.asked) == before, "so it does not need the scheduler"
