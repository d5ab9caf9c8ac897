"""Clusters outlive the Jupyter server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support import wait

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left")]


class Server:
    """A Jupyter server in a process of its own."""

    def __init__(self, folder: Path) -> None:
        runtime = {
            "JUPYTER_RUNTIME_DIR": str(folder),
            "JUPYTER_CONFIG_DIR": str(folder),
            "JUPYTER_TOKEN": "of-the-test",
        }
        command = ["-m", "jupyter_server", "--no-browser", "--ServerApp.port=0", f"--ServerApp.root_dir={folder}"]
        extension = "--ServerApp.jpserver_extensions={'af_lab.server': True}"
        self.process = subprocess.Popen(
            [sys.executable, *command, extension], env=os.environ | runtime, stderr=subprocess.DEVNULL
        )
        self._info = folder / f"jpserver-{self.process.pid}.json"

    def __call__(self, method: str, path: str, body: object = None) -> Any:
        url = json.loads(self._info.read_text())["url"]
        asked = urllib.request.Request(f"{url}af-lab/api/{path}", method=method)
        asked.add_header("Authorization", "token of-the-test")
        content = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(asked, content, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def is_up(self) -> bool:
        try:
            self("GET", "clusters")
        except (OSError, ValueError):
            return False
        return True


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    folder.mkdir()
    server = Server(folder)
    try:
        wait(server.is_up, "the server answers", seconds=60)
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def all_children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_cluster_outlives_its_server(tmp_path: Path, how: signal.Signals) -> None:
    with served(tmp_path / "one") as first:
        first("POST", "clusters", {"name": "outlives", "workers": 1})
        wait(lambda: first("GET", "clusters/outlives")["counts"]["connected"] == 1, "a worker is connected", 90)
        before = first("GET", "clusters/outlives")
        helpers = all_children(first.process.pid)
        assert helpers, "the server talks to HTCondor through a helper"
        first.process.send_signal(how)
        first.process.wait(20)
        wait(lambda: not any(alive(pid) for pid in helpers), "its helpers ended with it")
    with served(tmp_path / "two") as second:
        (after,) = second("GET", "clusters")["clusters"]
        assert (after["id"], after["state"], after["scheduler_address"]) == (
            before["id"],
            "running",
            before["scheduler_address"],
        )
        assert after["counts"]["connected"] == 1
        second("DELETE", "clusters/outlives")
