"""The life of a cluster, from the dialog to its end."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

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
