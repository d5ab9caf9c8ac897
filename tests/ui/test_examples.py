"""The gallery: an example opens as a copy in the user's folder."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.ui.lab import Lab
from tests.ui.panel import Panel

pytestmark = [pytest.mark.pool, pytest.mark.slow]


def test_an_example_opens_as_a_copy(panel: Panel, shared_lab: Lab) -> None:
    examples = panel.section("Examples")
    examples.get_by_label("Find an example").fill("top pairs")
    expect(examples.get_by_role("listitem")).to_have_count(2)
    examples.get_by_role("group", name="Framework").get_by_role("button", name="RDataFrame").click()
    expect(examples.get_by_role("listitem")).to_have_count(1)
    examples.get_by_role("button", name="Open").click()
    expect(panel.page.locator(".jp-NotebookPanel:visible .jp-Cell").first).to_be_visible()
    assert (shared_lab.root / "af-lab-examples" / "ttbar-systematics-rdf.ipynb").is_file()
