"""Two tabs of one browser show the same clusters."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.ui.lab import Lab
from tests.ui.panel import Panel

pytestmark = [pytest.mark.pool, pytest.mark.slow]

SOON = 2_000  # of Playwright's milliseconds


def test_two_tabs_agree(patient: Page, context: BrowserContext, shared_lab: Lab) -> None:
    context.set_default_timeout(90_000)
    shared_lab.create("seen-twice", workers=1)
    panels = [Panel.opened(page, shared_lab) for page in (patient, context.new_page())]
    one, other = (panel.card("seen-twice") for panel in panels)
    for card in (one, other):
        card.has_workers(1)

    one.more.click()
    expect(other.wanted).to_have_value("2", timeout=SOON)
    other.scale(3)
    expect(one.wanted).to_have_value("3", timeout=SOON)
    for card in (one, other):
        card.has_workers(3)

    other.button("Stop").click()
    panels[1].page.get_by_role("dialog").get_by_role("button", name="Stop it").click()
    expect(one.node.and_(panels[0].page.locator("[data-state=running]"))).to_have_count(0, timeout=SOON)
    for card in (one, other):
        card.is_gone()
