"""The proxy that JupyterHub puts before the servers of its users, as far as it judges who is active."""

from __future__ import annotations

import datetime
import json
import os
import secrets
import socket
import subprocess
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HOST = "127.0.0.1"
PROGRAM = Path(__file__).parents[2] / "node_modules" / ".bin" / "configurable-http-proxy"


class Hub:
    """A configurable-http-proxy in a process of its own, with the one user that it has.

    Parameters
    ----------
    server
        The base URL of the user's server.
    log
        Where it writes what it says.
    """

    def __init__(self, server: str, log: Path) -> None:
        self._server = urlsplit(server)
        self._user = self._server.path.rstrip("/")
        self._token = secrets.token_hex(16)
        self._port, self._api = free_ports(2)
        self._log = log
        addresses = ["--ip", HOST, "--port", str(self._port), "--api-ip", HOST, "--api-port", str(self._api)]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [PROGRAM, *addresses],
                env=os.environ | {"CONFIGPROXY_AUTH_TOKEN": self._token},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def is_up(self) -> bool:
        assert self.process.poll() is None, self._log.read_text()
        try:
            self._ask("GET", "")
        except OSError:
            return False
        return True

    def add_user(self) -> None:
        """Lead the user to the server."""
        self._ask("POST", self._user, {"target": f"http://{self._server.netloc}"})

    def address(self, url: str) -> str:
        """Return the address by which the user gets somewhere at the server."""
        return urlsplit(url)._replace(netloc=f"{HOST}:{self._port}").geturl()

    def last_activity(self) -> datetime.datetime:
        """Return when the user was active last, which decides whether the server is ended as idle."""
        return datetime.datetime.fromisoformat(self._ask("GET", "")[self._user]["last_activity"])

    def _ask(self, method: str, path: str, content: object = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        asked = urllib.request.Request(f"http://{HOST}:{self._api}/api/routes{path}", body, method=method)
        asked.add_header("Authorization", f"token {self._token}")
        with urllib.request.urlopen(asked, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
