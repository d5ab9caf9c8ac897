"""A real JupyterLab in a process of its own."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support import wait

LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"

KINDS = ("workersArrived", "jobsHeld", "clusterFailed", "clusterEnds", "computationEnded")
# A notification would lie over what the tests look at.
QUIET = {"notifications": dict.fromkeys(KINDS, False)}


class Lab:
    """A JupyterLab in a process of its own.

    Parameters
    ----------
    root
        The folder that its file browser shows.
    runtime
        Where it keeps everything of its own.
    base_url
        The path below which it answers.
    python
        The Python of the environment with JupyterLab.
    """

    def __init__(self, root: Path, runtime: Path, base_url: str = "/", python: str = sys.executable) -> None:
        self.root, self.runtime = root, runtime
        self._python = python
        self.log = runtime / "lab.log"
        self._base_url = base_url
        self._token = secrets.token_hex(16)
        # Lab's question about its news would lie over what the tests look at.
        self.set("apputils-extension", "notification", {"fetchNews": "false"})
        self.set_own(QUIET)
        # Node would start at each page, to look whether JupyterLab itself has to be built.
        (runtime / "labconfig").mkdir()
        (runtime / "labconfig" / "page_config.json").write_text(json.dumps({"buildCheck": False}))
        # Any that is free, at first.
        self._port = 0
        self._start()

    def url(self, path: str) -> str:
        return self.at(f"lab{path}")

    def at(self, path: str) -> str:
        """Return the address of something below the base URL, with the key to it."""
        return f"{json.loads(self._info.read_text())['url']}{path}?token={self._token}"

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            # The file with the address is there before the server listens.
            with urllib.request.urlopen(self.at("api"), timeout=60):
                return True
        except (OSError, ValueError):
            return False

    def set(self, extension: str, plugin: str, settings: dict[str, Any]) -> None:
        """Write the user's settings of one of JupyterLab's plugins; a page sees them when it loads."""
        folder = self.runtime / "@jupyterlab" / extension
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{plugin}.jupyterlab-settings").write_text(json.dumps(settings))

    def set_own(self, settings: dict[str, Any]) -> None:
        """Write the user's settings of af_lab; a page sees them when it loads."""
        folder = self.runtime / "af-lab"
        folder.mkdir(exist_ok=True)
        (folder / "plugin.jupyterlab-settings").write_text(json.dumps(settings))

    def set_theme(self, theme: str) -> None:
        self.set("apputils-extension", "themes", {"theme": theme})

    def ask(self, method: str, path: str, content: object = None) -> Any:
        """Ask for something of af_lab's REST interface."""
        body = None if content is None else json.dumps(content).encode()
        asked = urllib.request.Request(self.at(f"af-lab/api/{path}"), body, method=method)
        asked.add_header("Authorization", f"token {self._token}")
        with urllib.request.urlopen(asked, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def create(self, name: str, workers: int) -> None:
        """Create a cluster and wait until all of its workers are connected."""
        self.ask("POST", "clusters", {"name": name, "workers": workers})

        def is_complete() -> bool:
            return bool(self.ask("GET", f"clusters/{name}")["counts"]["connected"] == workers)

        wait(is_complete, f"{workers} workers of {name} are connected", seconds=180)

    def kill(self) -> None:
        """End it as a crash does: it cannot tell anybody."""
        self._port = urlsplit(self.at("")).port or 0
        self.process.kill()
        self.process.wait()
        self._info.unlink()

    def start_again(self) -> None:
        """Start it where it was, after `kill`."""
        self._start()
        wait(self.is_up, "JupyterLab is up again", seconds=120)

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _start(self) -> None:
        used = ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "IPYTHONDIR")
        folders = {name: str(self.runtime) for name in used}
        options = [f"--ServerApp.root_dir={self.root}", f"--ServerApp.port={self._port}", "--ServerApp.port_retries=0"]
        options += [f"--ServerApp.base_url={self._base_url}", "--no-browser", f"--LabApp.workspaces_dir={self.runtime}"]
        # For tests that need a command of JupyterLab's own on the way to what they look at.
        options.append("--expose-app-in-browser")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self._python, "-m", "jupyterlab", *options],
                env=os.environ | folders | {"JUPYTER_TOKEN": self._token},
                cwd=self.runtime,  # other people's extensions leave files there
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._info = self.runtime / f"jpserver-{self.process.pid}.json"
