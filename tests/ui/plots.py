"""The panes of the plots, and the part of the panel that opens them."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Locator

from tests.ui.panel import MINUTE, Panel
from tests.ui.test_dashboard import NEWEST_TASK, changes

STREAM = "individual-task-stream"


class Pane:
    """The pane of a plot: of the task stream unless told otherwise, and of the only cluster that has one."""

    def __init__(self, panel: Panel, of: str | None = None, plot: str = STREAM) -> None:
        whose = "" if of is None else f"[data-of='{of}']"
        self.node = panel.page.locator(f".jp-AfLab-plot[data-plot={plot}]{whose}")
        self.frame = self.node.locator("iframe")

    @property
    def page(self) -> FrameLocator:
        return self.frame.content_frame

    def moves(self, whose: str) -> None:
        """Check that tasks come to what the pane draws, and that one sees it."""
        self.page.locator("canvas").first.wait_for(timeout=3 * MINUTE)
        newest = self.page.locator("body")
        for _ in range(2):
            changes(lambda: newest.evaluate(NEWEST_TASK), f"{whose} has another task")
            changes(self.frame.screenshot, f"{whose} looks different")


def open_stream(panel: Panel, of: str | None = None) -> Pane:
    plots = panel.section("Plots")
    plots.get_by_label("Find a plot").fill("task str")
    plots.get_by_role("button", name="Task Stream").click()
    return Pane(panel, of)


def whose(panel: Panel) -> Locator:
    return panel.section("Plots").get_by_role("combobox", name="Plots of")
