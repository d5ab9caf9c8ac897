"""From the panel to a Z peak, as a user does it."""

from __future__ import annotations

import pytest
from af_lab_examples.sample import dimuon_sample
from playwright.sync_api import Locator, Page, expect

from af_lab.gallery.examples import copy_example
from tests.support import jobs_left, wait, with_queue
from tests.ui.lab import Lab
from tests.ui.pictures import show

pytestmark = [pytest.mark.pool, pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.usefixtures("no_clusters_left")]

NOTEBOOK = "dimuon-spectrum-coffea.ipynb"
MINUTES = 60_000  # of Playwright's milliseconds


def has_workers(card: Locator, connected: int, wanted: int) -> None:
    expect(card.locator(".jp-AfLab-bar")).to_have_attribute("aria-valuenow", str(connected), timeout=3 * MINUTES)
    expect(card.locator(".jp-AfLab-tally")).to_have_text(f"{connected} of {wanted}")


def test_from_the_panel_to_a_z_peak(patient: Page, lab: Lab) -> None:
    page = patient
    copy_example(NOTEBOOK, lab.root)
    page.goto(lab.url(f"/tree/{NOTEBOOK}"))
    expect(page.locator(".jp-NotebookPanel .jp-Cell").first).to_be_visible()
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()

    # The panel, and a cluster from it.
    page.locator(".jp-SideBar [data-id=af-lab-panel]").click()
    panel = page.locator("#af-lab-panel")
    expect(panel.get_by_text("No clusters yet")).to_be_visible()
    panel.locator(".jp-AfLab-new").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value("default")
    dialog.get_by_role("button", name="Create the cluster").click()
    card = panel.locator("[data-cluster=default]")
    expect(card).to_have_attribute("data-state", "running", timeout=2 * MINUTES)
    has_workers(card, 2, 2)

    # Code for it, in the notebook; then the whole notebook.
    cells = page.locator(".jp-NotebookPanel .jp-Cell")
    before = cells.count()
    card.locator(".jp-AfLab-insert").click()
    expect(cells).to_have_count(before + 1)
    inserted = page.locator(".jp-Cell.jp-mod-active .cm-content")
    expect(inserted).to_contain_text('cluster = af_lab.connect("default")')
    expect(inserted).to_contain_text("client = cluster.get_client()")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    outputs = page.locator(".jp-OutputArea-output")
    expect(outputs.filter(has_text="events/s").first).to_be_visible(timeout=5 * MINUTES)
    plot = page.locator(".jp-RenderedImage img").last
    plot.wait_for(timeout=2 * MINUTES)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=2 * MINUTES)
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    counts = counted(outputs)
    # The notebook's sample: in the window of the Z are the Z, and few others.
    truth = dimuon_sample(progress=False).truth["Z"]
    assert 0.8 * truth < counts["Z"] < 1.2 * truth
    plot.scroll_into_view_if_needed()
    show(page, "panel")

    # More workers, and an end.
    card.locator(".jp-AfLab-more").click()
    has_workers(card, 3, 3)
    card.locator(".jp-AfLab-stop").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop it").click()
    expect(card).to_have_count(0, timeout=2 * MINUTES)
    wait(lambda: with_queue(jobs_left) == 0, "no job is left", seconds=60)


def counted(outputs: Locator) -> dict[str, int]:
    """Read the counts that the notebook printed."""
    text = outputs.filter(has_text="opposite charge").last.inner_text()
    lines = (line.rsplit(maxsplit=1) for line in text.splitlines() if line.strip())
    return {name.strip(): int(count.replace(",", "")) for name, count in lines}
