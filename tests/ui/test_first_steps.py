"""The first minute: from the address that `af-lab playground` prints to a Z peak, as a new user finds the way."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import TimeoutExpired

import pytest
from af_lab_examples.sample import dimuon_sample
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.playground.support import CommandLine
from tests.ui.axe import check
from tests.ui.panel import MINUTE, Panel
from tests.ui.pictures import show

pytestmark = [pytest.mark.pool, pytest.mark.slow, pytest.mark.timeout(900)]

SMALL: ViewportSize = {"width": 1280, "height": 720}  # px, of a projector
USUAL: ViewportSize = {"width": 1400, "height": 900}
END = 60.0  # seconds


@pytest.fixture
def address(own_home: Path, tmp_path: Path) -> Iterator[str]:
    """The address that `af-lab playground` prints to a user who has never used JupyterLab."""
    folders = {name: str(tmp_path / name.lower()) for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR")}
    folders |= {f"JUPYTERLAB_{name}_DIR": str(tmp_path / name.lower()) for name in ("SETTINGS", "WORKSPACES")}
    af_lab = CommandLine(own_home, os.environ | folders)
    with af_lab.popen("playground", "--no-browser", "--notebook-dir", str(tmp_path / "work")) as running:
        try:
            assert running.stdout is not None
            said = ""
            for line in running.stdout:
                said += line
                if printed := re.match(r"JupyterLab: (\S+)$", line):
                    yield printed[1]
                    break
            else:
                pytest.fail(said)
        finally:
            running.terminate()
            with suppress(TimeoutExpired):
                running.communicate(timeout=END)
            running.kill()
            af_lab("pool", "stop")


def test_from_the_printed_address_to_a_z_peak_in_two_clicks(patient: Page, address: str) -> None:
    page = patient
    page.set_viewport_size(SMALL)
    page.goto(address)
    notebook = page.locator(".jp-NotebookPanel")
    # Before this, the notebook is a single empty cell below a spinner.
    notebook.get_by_role("heading", name="The dimuon spectrum, with coffea").wait_for()
    expect(page.locator(".jp-Spinner:visible")).to_have_count(0)
    expect(notebook.locator(".jp-KernelName")).to_have_text("Python 3 (ipykernel)", timeout=2 * MINUTE)
    notebook.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()

    # The panel is beside the notebook; nothing covers either, and nothing is asked.
    panel = Panel(page)
    expect(panel.node.get_by_text("No clusters yet")).to_be_visible()
    assert 300 <= width(panel.node) <= 400
    assert width(notebook) >= 800
    expect(page.get_by_role("dialog").or_(page.locator(".Toastify__toast"))).to_have_count(0)

    run_all(page)

    # Workers are seen to arrive, and stay when the notebook is done.
    card = panel.card("default")
    expect(card.node).to_be_in_viewport(timeout=2 * MINUTE)
    card.has_workers(2)
    plot = notebook.locator(".jp-RenderedImage img").last
    expect(plot).to_be_in_viewport(timeout=5 * MINUTE)
    notebook.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=2 * MINUTE)
    expect(notebook.locator("[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)
    counts = counted(notebook.locator(".jp-OutputArea-output"))
    # The notebook's sample: in the window of the Z are the Z, and few others.
    truth = dimuon_sample(progress=False).truth["Z"]
    assert 0.8 * truth < counts["Z"] < 1.2 * truth
    card.has_workers(2)
    page.set_viewport_size(USUAL)
    plot.scroll_into_view_if_needed()
    # The notebook knows its cluster, and one click shows what the workers do.
    expect(notebook.get_by_role("button", name="default · 2 workers")).to_be_visible()
    show(page, "panel")
    card.button("Plots").click()
    panes = page.locator(".jp-AfLab-plot:visible iframe")
    expect(panes).to_have_count(3)
    for number in range(3):
        panes.nth(number).content_frame.locator("canvas").first.wait_for(timeout=2 * MINUTE)
    page.locator(".jp-NotebookPanel:visible .jp-Notebook").click(position={"x": 5, "y": 5})
    run_all(page)
    expect(card.node).to_contain_text(re.compile(r"\d of \d+ tasks"), timeout=2 * MINUTE)
    expect(card.node).to_contain_text("No tasks", timeout=2 * MINUTE)
    expect(notebook.locator(".jp-InputPrompt").filter(has_text="[*]")).to_have_count(0, timeout=2 * MINUTE)
    show(page, "plots")

    # The page that says how to go on, by keyboard.
    page.get_by_role("tab", name="Welcome").click()
    welcome = page.locator(".jp-AfLab-welcome")
    expect(welcome.get_by_role("img", name="Result of The dimuon spectrum")).to_be_visible()
    check(page, ".jp-AfLab-welcome")
    show(page, "welcome")
    welcome.get_by_role("button", name="Open the analysis").focus()
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(welcome.get_by_role("button", name="New notebook")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".jp-NotebookPanel:visible .cm-content")).to_contain_text("af_lab.cluster(workers=2)")

    # What is closed stays closed, and comes back when it is asked for.
    page.get_by_role("tab", name="Welcome").locator(".lm-TabBar-tabCloseIcon").click()
    expect(welcome).to_have_count(0)
    card.stop()
    expect(panel.node.get_by_text("No clusters", exact=True)).to_be_visible()
    page.wait_for_timeout(2_000)  # JupyterLab saves its layout after a second
    page.reload()
    expect(panel.node.get_by_text("No clusters", exact=True)).to_be_visible()
    expect(page.get_by_role("tab", name="Welcome")).to_have_count(0)
    # JupyterLab hides what is opened before it has restored its layout.
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
    page.get_by_role("menuitem", name="View", exact=True).click()
    page.get_by_role("menuitem", name="Activate Command Palette").click()
    page.locator(".lm-CommandPalette-input").fill("Show the Welcome Page")
    page.locator(".lm-CommandPalette-item").filter(has_text="Show the Welcome Page").click()
    expect(welcome).to_be_visible()


def run_all(page: Page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def width(node: Locator) -> float:
    box = node.bounding_box()
    assert box is not None
    return box["width"]


def counted(outputs: Locator) -> dict[str, int]:
    """Read the counts that the notebook printed."""
    text = outputs.filter(has_text="opposite charge").last.inner_text()
    lines = (line.rsplit(maxsplit=1) for line in text.splitlines() if line.strip())
    return {name.strip(): int(count.replace(",", "")) for name, count in lines}
