"""Who sees a dashboard, and what a scheduler is told; a stand-in takes the scheduler's place, so it needs no pool."""

from __future__ import annotations

import logging
import ssl
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.tcpclient import TCPClient
from tornado.websocket import WebSocketClientConnection

from af_lab.manager.dashboard import Dashboard, link_for_browser
from af_lab.model.runner_calls import SECRET_HEADER
from tests.server.dashboards.conftest import Site
from tests.server.dashboards.standin import MUCH, StandIn, raw
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


@pytest.fixture
def jp_server_config(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Of Jupyter as it is by default, or as a test wants it."""
    return getattr(request, "param", {"ServerApp": {"jpserver_extensions": EXTENSION}})


async def echo(socket: WebSocketClientConnection, message: str | bytes) -> None:
    """Say something to the stand-in, and hear it."""
    await socket.write_message(message, binary=isinstance(message, bytes))
    assert await socket.read_message() == message


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


async def test_links_are_whole_addresses_once_a_plot_is_open(site: Site, shown: StandIn) -> None:
    """A plot that is open says what comes before the path in the browser."""
    assert link_for_browser("x") == f"{site.path}status"
    await site.connect(headers=site.own | {"Origin": f"http://{site.place}"})
    assert link_for_browser("x") == f"http://{site.place}{site.path}status"
