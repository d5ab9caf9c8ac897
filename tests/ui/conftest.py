"""A browser, and a real JupyterLab with the extension in a real pool."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import no_clusters_left, own_home
from tests.plugins.figures import figure
from tests.support import wait
from tests.ui.lab import LIGHT, QUIET, Lab
from tests.ui.panel import Panel

__all__ = ["figure", "no_clusters_left", "own_home"]

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


def started(folder: Path, base_url: str = "/", python: str = sys.executable) -> Iterator[Lab]:
    root, runtime = folder / "work", folder / "runtime"
    root.mkdir()
    runtime.mkdir(mode=0o700)
    lab = Lab(root, runtime, base_url, python)
    try:
        wait(lab.is_up, "JupyterLab is up", seconds=120)
        yield lab
    finally:
        lab.end()


@pytest.fixture
def lab(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A JupyterLab of the test's own; it may be given a base URL."""
    yield from started(tmp_path, getattr(request, "param", "/"))


@pytest.fixture(scope="session")
def everyones_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    yield from started(tmp_path_factory.mktemp("lab"))


@pytest.fixture
def shared_lab(everyones_lab: Lab, no_clusters_left: None) -> Iterator[Lab]:
    """A JupyterLab for the tests that neither disturb each other nor end it; without clusters after each."""
    everyones_lab.set_theme(LIGHT)
    everyones_lab.set_own(QUIET)
    yield everyones_lab
    for cluster in everyones_lab.ask("GET", "clusters")["clusters"]:
        everyones_lab.ask("DELETE", f"clusters/{cluster['name']}")


@pytest.fixture
def panel(patient: Page, shared_lab: Lab) -> Panel:
    """The panel of the shared JupyterLab, open in a page with nothing else in it."""
    return Panel.opened(patient, shared_lab)


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
    expect.set_options(timeout=30_000)
    return page
