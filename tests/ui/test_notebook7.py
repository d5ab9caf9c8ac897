"""The panel beside a notebook in Jupyter Notebook 7, which has no sidebar of tabs."""

from __future__ import annotations

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.ui.lab import Lab
from tests.ui.panel import MINUTE, Panel
from tests.ui.plots import open_stream

pytestmark = [pytest.mark.pool, pytest.mark.slow]


def test_the_panel_and_its_code_in_notebook_7(patient: Page, shared_lab: Lab) -> None:
    shared_lab.create("beside", workers=1)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(metadata=kernel, cells=[nbformat.v4.new_code_cell("1 + 1")])
    nbformat.write(notebook, shared_lab.root / "seven.ipynb")
    patient.goto(shared_lab.at("notebooks/seven.ipynb"))
    patient.get_by_role("menuitem", name="View").click()
    patient.get_by_role("menuitem", name="Analysis Facility").click()

    panel = Panel(patient)
    card = panel.card("beside")
    card.has_workers(1)
    card.more.click()
    card.has_workers(2)

    card.button("Insert the code").click()
    inserted = patient.locator(".jp-Cell .cm-content").nth(1)
    expect(inserted).to_contain_text('cluster = af_lab.connect("beside")')
    inserted.press("Control+End")
    inserted.press("Enter")
    patient.keyboard.insert_text("sum(client.gather(client.map(abs, range(4))))")
    inserted.press("Control+Enter")
    output = patient.locator(".jp-Cell").nth(1).locator(".jp-OutputArea-executeResult .jp-OutputArea-output")
    expect(output).to_have_text("6", timeout=2 * MINUTE)

    # Its main area holds the notebook alone: all else opens in tabs below.
    panel.details("beside").get_by_role("table").wait_for()
    card.button("Plots").click()
    expect(patient.get_by_role("tab", name="Workers Memory - beside")).to_be_visible()
    pane = open_stream(panel)
    pane.page.locator("canvas").first.wait_for()
    expect(pane.frame).to_be_visible()
