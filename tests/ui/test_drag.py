"""A cluster's title is dragged to where its code is wanted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.lab import Lab
from tests.ui.panel import Panel

pytestmark = [pytest.mark.pool, pytest.mark.slow]

CODE = 'cluster = af_lab.connect("dragged")'


def drag(panel: Panel, to: Locator) -> None:
    """Drag the title of the cluster to the middle of something."""
    start, end = panel.card("dragged").title.bounding_box(), to.bounding_box()
    assert start is not None
    assert end is not None
    mouse = panel.page.mouse
    mouse.move(start["x"] + 10, start["y"] + start["height"] / 2)
    mouse.down()
    # Slowly at first: it is a drag when the pointer has moved some pixels on the title.
    mouse.move(start["x"] + 20, start["y"] + start["height"] / 2, steps=4)
    mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=15)
    mouse.up()


def test_a_card_is_dragged_to_where_code_is_wanted(panel: Panel, shared_lab: Lab) -> None:
    page = panel.page
    shared_lab.ask("POST", "clusters", {"name": "dragged", "workers": 0})
    panel.card("dragged").title.wait_for()

    notebook = panel.new_notebook("# a cell")
    cells = notebook.locator(".jp-Cell")
    drag(panel, cells.first)
    expect(cells).to_have_count(2)
    expect(cells.filter(has_text=CODE)).to_have_count(1)

    panel.execute("console:create", kernelPreference={"name": "python3"}, activate=True)
    prompt = page.locator(".jp-CodeConsole-input:visible .cm-content")
    prompt.wait_for()
    drag(panel, prompt)
    expect(prompt).to_contain_text(CODE)

    panel.execute("fileeditor:create-new", fileExt="py")
    script = page.locator(".jp-FileEditor:visible .cm-content")
    script.wait_for()
    drag(panel, script)
    expect(script).to_contain_text(CODE)
