"""Pictures for the README and the docs: a few clusters at work, in a light and a dark theme."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support import with_queue
from tests.ui.lab import DARK, LIGHT, Lab
from tests.ui.panel import MINUTE, Panel
from tests.ui.pictures import show
from tests.ui.plots import open_stream, whose
from tests.ui.test_accessibility import NARROW

pytestmark = [pytest.mark.pool, pytest.mark.slow]

WIDE = 330  # px
ENOUGH = 20_000  # of Playwright's milliseconds, for a few moments in the sparkline


def test_pictures(patient: Page, shared_lab: Lab, busy: str) -> None:
    page = patient
    shared_lab.create("dimuon", workers=4)
    worker = shared_lab.ask("GET", "clusters/dimuon/workers")["workers"][0]["id"]
    cluster, _, proc = worker.partition(".")
    with_queue(lambda queue: queue.hold(f"ClusterId == {cluster} && ProcId == {proc}", "Transfer input files failure"))
    for theme, name in ((LIGHT, "light"), (DARK, "dark")):
        shared_lab.set_theme(theme)
        panel = Panel.opened(page, shared_lab)
        panel.set_width(WIDE)
        # Another takes its place.
        expect(panel.card("dimuon").bar).to_have_attribute(
            "aria-valuetext", "4 of 4 workers connected, 1 held", timeout=2 * MINUTE
        )
        panel.card(busy).has_workers(1)
        page.wait_for_timeout(ENOUGH)
        show(page, f"panel-{name}")
        panel.set_width(NARROW)
        show(page, f"panel-narrow-{name}")
        panel.set_width(WIDE)

        panel.new_cluster().get_by_text("match now").wait_for()
        show(page, f"dialog-{name}")
        panel.put_away_dialogs()

        panel.details("dimuon").get_by_role("table", name="Jobs of the workers").wait_for()
        page.wait_for_timeout(2_000)
        show(page, f"details-{name}")

        panel.section("Plots")
        whose(panel).select_option(label=busy)
        open_stream(panel).moves(busy)
        show(page, f"plots-{name}")
