"""Dask's plots in panes of JupyterLab: of a cluster, of an address, and of a notebook's client."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.support import wait
from tests.ui.lab import DARK, LIGHT, Lab
from tests.ui.panel import MINUTE, Panel
from tests.ui.plots import open_stream, whose

pytestmark = [pytest.mark.pool, pytest.mark.slow]

LOCAL = """
import time
from distributed import Client

client = Client(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0")
print(client.dashboard_link, flush=True)
while True:
    client.gather(client.map(time.sleep, [0.05] * 20, pure=False))
"""


def is_dark(picture: bytes) -> bool:
    """Return whether the corner of a PNG, where nothing is drawn, is dark."""
    with Image.open(io.BytesIO(picture)) as image:
        return image.convert("L").tobytes()[0] < 128


def test_plots_of_clusters(panel: Panel, shared_lab: Lab, busy: str) -> None:
    page = panel.page
    panel.card(busy).has_workers(1)
    whose(panel).select_option(label=busy)
    pane = open_stream(panel)
    pane.moves(busy)

    # All is there again after a reload.
    page.reload()
    panel.open()
    expect(whose(panel).locator("option:checked")).to_have_text(busy)
    pane.moves("the pane after the reload")

    # It is as dark as the theme.
    panel.execute("apputils:change-theme", theme=DARK)
    wait(lambda: is_dark(pane.frame.screenshot()), "it is dark")
    panel.execute("apputils:change-theme", theme=LIGHT)
    wait(lambda: not is_dark(pane.frame.screenshot()), "it is light")

    # It shows another cluster when that is chosen.
    shared_lab.create("other", workers=1)
    panel.card("other").button("plots").click()
    expect(whose(panel).locator("option:checked")).to_have_text("other")
    expect(pane.node.locator("iframe[src*='clusters/other/']")).to_be_visible()
    pane.page.locator("canvas").first.wait_for()


@pytest.fixture
def local() -> Iterator[str]:
    """Address of the dashboard of a scheduler that is no job, and has tasks."""
    with subprocess.Popen([sys.executable, "-c", LOCAL], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def test_plots_of_an_address(panel: Panel, local: str) -> None:
    plots = panel.section("Plots")
    plots.get_by_label("Dask dashboard address").fill(local)
    plots.get_by_role("button", name="Show the plots of this address").click()
    pane = open_stream(panel)
    pane.moves("the local cluster")
    expect(pane.node.locator("iframe[src*='/proxy/']")).to_be_visible()


def test_plots_of_the_client_of_a_notebook(panel: Panel) -> None:
    page = panel.page
    code = "from distributed import Client\n"
    code += 'client = Client(n_workers=1, dashboard_address="127.0.0.1:0")\n'
    code += "print(client.dashboard_link)"
    panel.new_notebook(code)
    panel.run_cell()
    output = page.locator(".jp-OutputArea-output").first
    expect(output).to_contain_text("/status", timeout=2 * MINUTE)
    place = output.inner_text().strip().removeprefix("http://").removesuffix("/status")

    # The status bar tells of it, too.
    expect(page.locator("#jp-main-statusbar").get_by_role("button", name=place)).to_be_visible()
    panel.section("Plots").get_by_role("button", name="Of the active notebook").click()
    expect(whose(panel).locator("option:checked")).to_have_text(place)
    wait(lambda: panel.section("Plots").get_by_role("button", name="Task Stream").count() > 0, "its plots are listed")
