"""A Jupyter server with the extension in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.support import wait

TOKEN = "of-the-test"
OWN = "af_lab.server"


class Server:
    """A server that keeps all its files in one folder, which is also its contents' root and its working directory.

    Attributes
    ----------
    log
        What it says.
    """

    def __init__(self, folder: Path, base_url: str, extensions: Sequence[str], environment: dict[str, str]) -> None:
        folders = dict.fromkeys(("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"), str(folder))
        own = folders | {"JUPYTER_TOKEN": TOKEN}
        options = {
            "port": 0,
            "base_url": base_url,
            "root_dir": folder,
            "jpserver_extensions": {name: name in extensions for name in (OWN, *extensions)},
        }
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyter_server", "--no-browser"]
                + [f"--ServerApp.{name}={value}" for name, value in options.items()],
                env=os.environ | own | environment,
                cwd=folder,
                stderr=log,
            )
        self._info = folder / f"jpserver-{self.process.pid}.json"

    @property
    def site(self) -> str:
        """Where the server is."""
        return str(json.loads(self._info.read_text())["url"])

    @property
    def url(self) -> str:
        """Where the interface is."""
        return f"{self.site}af-lab/api/"

    def __call__(self, method: str, path: str, body: object = None) -> Any:
        asked = urllib.request.Request(f"{self.url}{path}", method=method)
        asked.add_header("Authorization", f"token {TOKEN}")
        content = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(asked, content, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    async def listen(self) -> WebSocketClientConnection:
        """Open a WebSocket to its events."""
        url = f"{self.url}events".replace("http://", "ws://", 1)
        return await websocket_connect(HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"}))

    def is_up(self) -> bool:
        """Tell whether it answers; it has not been asked for clusters yet."""
        try:
            with urllib.request.urlopen(f"{self.site}api?token={TOKEN}", timeout=30):
                return True
        except (OSError, ValueError):
            return False


@contextmanager
def served(
    folder: Path, base_url: str = "/", extensions: Sequence[str] = (OWN,), **environment: str
) -> Iterator[Server]:
    """Run a server for as long as the block lasts; a server that was killed meanwhile is no fault."""
    folder.mkdir()
    server = Server(folder, base_url, extensions, environment)
    try:
        wait(server.is_up, "the server answers")
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def all_children(pid: int) -> list[int]:
    """Return the ids of the processes that a process has started."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def alive(pid: int) -> bool:
    """Tell whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
