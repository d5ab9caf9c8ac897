"""A cluster is made, scaled and stopped without a pointer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.ui.lab import Lab
from tests.ui.panel import Panel

pytestmark = [pytest.mark.pool, pytest.mark.slow]

# What has the focus, as one who does not see it is told, and whether one sees it.
FOCUSED = """() => {
  const { activeElement: node } = document;
  const name = node.getAttribute('aria-label') || [...(node.labels ?? [])].map(label => label.innerText).join(' ')
    || node.innerText || '';
  return [name.trim(), node.matches(':focus-visible')];
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something has the focus."""
    passed = []
    for _ in range(100):
        page.keyboard.press("Tab")
        found, is_visible = page.evaluate(FOCUSED)
        if found.startswith(name):
            assert is_visible, f"the focus on {name} is not visible"
            return
        passed.append(found)
    raise AssertionError(f"Tab does not lead to {name}, but to {passed}")


def test_a_cluster_by_keyboard_alone(patient: Page, shared_lab: Lab) -> None:
    page = patient
    panel = Panel.closed(page, shared_lab)
    page.keyboard.press("Control+Shift+Y")
    panel.node.wait_for()
    expect(panel.node).to_be_focused()

    tab_to(page, "New cluster")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Memory per job").wait_for()
    expect(dialog.get_by_label("Name")).to_be_focused()
    page.keyboard.type("keys")
    tab_to(page, "Workers")
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    tab_to(page, "Create")
    page.keyboard.press("Enter")
    dialog.wait_for(state="detached")
    card = panel.card("keys")
    card.has_workers(1)

    tab_to(page, "Workers requested for keys")
    page.keyboard.press("ArrowUp")
    card.has_workers(2)
    expect(card.wanted).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    card.has_workers(1)

    tab_to(page, "Stop keys")
    page.keyboard.press("Enter")
    dialog.wait_for()
    tab_to(page, "Stop it")
    page.keyboard.press("Enter")
    card.is_gone()
