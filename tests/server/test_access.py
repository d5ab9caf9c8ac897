"""Who may call, and what becomes of wrong calls; it needs no pool."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse

from af_lab.server.routes import ROUTES
from tests.server.contract import DOCUMENT
from tests.server.support import Api

Fetch = Callable[..., Awaitable[HTTPResponse]]
WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(params=[True, False], ids=["as Jupyter is by default", "allow_unauthenticated_access=False"])
def jp_server_config(request: pytest.FixtureRequest) -> dict[str, Any]:
    config: dict[str, Any] = {"ServerApp": {"jpserver_extensions": {"af_lab.server": True}}}
    if not request.param:
        config["ServerApp"]["allow_unauthenticated_access"] = False
    return config


def base(url: str, port: int) -> str:
    return f"http://127.0.0.1:{port}{url}af-lab/api"


async def answer(url: str, method: str, **options: Any) -> tuple[int, Any]:
    if method != "GET":
        options["body"] = "{}"
    options |= {"allow_nonstandard_methods": True, "follow_redirects": False}
    response = await AsyncHTTPClient().fetch(url, method=method, raise_error=False, **options)
    return response.code, json.loads(response.body)


ADDRESSES = [
    (method.upper(), path.replace("{name}", "x").replace("{worker}", "1.0").replace("{id}", "x"))
    for path, verbs in DOCUMENT["paths"].items()
    for method in verbs
    # Jupyter sends whoever asks with a slash at the end to the address without it.
    if method != "parameters" and path != "/"
]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
async def test_strangers_are_refused(
    method: str, path: str, jp_fetch: Fetch, jp_http_port: int, jp_base_url: str
) -> None:
    for headers in ({}, {"Authorization": "token wrong"}, {"Cookie": "username-localhost=forged"}):
        status, error = await answer(base(jp_base_url, jp_http_port) + path, method, headers=headers)
        assert status == 403
        assert set(error) == {"message", "reason", "code"}


async def browser_cookies(jp_serverapp: Any, port: int, base_url: str) -> SimpleCookie:
    """Return the cookies of a browser in which the user has logged in."""
    address = f"http://127.0.0.1:{port}{base_url}tree?token={jp_serverapp.identity_provider.token}"
    login = await AsyncHTTPClient().fetch(address, follow_redirects=False, raise_error=False)
    cookies: SimpleCookie = SimpleCookie()
    for line in login.headers.get_list("Set-Cookie"):
        cookies.load(line)
    return cookies


def cookie_header(cookies: SimpleCookie) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())}


async def test_a_page_of_another_site_is_told_why_it_gets_no_answer(
    jp_fetch: Fetch, jp_serverapp: Any, jp_http_port: int, jp_base_url: str, jp_auth_header: dict[str, str]
) -> None:
    """Its browser sends the cookie of the user along."""
    with_cookie = cookie_header(await browser_cookies(jp_serverapp, jp_http_port, jp_base_url))
    url, evil = base(jp_base_url, jp_http_port), {"Origin": "https://evil.example"}
    for method, path in (("GET", "/examples"), ("GET", "/no-such-route"), ("POST", "/clusters")):
        status, error = await answer(url + path, method, headers=with_cookie | evil)
        assert status == 403, path
        assert "https://evil.example" in error["message"]
        assert "c.ServerApp.allow_origin" in error["message"]
    for page in ("/events", "/clusters/x/dashboard/socket"):
        response = await AsyncHTTPClient().fetch(url + page, headers=with_cookie | evil | WEBSOCKET, raise_error=False)
        assert response.code == 403, page
        assert b"https://evil.example" in response.body, page
    own = {"Origin": f"http://127.0.0.1:{jp_http_port}"}
    status, _ = await answer(f"{url}/examples", "GET", headers=with_cookie | own)
    assert status == 200
    # A program that has the token may call from anywhere.
    status, _ = await answer(f"{url}/examples", "GET", headers=jp_auth_header | evil)
    assert status == 200


async def test_a_cookie_needs_its_xsrf_token(
    jp_fetch: Fetch, jp_serverapp: Any, jp_http_port: int, jp_base_url: str
) -> None:
    """A page of somebody else can make the browser send the cookie, but does not know the token."""
    cookies = await browser_cookies(jp_serverapp, jp_http_port, jp_base_url)
    with_cookie = cookie_header(cookies)
    url = base(jp_base_url, jp_http_port) + "/clusters"
    # The body is wrong: whoever is let in is told so.
    for method in ("POST", "PATCH", "DELETE"):
        address = url if method == "POST" else f"{url}/x"
        status, _ = await answer(address, method, headers=with_cookie)
        assert status == 403, method
    xsrf = {"X-XSRFToken": cookies["_xsrf"].value} if "_xsrf" in cookies else {}
    assert xsrf, "the server gives a token"
    status, error = await answer(url, "POST", headers=with_cookie | xsrf)
    assert (status, error["code"]) == (400, "SpecError")


async def test_an_authorizer_is_asked(refusals: list[tuple[str, str]], jp_fetch: Fetch, jp_ws_fetch: Fetch) -> None:
    api = Api(jp_fetch)
    for method, path in ADDRESSES:
        if path != "/events.schema.json":
            status, _ = await api(method, path, body={} if method in ("POST", "PATCH") else None)
            assert status == 403, (method, path)
    for fetch, path in ((jp_ws_fetch, "events"), (jp_fetch, "clusters/x/dashboard/status")):
        with pytest.raises(HTTPClientError) as refused:
            await fetch("af-lab", "api", *path.split("/"))
        assert refused.value.code == 403
    assert {resource for _, resource in refusals} == {"af-lab"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *(("GET", path, 404) for path in ("nothing", "clusters/a/b", "clusters/-x", "clusters/a%2Fb", "clusters/a%00")),
        *(
            ("GET", path, 404)
            for path in ("clusters/" + "x" * 64, "../api", "clusters/x/workers/1.0/hold", "examples/x")
        ),
        *((method, "clusters", 405) for method in ("PUT", "PATCH", "DELETE")),
        *((method, "clusters/x/workers/1.0", 405) for method in ("GET", "POST", "PUT")),
        *((method, "clusters/x/dashboard/status", 405) for method in ("POST", "PUT", "DELETE")),
    ],
)
async def test_what_is_no_route_is_told(
    method: str, path: str, status: int, jp_serverapp: Any, jp_fetch: Fetch
) -> None:
    options = {} if method == "GET" else {"allow_nonstandard_methods": True, "body": ""}
    with pytest.raises(HTTPClientError) as refused:
        await jp_fetch(*f"af-lab/api/{path}".split("/"), method=method, **options)
    assert refused.value.code == status


async def test_a_verb_that_is_not_known_tells_those_that_are(jp_serverapp: Any, jp_fetch: Fetch) -> None:
    api = Api(jp_fetch)
    status, error = await api("PUT", "clusters", "x", body={})
    assert (status, api.headers["Allow"]) == (405, "GET, DELETE, PATCH, OPTIONS")
    assert "openapi.yaml" in error["message"]


def test_the_document_has_every_route() -> None:
    """Pages and the WebSocket are no part of it."""
    patterns = [pattern for pattern, _ in ROUTES if pattern not in (r"/.*", "/events") and "dashboard" not in pattern]
    assert len(patterns) == len(DOCUMENT["paths"])
