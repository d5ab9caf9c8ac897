"""What a server tells where there is no HTCondor to ask: each trouble by a code of its own, with its remedy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse
from tornado.websocket import WebSocketClientConnection

from tests.server.support import Api, Panel

NOT_STARTED = """\
CONDOR_HOST = 127.0.0.1
COLLECTOR_HOST = 127.0.0.1:1
LOCAL_DIR = {folder}
SCHEDD_ADDRESS_FILE = $(LOCAL_DIR)/schedd
"""


def no_bindings(folder: Path, patch: pytest.MonkeyPatch) -> None:
    (folder / "htcondor2.py").write_text("raise ImportError('there are none')")
    patch.setenv("PYTHONPATH", str(folder))


def no_configuration(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("CONDOR_CONFIG", "/dev/null")


def a_pool_that_is_not_started(folder: Path, patch: pytest.MonkeyPatch) -> None:
    (folder / "condor_config").write_text(NOT_STARTED.format(folder=folder))
    patch.setenv("CONDOR_CONFIG", str(folder / "condor_config"))


@pytest.mark.parametrize(
    ("trouble", "code", "reason", "remedy"),
    [
        (no_bindings, "BindingsMissing", "HTCondor's Python bindings cannot be imported", "-m pip install htcondor"),
        (no_configuration, "CondorAbsent", "HTCondor does not run here", "af-lab pool start"),
        (a_pool_that_is_not_started, "CondorAbsent", "HTCondor does not run here", "af-lab pool start"),
    ],
)
async def test_each_trouble_has_its_code_and_remedy(
    jp_serverapp: Any,
    jp_fetch: Callable[..., Awaitable[HTTPResponse]],
    jp_ws_fetch: Callable[..., Awaitable[WebSocketClientConnection]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    trouble: Callable[[Path, pytest.MonkeyPatch], None],
    code: str,
    reason: str,
    remedy: str,
) -> None:
    trouble(tmp_path, monkeypatch)
    api = Api(jp_fetch)
    status, error = await api("GET", "clusters")
    assert (status, error["code"], error["reason"]) == (503, code, reason)
    # The headline may be left out where it stands above the message.
    assert error["message"].startswith(f"{reason}: ")
    assert remedy in error["message"]
    status, root = await api("GET")
    assert (status, root["health"]) == (200, {"ok": False, "message": error["message"], "code": code, "seen": None})
    panel = await Panel.open(jp_ws_fetch)
    await panel.until(lambda: panel.health, "a panel is told")
    assert panel.health == root["health"]
    panel.close()


async def test_without_a_configuration_there_is_no_pool(
    jp_serverapp: Any, jp_fetch: Callable[..., Awaitable[HTTPResponse]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONDOR_CONFIG", "/dev/null")
    status, error = await Api(jp_fetch)("GET", "pool")
    assert (status, error["code"]) == (503, "CondorAbsent")
