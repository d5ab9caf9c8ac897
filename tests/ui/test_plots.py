"""Dask's plots in panes of JupyterLab: of a cluster, of an address, and of a notebook's client."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.support import wait
from tests.ui.lab import DARK, LIGHT, Lab
from tests.ui.panel import MINUTE, Panel
from tests.ui.plots import STREAM, Pane, open_stream, whose

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


MAIN = {"Task Stream": STREAM, "Progress": "individual-progress", "Workers Memory": "individual-workers-memory"}
EVERY_PLOT = 31  # without those of GPUs
# A policy that lets only another site show the pages.
STRANGE = "frame-ancestors https://portal.example.org"


class WhiteFrames:
    """Watches everything that the browser paints, and notes when a part of the page is white."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.on("Page.screencastFrame", self._look)
        self._session.send("Page.startScreencast", {"format": "png"})
        self.area = (0.0, 0.0, 0.0, 0.0)
        self.looked = 0
        self.white: list[float] = []

    def _look(self, painted: dict[str, Any]) -> None:
        with Image.open(io.BytesIO(base64.b64decode(painted["data"]))) as image:
            left, top, right, bottom = self.area
            part = image.convert("L").crop(
                (int(left * image.width), int(top * image.height), int(right * image.width), int(bottom * image.height))
            )
        if part.width > 0 and part.height > 0:
            self.looked += 1
            share = sum(part.histogram()[200:]) / (part.width * part.height)
            if share > 0.5:
                self.white.append(share)
        self._session.send("Page.screencastFrameAck", {"sessionId": painted["sessionId"]})

    def at(self, node: Locator) -> None:
        """Look at the place where something is."""
        box, size = node.bounding_box(), node.page.viewport_size
        assert box is not None
        assert size is not None
        width, height = size["width"], size["height"]
        left, top = box["x"] / width, box["y"] / height
        self.area = (left, top, left + box["width"] / width, top + box["height"] / height)


def test_plots_of_clusters(panel: Panel, shared_lab: Lab, busy: str) -> None:
    page = panel.page
    panel.card(busy).has_workers(1)
    panel.card(busy).button("Plots").click()
    for title, plot in MAIN.items():
        expect(page.get_by_role("tab", name=f"{title} - {busy}", exact=True)).to_be_visible()
        expect(Pane(panel, busy, plot).node).to_be_visible()
    pane = Pane(panel, busy)
    pane.moves(busy)
    workers = shared_lab.ask("GET", f"clusters/{busy}/workers")["workers"]
    hover(pane, f"job {workers[0]['id']}")

    # All is there again after a reload.
    page.reload()
    panel.open()
    expect(whose(panel).locator("option:checked")).to_have_text(busy)
    pane.moves("the pane after the reload")

    # It is as dark as the theme, and not white for a moment while its page loads.
    panel.execute("apputils:change-theme", theme=DARK)
    wait(lambda: is_dark(pane.frame.screenshot()), "it is dark")
    frames = WhiteFrames(page)
    frames.at(pane.node)
    pane.page.locator("body").evaluate("location.reload()")
    pane.moves("the pane that was loaded again")
    assert frames.looked > 3
    assert frames.white == []
    panel.execute("apputils:change-theme", theme=LIGHT)
    wait(lambda: not is_dark(pane.frame.screenshot()), "it is light")

    # The same plots of another cluster stand beside them.
    shared_lab.create("other", workers=1)
    panel.card("other").button("Plots").click()
    expect(whose(panel).locator("option:checked")).to_have_text("other")
    for plot in MAIN.values():
        one, other = Pane(panel, busy, plot).node, Pane(panel, "other", plot).node
        expect(other).to_be_visible()
        left, right = one.bounding_box(), other.bounding_box()
        assert left is not None
        assert right is not None
        assert right["x"] >= left["x"] + left["width"]
        assert abs(right["y"] - left["y"]) < 2
    Pane(panel, "other").page.locator("canvas").first.wait_for(timeout=3 * MINUTE)


def hover(pane: Pane, text: str) -> None:
    """Move the mouse over a plot until its tooltip has a text."""
    shown = pane.page.get_by_text(text)

    def is_shown() -> bool:
        box = pane.frame.bounding_box()
        assert box is not None
        for part in range(1, 10):
            pane.frame.page.mouse.move(box["x"] + part * box["width"] / 10, box["y"] + 0.4 * box["height"])
            pane.frame.page.wait_for_timeout(200)
            if shown.count() > 0:
                return True
        return False

    wait(is_shown, f"the tooltip says {text!r}")


def test_every_plot_is_found_and_its_address_works_in_a_tab(panel: Panel, busy: str) -> None:
    page = panel.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    plots = panel.section("Plots")
    whose(panel).select_option(label=busy)
    found = plots.get_by_role("list", name="Plots").get_by_role("button")
    expect(found).to_have_count(EVERY_PLOT)
    plots.get_by_label("Find a plot").fill("traceback")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("Exceptions")

    plots.get_by_role("button", name="Copy the address of the dashboard").click()
    address = page.evaluate("navigator.clipboard.readText()")
    with page.context.new_page() as tab:
        tab.goto(address)
        tab.locator("canvas").first.wait_for()

    # A policy that forbids the pane is named, with the line that is missing.
    page.route("**/individual-exceptions", forbid)
    found.click()
    words = Pane(panel, plot="individual-exceptions").node
    expect(words).to_contain_text('"Content-Security-Policy": "frame-ancestors \'self\' https://portal.example.org"')
    page.unroute("**/individual-exceptions")
    words.get_by_role("button", name="Try again").click()
    expect(words.locator("iframe")).to_be_visible()


def forbid(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": STRANGE})


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
    plots.get_by_text("Dask outside this list").click()
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
    panel.section("Plots").get_by_text("Dask outside this list").click()
    panel.section("Plots").get_by_role("button", name="Used in this notebook").click()
    expect(whose(panel).locator("option:checked")).to_have_text(place)
    wait(lambda: panel.section("Plots").get_by_role("button", name="Task Stream").count() > 0, "its plots are listed")
