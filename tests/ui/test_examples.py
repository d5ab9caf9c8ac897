"""The gallery: an example opens as a copy in the user's folder."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.lab import Lab
from tests.ui.panel import Panel

pytestmark = [pytest.mark.pool, pytest.mark.slow]


def test_an_example_opens_as_a_copy(panel: Panel, shared_lab: Lab) -> None:
    examples = panel.section("Examples")
    shown = examples.get_by_role("listitem")
    expect(shown.first).to_contain_text("Your first cluster")
    topic = examples.get_by_label("Topic")
    topic.select_option("Columns")
    expect(shown).to_have_count(3)
    topic.select_option("All topics")

    # Two columns where there is room.
    left, right = shown.nth(0), shown.nth(1)
    assert top(left) < top(right)
    panel.set_width(520)
    expect(examples.locator(".jp-AfLab-gallery")).to_have_css("grid-template-columns", re.compile(r"^\S+px \S+px$"))
    assert top(left) == top(right)
    panel.set_width(330)

    examples.get_by_label("Find an example").fill("top pairs")
    expect(shown).to_have_count(2)
    examples.get_by_role("group", name="Framework").get_by_role("button", name="RDataFrame").click()
    expect(shown).to_have_count(1)
    examples.get_by_role("button", name="Open").click()
    expect(panel.page.locator(".jp-NotebookPanel:visible .jp-Cell").first).to_be_visible()
    assert (shared_lab.root / "af-lab-examples" / "ttbar-systematics-rdf.ipynb").is_file()


def top(node: Locator) -> float:
    box = node.bounding_box()
    assert box is not None
    return box["y"]
