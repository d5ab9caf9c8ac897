"""The extension loads with any configuration, says what is wrong with it, and stops with its server."""

from __future__ import annotations

import json
import os
import pwd
import signal
import subprocess
import sys
import urllib.error
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from tornado.httpclient import HTTPResponse

from af_lab.condor import queue
from tests.server.live import Server, served
from tests.server.support import Api

WRONG = """
af-lab:
  condor: {timeout: soon}
  sites: [a]
  wroker: {cores: 2}
  worker: {memory: lots}
  limits: {cores: many}
"""
# No HTCondor is needed for any of this.
AWAY = {"CONDOR_CONFIG": "/dev/null"}


def asked(server: Server, method: str, path: str, body: object = None) -> tuple[int, Mapping[str, Any]]:
    try:
        return 200, server(method, path, body)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def stops(server: Server) -> bool:
    server.process.send_signal(signal.SIGTERM)
    try:
        server.process.wait(30)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_wrong_settings_are_told_and_refuse_only_what_needs_them(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(WRONG)
    with served(tmp_path / "server", DASK_CONFIG=str(file), DASK_AF_LAB__WORKER__CORES="0", **AWAY) as server:
        status, root = asked(server, "GET", "")
        assert status == 200
        told = {problem["key"]: problem for problem in root["configuration"]}
        assert {"af-lab.condor.timeout", "af-lab.sites", "af-lab.wroker", "af-lab.worker.memory"} <= set(told)
        assert told["af-lab.condor.timeout"]["source"] == str(file)
        assert told["af-lab.worker.cores"]["source"] == "DASK_AF_LAB__WORKER__CORES"
        assert told["af-lab.wroker"]["is_unknown"]
        assert (root["defaults"]["memory"], root["limits"]["cores"]) == (2_000_000_000, None)
        assert (root["health"]["ok"], root["health"]["code"]) == (False, "SettingError")
        for method, path, body in (
            *(("GET", "clusters", None), ("GET", "clusters/x", None), ("GET", "pool", None)),
            *(("POST", "clusters", {"name": "x"}), ("POST", "match", {}), ("DELETE", "clusters/x", None)),
        ):
            status, error = asked(server, method, path, body)
            assert (status, error["code"]) == (400, "SettingError"), (method, path, error)
            assert "af-lab." in error["message"]
        assert asked(server, "GET", "examples")[0] == 200
        assert stops(server)
        assert "af-lab.wroker" in server.log.read_text()


def test_a_configuration_that_dask_cannot_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("af-lab: {condor: [")
    with served(tmp_path / "server", DASK_CONFIG=str(file), **AWAY) as server:
        for method, path in (("GET", ""), ("GET", "clusters"), ("POST", "clusters"), ("GET", "events")):
            status, error = asked(server, method, path)
            assert (status, error["reason"]) == (503, "af_lab cannot be loaded")
            assert str(file) in error["message"]
        assert stops(server)


@pytest.mark.parametrize("text", ["- a list", "distributed: {logging: 5}"])
def test_whatever_keeps_af_lab_from_being_imported_the_extension_is_there(tmp_path: Path, text: str) -> None:
    (tmp_path / "wrong.yaml").write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", "from af_lab.server import _app; print(_app().fault)"],
        env=os.environ | {"DASK_CONFIG": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, bool(done.stdout.strip())) == (0, True), done.stderr


@pytest.fixture
def nameless(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A user id without a name, as in many containers; returns a function that gives it one again."""

    def unknown(uid: int) -> NoReturn:
        raise KeyError(uid)

    monkeypatch.setenv("CONDOR_CONFIG", "/dev/null")
    monkeypatch.setattr(queue, "pwd", SimpleNamespace(getpwuid=unknown))
    return lambda: monkeypatch.setattr(queue, "pwd", pwd)


async def test_a_user_without_a_name_is_told_until_there_is_one(
    nameless: Callable[[], None], jp_serverapp: Any, jp_fetch: Callable[..., Awaitable[HTTPResponse]]
) -> None:
    api = Api(jp_fetch)
    for path in ("clusters", "pool"):
        status, error = await api("GET", path)
        assert (status, error["code"]) == (409, "CondorError")
        assert "has no name on this machine" in error["message"]
    status, root = await api("GET")
    assert (status, root["health"]["ok"], root["health"]["message"]) == (200, False, error["message"])
    nameless()
    status, error = await api("GET", "clusters")
    assert (status, error["code"]) == (503, "CondorAbsent")
