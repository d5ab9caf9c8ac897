"""The Jupyter server dies and starts again under an open page with a plot."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.ui.lab import Lab
from tests.ui.panel import MINUTE, Panel
from tests.ui.plots import STREAM, Pane

pytestmark = [pytest.mark.pool, pytest.mark.slow, pytest.mark.usefixtures("no_clusters_left")]


def test_the_panel_and_its_plots_come_back_with_the_server(patient: Page, lab: Lab, busy: str) -> None:
    page = patient
    panel = Panel.opened(page, lab)
    card = panel.card(busy)
    card.has_workers(1)
    # The only cluster is meant without a question.
    panel.execute("af-lab:open-plot", plot=STREAM)
    pane = Pane(panel)
    pane.moves(busy)
    page.evaluate("window.isTheSamePage = true")

    lab.kill()
    expect(panel.notice).to_contain_text("The server does not answer", timeout=MINUTE)
    expect(panel.notice).to_contain_text(re.compile(r"Last seen \d+ (s|min) ago"))
    expect(card.bar).to_have_attribute("aria-valuenow", "1")

    lab.start_again()
    expect(panel.notice).to_have_count(0, timeout=2 * MINUTE)
    lab.ask("PATCH", f"clusters/{busy}", {"workers": 2})
    card.has_workers(2)
    panel.put_away_dialogs()
    pane.moves("the pane after the restart")
    card.fewer.click()
    card.has_workers(1)
    assert page.evaluate("window.isTheSamePage")
