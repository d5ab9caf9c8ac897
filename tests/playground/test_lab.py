"""`af-lab playground`: pool and JupyterLab, which end together."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from af_lab.gallery.examples import COPIES
from af_lab.playground.lab import FIRST_NOTEBOOK, find_address, how_it_ended
from af_lab.playground.processes import pool_processes
from tests.playground.support import CommandLine

pytestmark = pytest.mark.pool

_LIMIT = 120.0  # seconds


def _get(address: str) -> dict[str, object]:
    with urllib.request.urlopen(address, timeout=_LIMIT) as answer:
        return dict(json.load(answer))


def test_an_address_is_found_only_when_the_server_listens(tmp_path: Path) -> None:
    """Jupyter writes the file with its address before that."""
    file = tmp_path / "jpserver-1.json"
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert find_address(tmp_path) is None
        file.write_text(json.dumps({"url": address})[:-1])
        assert find_address(tmp_path) is None, "half of it is written"
        file.write_text(json.dumps({"url": address}))
        assert find_address(tmp_path) is None
        server.listen()
        assert find_address(tmp_path) == address
    file.write_text(json.dumps({"url": "http://no-such-host.invalid:8888/"}))
    assert find_address(tmp_path), "what this machine cannot look up is told all the same"


def _default(base: str, token: str, plugin: str, setting: str) -> object:
    """Return what a setting of JupyterLab is, unless its user has set it."""
    answer = _get(f"{base}lab/api/settings/{plugin}?token={token}")
    assert answer["settings"] == {}, "the user has set nothing"
    schema = answer["schema"]
    assert isinstance(schema, dict)
    return schema["properties"][setting]["default"]


@contextmanager
def _playground(af_lab: CommandLine, folder: Path) -> Iterator[tuple[subprocess.Popen[str], re.Match[str]]]:
    """Start a playground, and wait until it announces its address."""
    pytest.importorskip("jupyterlab")
    with af_lab.popen("playground", "--no-browser", "--notebook-dir", str(folder)) as running:
        try:
            assert running.stdout is not None
            said = ""
            for line in running.stdout:
                said += line
                if address := re.match(r"JupyterLab: (http://\S+/)lab/tree/(\S+)\?token=(\w+)$", line):
                    yield running, address
                    return
            pytest.fail(said)
        finally:
            if running.poll() is None:
                running.terminate()  # and with it JupyterLab
                with suppress(subprocess.TimeoutExpired):
                    running.communicate(timeout=_LIMIT)
            running.kill()


def _line_with(words: str, running: subprocess.Popen[str]) -> str:
    """Return the next line with some words that a process writes."""
    assert running.stdout is not None
    late = threading.Timer(_LIMIT, running.kill)
    late.start()
    try:
        return next((line for line in running.stdout if words in line), "")
    finally:
        late.cancel()


def test_playground_announces_its_address_and_ends_with_its_pool(af_lab: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    with _playground(af_lab, folder) as (running, announced):
        base, notebook, token = announced.groups()
        assert notebook == f"{COPIES}/{FIRST_NOTEBOOK}"
        assert (folder / notebook).is_file()
        assert _get(f"{base}api/status?token={token}")["started"]
        assert _default(base, token, "@jupyterlab/apputils-extension:notification", "fetchNews") == "false"
        assert _default(base, token, "af-lab:plugin", "welcome") is True
        with pytest.raises(urllib.error.HTTPError) as refused:
            _get(f"{base}api/status")
        assert refused.value.code == 403
        refused.value.close()
        pool = af_lab.home / "pools" / "default"
        assert pool_processes(pool)

        running.send_signal(signal.SIGTERM)
        rest = running.communicate(timeout=_LIMIT)[0]
        assert running.returncode in (0, 128 + signal.SIGTERM), rest
        assert rest.endswith("The pool 'default' is stopped.\n")
        assert pool_processes(pool) == []


def test_what_ends_a_playground_is_told(af_lab: CommandLine, tmp_path: Path) -> None:
    pool = af_lab.home / "pools" / "default"
    with _playground(af_lab, tmp_path) as (running, _):
        os.kill(int((pool / "master.pid").read_text()), signal.SIGKILL)
        said = _line_with("The pool", running)
        assert "has ended, so JupyterLab reaches no clusters" in said
        assert "af-lab pool start --name default" in said

        (server,) = (pool / "jupyter").glob("jpserver-*.json")
        os.kill(int(json.loads(server.read_text())["pid"]), signal.SIGKILL)
        rest = running.communicate(timeout=_LIMIT)[0]
        assert running.returncode == 128 + signal.SIGKILL, rest
        assert "JupyterLab was ended by the signal SIGKILL. The system does that when memory runs out." in rest
        assert rest.endswith("The pool 'default' is stopped.\n")
        assert pool_processes(pool) == []


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "JupyterLab has ended."),
        (1, "JupyterLab ended with the exit status 1; its last messages say why."),
        (255, "JupyterLab ended with the exit status 255; its last messages say why."),
        (143, "JupyterLab was ended by the signal SIGTERM."),
    ],
)
def test_each_end_has_its_words(status: int, words: str) -> None:
    assert how_it_ended(status) == words
