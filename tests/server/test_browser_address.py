"""The address at which the browser sees the Jupyter server, for links."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from af_lab.manager.dashboard import BROWSER, LINK, link_for_browser
from af_lab.server.browser_address import BrowserAddress

PATH = "/user/alice/af-lab/api/clusters/dimuon/dashboard/status"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(LINK, PATH.replace("dimuon", "{name}"))
    monkeypatch.setenv(BROWSER, str(tmp_path / "browser"))
    return tmp_path / "browser"


def websocket(origin: str | None, host: str = "hub.example.org") -> Any:
    return SimpleNamespace(headers={} if origin is None else {"Origin": origin}, host=host)


@pytest.mark.parametrize(
    ("origin", "host", "link"),
    [
        ("https://hub.example.org", "hub.example.org", f"https://hub.example.org{PATH}"),
        ("http://localhost:9999", "localhost:9999", f"http://localhost:9999{PATH}"),
        (None, "hub.example.org", PATH),
        ("https://evil.example", "hub.example.org", PATH),
        ("null", "hub.example.org", PATH),
        ("ftp://hub.example.org", "hub.example.org", PATH),
    ],
)
def test_links_begin_with_what_the_browser_shows(file: Path, origin: str | None, host: str, link: str) -> None:
    address = BrowserAddress(file)
    address.note(websocket(origin, host))
    assert link_for_browser("dimuon") == link
    address.forget()
    assert link_for_browser("dimuon") == PATH


def test_the_newest_address_counts_and_another_site_does_not_change_it(file: Path) -> None:
    address = BrowserAddress(file)
    for origin, host in (("http://127.0.0.1:8888", "127.0.0.1:8888"), ("http://localhost:9", "localhost:9")):
        address.note(websocket(origin, host))
    address.note(websocket("https://evil.example", "localhost:9"))
    assert link_for_browser("dimuon") == f"http://localhost:9{PATH}"


@pytest.mark.parametrize("content", [b"", b"javascript:alert(1)", b"https://a b", b"https://a/path", b"\xff"])
def test_a_damaged_file_does_not_count(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert link_for_browser("dimuon") == PATH


def test_a_file_that_cannot_be_written_does_not_matter(file: Path, tmp_path: Path) -> None:
    address = BrowserAddress(tmp_path / "absent" / "browser")
    address.note(websocket("https://hub.example.org"))
    address.forget()
    assert link_for_browser("dimuon") == PATH
