"""The life of a cluster, from the dialog to its end."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.support import jobs_left, wait, with_queue
from tests.ui.lab import Lab
from tests.ui.panel import MINUTE, Panel

pytestmark = [pytest.mark.pool, pytest.mark.slow]

SQUARE = "client.submit(pow, 111, 2).result()"


def test_the_life_of_a_cluster(panel: Panel, shared_lab: Lab) -> None:
    page = panel.page
    notebook = panel.new_notebook("# a cell")

    dialog = panel.new_cluster()
    dialog.get_by_label("Name").fill("whole-life")
    dialog.get_by_label("Workers", exact=True).fill("1")
    dialog.get_by_label("Memory per job").fill("1 GB")
    environment = dialog.get_by_label("Environment")
    expect(environment.locator("option:checked")).to_contain_text("(this notebook)")
    environment.select_option("python3")
    expect(dialog.get_by_text("match now")).to_be_visible()
    dialog.get_by_role("button", name="Create the cluster").click()

    card = panel.card("whole-life")
    card.is_in_state("running")
    card.has_workers(1)
    asked = shared_lab.ask("GET", "clusters/whole-life")
    assert (asked["memory"], asked["environment"]["kernel"]) == (10**9, "python3")

    # More and fewer, by a step and by typing.
    card.more.click()
    card.has_workers(2)
    card.scale(4)
    card.has_workers(4)
    card.scale(1)
    card.has_workers(1)

    # By itself, within limits, and no longer.
    card.adaptive.check()
    wait(lambda: shared_lab.ask("GET", "clusters/whole-life")["adapt"] is not None, "it adapts")
    expect(card.adaptive).to_be_checked()
    card.adaptive.uncheck()
    wait(lambda: shared_lab.ask("GET", "clusters/whole-life")["adapt"] is None, "it adapts no longer")
    card.scale(1)
    card.has_workers(1)

    # A result from it.
    cells = notebook.locator(".jp-Cell")
    expect(cells).to_have_count(1)
    card.button("Insert the code").click()
    expect(cells).to_have_count(2)
    inserted = cells.nth(1).locator(".cm-content")
    expect(inserted).to_contain_text('cluster = af_lab.connect("whole-life")')
    expect(inserted).to_be_in_viewport()
    inserted.press("Control+End")
    inserted.press("Enter")
    page.keyboard.insert_text(SQUARE)
    panel.run_cell()
    expect(cells.nth(1).locator(".jp-OutputArea-executeResult")).to_contain_text("12321", timeout=3 * MINUTE)

    card.stop()
    wait(lambda: with_queue(jobs_left) == 0, "no job is left", seconds=60)


@pytest.fixture
def unpinned(shared_lab: Lab) -> Iterator[None]:
    """Without clusters that come up with JupyterLab, at the end."""
    yield
    shared_lab.set_own({})


def more(panel: Panel, name: str) -> Locator:
    """Open the menu of a cluster."""
    panel.card(name).button(f"More for {name}").click()
    return panel.page.get_by_role("menu")


def test_again_and_together(panel: Panel, shared_lab: Lab, unpinned: None) -> None:
    page = panel.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shared_lab.ask("POST", "clusters", {"name": "brief", "workers": 0, "idle_timeout": 1})
    shared_lab.ask("POST", "clusters", {"name": "huge", "workers": 500, "cores": 500})
    shared_lab.create("first", workers=1)
    card = panel.card("first")
    card.has_workers(1)

    # The code that makes it, run: it finds that the cluster has all that it asks for.
    more(panel, "first").get_by_role("menuitem", name="Copy as Python").click()
    wait(lambda: "af_lab.cluster" in page.evaluate("navigator.clipboard.readText()"), "the code is copied")
    code = page.evaluate("navigator.clipboard.readText()") + "\nprint(client.submit(pow, 3, 2).result())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180)
    assert done.stdout.endswith("9\n"), done.stdout + done.stderr

    # Numbers of workers to choose from.
    choose = card.button("Choose a number of workers of first")
    choose.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name=re.compile(r"All that is free: \d+ workers?$"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(choose).to_be_focused()
    choose.click()
    page.get_by_role("menuitem", name="Double: 2 workers").click()
    card.has_workers(2)

    # What can never run, in a smaller size.
    stuck = panel.card("huge")
    stuck.button("Ask for what fits in place of huge").click(timeout=2 * MINUTE)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Changed so that a slot of the pool can run it: 16 cores per job instead of 500")
    expect(dialog.get_by_label("Name")).to_have_value("huge-2")
    expect(dialog.get_by_text("match now")).to_be_visible()
    panel.put_away_dialogs()

    # A copy, whose jobs have a time.
    more(panel, "first").get_by_role("menuitem", name="Copy…").click()
    expect(dialog.get_by_label("Name")).to_have_value("first-2")
    dialog.get_by_label("Workers", exact=True).fill("0")
    dialog.get_by_label("Each job runs at most").fill("90 min")
    dialog.get_by_role("button", name="Create the cluster").click()
    panel.card("first-2").is_in_state("running")
    assert shared_lab.ask("GET", "clusters/first-2")["spec"]["time"] == 5400

    # One that ended, once more.
    ended = panel.card("brief")
    ended.is_in_state("ended")
    before = shared_lab.ask("GET", "clusters/brief")["id"]
    ended.button("Start brief again").click()
    wait(lambda: shared_lab.ask("GET", "clusters/brief")["id"] != before, "there is another cluster of the name")

    # All of them end with one question, and the pinned one is back when JupyterLab starts.
    more(panel, "first-2").get_by_role("menuitem", name="Start with JupyterLab").click()
    pin = panel.card("first-2").node.get_by_role("img", name="Starts with JupyterLab")
    expect(pin).to_be_visible()
    panel.node.get_by_role("button", name="Stop all clusters…").click()
    for name in ("first", "first-2", "huge"):
        expect(dialog.get_by_role("list", name="Clusters that end")).to_contain_text(name)
    dialog.get_by_role("button", name="Stop all").click()
    expect(dialog).to_have_count(0, timeout=MINUTE)
    for name in ("first", "first-2", "huge"):
        panel.card(name).is_gone()
    page.reload()
    panel.open()
    panel.card("first-2").is_in_state("running")
    expect(pin).to_be_visible()
