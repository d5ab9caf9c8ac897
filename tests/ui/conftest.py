"""A browser, and a real JupyterLab with the extension in a real pool."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.conftest import no_clusters_left, own_home
from tests.support import wait

__all__ = ["no_clusters_left", "own_home"]

CHROMIUM = os.environ.get("AF_LAB_CHROMIUM", "/usr/bin/chromium")


TASKS = """
import time
import af_lab

client = af_lab.cluster("busy", workers=1).get_client()
client.wait_for_workers(1, timeout=120)
while True:
    client.gather(client.map(time.sleep, [0.05] * 20, pure=False))
    print("ready", flush=True)
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not CHROMIUM or not Path(CHROMIUM).exists():
        for item in items:
            item.add_marker(pytest.mark.skip(reason="needs Chromium: ask the administrator for the package chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    # The tests run in a user namespace where root would; Chromium cannot make another one there.
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu", *quiet]}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"viewport": {"width": 1400, "height": 900}}


class Lab:
    """A JupyterLab in a process of its own."""

    def __init__(self, root: Path, runtime: Path, base_url: str) -> None:
        self.root = root
        self._token = secrets.token_hex(16)
        used = ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "IPYTHONDIR")
        folders = {name: str(runtime) for name in used}
        options = [f"--ServerApp.root_dir={root}", "--ServerApp.port=0", "--no-browser"]
        options.append(f"--ServerApp.base_url={base_url}")
        settings = runtime / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        # Lab's question about its news would lie over what the tests look at.
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
        self.log = runtime / "lab.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *options, f"--LabApp.workspaces_dir={runtime}"],
                env=os.environ | folders | {"JUPYTER_TOKEN": self._token},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._info = runtime / f"jpserver-{self.process.pid}.json"

    def url(self, path: str) -> str:
        return self.at(f"lab{path}")

    def at(self, path: str) -> str:
        """Return the address of something below the base URL, with the key to it."""
        return f"{json.loads(self._info.read_text())['url']}{path}?token={self._token}"

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return self._info.exists() and self._info.read_text().endswith("}")


@pytest.fixture
def lab(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A JupyterLab; a test may give it a base URL."""
    root, runtime = tmp_path / "work", tmp_path / "runtime"
    root.mkdir()
    runtime.mkdir(mode=0o700)
    lab = Lab(root, runtime, getattr(request, "param", "/"))
    try:
        wait(lab.is_up, "JupyterLab is up", seconds=120)
        yield lab
    finally:
        lab.process.terminate()
        try:
            lab.process.wait(30)
        except subprocess.TimeoutExpired:
            lab.process.kill()
            lab.process.wait()


@pytest.fixture
def busy(no_clusters_left: None) -> Iterator[str]:
    """Name of a cluster with one worker that never lacks tasks."""
    with subprocess.Popen([sys.executable, "-c", TASKS], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "ready\n" in process.stdout, "the first tasks are done"
            yield "busy"
        finally:
            process.kill()


@pytest.fixture
def patient(page: Page) -> Page:
    """A page whose waits are as long as a busy machine with two cores needs."""
    page.set_default_timeout(90_000)
    page.set_default_navigation_timeout(90_000)
    return page
