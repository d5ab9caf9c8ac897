"""The button that names the cluster of a notebook, and the notifications of what happens to it."""

from __future__ import annotations

import datetime
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support import wait, with_queue
from tests.ui import axe
from tests.ui.lab import Lab
from tests.ui.panel import MINUTE, Panel

pytestmark = [pytest.mark.pool, pytest.mark.slow]

REASON = "the scratch disk of the node is full"


def test_a_notebook_finds_its_cluster_and_is_told_what_happens_to_it(patient: Page, shared_lab: Lab) -> None:
    shared_lab.set_own({"notifications": {"computationEnded": False}})
    panel = Panel.closed(patient, shared_lab)
    notebook = panel.new_notebook("1 + 1")
    button = notebook.locator(".jp-AfLab-clusterButton button")
    expect(button).to_have_text("No cluster")

    # By keyboard: the code runs in a cell of its own.
    button.focus()
    button.press("Enter")
    patient.get_by_role("menu", name="Dask cluster").wait_for()
    axe.check(patient, ".jp-AfLab-clusterButton", ".jp-AfLab-menu")
    patient.get_by_role("menuitem", name="New cluster with 2 workers").click()
    cells = notebook.locator(".jp-Cell .cm-content")
    expect(cells).to_have_count(2)
    expect(cells.nth(1)).to_contain_text('cluster = af_lab.cluster("default", workers=2)')
    expect(button).to_have_text("default · 2 workers", timeout=3 * MINUTE)
    toast(patient, "default: all of its 2 workers have arrived.")

    # Undo removes the cell; the kernel stays connected.
    panel.execute("notebook:enter-command-mode")
    panel.execute("notebook:undo-cell-action")
    expect(cells).to_have_count(1)
    expect(button).to_have_text("default · 2 workers")

    panel.execute("console:create", kernelPreference={"name": "python3"})
    console = patient.locator(".jp-ConsolePanel:visible")
    other = console.locator(".jp-AfLab-clusterButton button")
    expect(other).to_have_text("No cluster")
    choose(other, "Connect to default · 2 workers")
    expect(console.locator(".jp-CodeConsole-content")).to_contain_text('cluster = af_lab.connect("default")')
    expect(other).to_have_text("default · 2 workers", timeout=MINUTE)
    choose(other, "Stop using default")
    expect(other).to_have_text("No cluster", timeout=MINUTE)

    # The end is near: a click keeps it.
    idle = datetime.datetime.now(datetime.UTC) - idle_since(shared_lab, "default")
    timeout = round(idle.total_seconds() + max(idle.total_seconds(), 30))
    shared_lab.ask("PATCH", "clusters/default", {"idle_timeout": timeout})
    ends = toast(patient, re.compile("The cluster default has no tasks, and ends within"))
    ends.get_by_role("button", name="Keep it").click()
    toast(patient, "The cluster default stays for an hour more.")
    assert shared_lab.ask("GET", "clusters/default")["spec"]["idle_timeout"] == timeout + 3600

    id_ = shared_lab.ask("GET", "clusters/default")["id"]
    with_queue(lambda queue: queue.hold(f"ClusterId == {id_}", REASON))
    failed = toast(patient, re.compile(f"The cluster default is on hold: .*{REASON}"))
    failed.get_by_role("button", name="Start again").click()
    expect(failed).to_have_count(0, timeout=MINUTE)
    toast(patient, "default: all of its 2 workers have arrived.")

    # After a reload the button knows it again, and nothing is told that happened before.
    patient.get_by_role("tab", name=re.compile("Untitled.*ipynb")).click()
    patient.reload()
    expect(button).to_have_text("default · 2 workers", timeout=MINUTE)
    expect(patient.locator(".Toastify__toast")).to_have_count(0)
    # The command waits for the dialog.
    patient.evaluate("() => { void jupyterapp.commands.execute('kernelmenu:restart'); }")
    patient.get_by_role("dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    expect(button).to_have_text("No cluster")


def idle_since(lab: Lab, name: str) -> datetime.datetime:
    """Wait until a cluster is known to have no tasks, and return since when."""

    def is_idle() -> bool:
        return lab.ask("GET", f"clusters/{name}")["idle_since"] is not None

    wait(is_idle, f"{name} is idle", seconds=60)
    return datetime.datetime.fromisoformat(lab.ask("GET", f"clusters/{name}")["idle_since"])


def toast(page: Page, message: str | re.Pattern[str]) -> Locator:
    """Wait for a notification, and return it."""
    found = page.locator(".Toastify__toast").filter(has_text=message)
    expect(found).to_have_count(1, timeout=3 * MINUTE)
    return found


def choose(button: Locator, item: str) -> None:
    """Choose an item from the menu of a button."""
    button.click()
    button.page.get_by_role("menuitem", name=item).click()
