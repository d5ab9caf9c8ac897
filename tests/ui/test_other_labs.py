"""The panel in the oldest JupyterLab and Notebook that it works in, beside other people's extensions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import no_clusters_left
from tests.ui.conftest import started
from tests.ui.lab import Lab
from tests.ui.panel import MINUTE, Panel
from tests.ui.plots import open_stream
from tests.ui.test_drag import CODE, drag

__all__ = ["no_clusters_left"]

PYTHON = Path(f"{sys.prefix}-oldest-lab") / "bin" / "python"
"""See tools/oldest_lab.py."""

NAME = "dragged"

pytestmark = [
    pytest.mark.pool,
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="needs the oldest JupyterLab, which `make test` installs"),
]


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    for lab in started(tmp_path_factory.mktemp("oldest"), python=str(PYTHON)):
        yield lab
        for cluster in lab.ask("GET", "clusters")["clusters"]:
            lab.ask("DELETE", f"clusters/{cluster['name']}")


def test_the_tour(patient: Page, oldest: Lab) -> None:
    panel = Panel.opened(patient, oldest)
    assert patient.evaluate("jupyterapp.version").startswith("4.2.")
    for plugin in ("dask-labextension:plugin", "@jupyter/docprovider-extension:drive"):
        assert patient.evaluate("name => jupyterapp.hasPlugin(name)", plugin), f"{plugin} is beside it"
    notebook = panel.new_notebook("# a cell")
    cells = notebook.locator(".jp-Cell")

    dialog = panel.new_cluster()
    dialog.get_by_label("Name").fill(NAME)
    dialog.get_by_label("Workers", exact=True).fill("1")
    dialog.get_by_label("Name").press("Enter")
    card = panel.card(NAME)
    card.has_workers(1)
    card.more.click()
    card.has_workers(2)

    card.button("Insert the code").click()
    expect(cells).to_have_count(2)
    code = cells.nth(1).locator(".cm-content")
    code.press("Control+End")
    code.press("Enter")
    patient.keyboard.insert_text("client.submit(pow, 111, 2).result()")
    panel.run_cell()
    expect(cells.nth(1).locator(".jp-OutputArea-executeResult")).to_contain_text("12321", timeout=3 * MINUTE)
    drag(panel, cells.first)
    expect(cells.filter(has_text=CODE)).to_have_count(2)

    panel.details(NAME).get_by_role("table", name="Jobs of the workers").wait_for()
    card.button("Plots").click()
    open_stream(panel, NAME).page.locator("canvas").first.wait_for()
    panel.close_section("Plots")
    examples = panel.section("Examples")
    examples.get_by_label("Find an example").fill("top pairs")
    examples.get_by_role("button", name="Open").first.click()
    # It is shared like any file that is opened in the file browser; its cells come by way of the server.
    expect(patient.locator(".jp-NotebookPanel:visible .jp-Cell").first).to_be_visible(timeout=3 * MINUTE)
    assert patient.evaluate("jupyterapp.shell.currentWidget.context.path").startswith("RTC:")

    patient.reload()
    panel.open()
    card.has_workers(2)
    expect(patient.locator(".lm-DockPanel-tabBar").get_by_text(NAME, exact=True)).to_be_visible()


def test_the_panel_and_the_details_in_notebook_7(patient: Page, oldest: Lab) -> None:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(metadata=kernel, cells=[nbformat.v4.new_code_cell("1 + 1")])
    nbformat.write(notebook, oldest.root / "seven.ipynb")
    patient.goto(oldest.at("notebooks/seven.ipynb"))
    patient.get_by_role("menuitem", name="View").click()
    patient.get_by_role("menuitem", name="Analysis Facility").click()
    panel = Panel(patient)
    card = panel.card(NAME)
    card.has_workers(2)
    # It has no tabs below the notebook: they are beside it.
    panel.details(NAME).get_by_role("table", name="Jobs of the workers").wait_for()
    card.button("Plots").click()
    pane = open_stream(panel, NAME)
    pane.page.locator("canvas").first.wait_for()
    expect(pane.frame).to_be_visible()
    card.stop()
