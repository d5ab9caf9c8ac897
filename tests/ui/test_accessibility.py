"""What the panel, the dialog and the details are for those who see, hear or point otherwise."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.ui import axe
from tests.ui.lab import DARK, LIGHT, Lab
from tests.ui.panel import Panel
from tests.ui.plots import whose

pytestmark = [pytest.mark.pool, pytest.mark.slow]

LEAST = 24  # px, as WCAG 2.2 has it
NARROW = 250  # px
ZOOMED: ViewportSize = {"width": 960, "height": 600}  # px; 1440 x 900 at 150 %
PAUSE = 3_000  # ms between two announcements

# What can be pointed at and is smaller; a box to tick is as large as its label.
SMALL = """(node, least) => [...node.querySelectorAll('button, input, select, textarea, summary, [role=button]')]
  .map(control => (control.type === 'checkbox' && control.closest('label')) || control)
  .filter(control => control.checkVisibility({ visibilityProperty: true }))
  .map(control => [control.getBoundingClientRect(), control])
  .filter(([box]) => Math.min(box.width, box.height) < least - 0.01)
  .map(([box, control]) => `${box.width} x ${box.height}: ${control.outerHTML.slice(0, 150)}`)"""

# What sticks out of the whole, or is cut off by what it is in; words that end in an ellipsis are told by a title.
CUT_OFF = """node => {
  const right = node.getBoundingClientRect().right;
  return [...node.querySelectorAll('*')]
    .filter(part => part.checkVisibility({ visibilityProperty: true }) && !part.closest('.jp-AfLab-announcer, svg'))
    .filter(part => part.getBoundingClientRect().right > right + 0.5 || (
      part.scrollWidth > part.clientWidth && !['INPUT', 'SELECT'].includes(part.tagName)
      && (part.matches('.jp-AfLab-card') || getComputedStyle(part).overflowX !== 'visible')
      && getComputedStyle(part).textOverflow !== 'ellipsis'
    ))
    .map(part => `${part.scrollWidth} in ${part.clientWidth}: ${part.outerHTML.slice(0, 150)}`);
}"""

# Headings of sections that are not wholly within the panel.
BELOW = """node => [...node.querySelectorAll('.jp-AccordionPanel-title')]
  .filter(title => title.getBoundingClientRect().bottom > node.getBoundingClientRect().bottom + 0.5)
  .map(title => title.innerText)"""

# Whether connected workers can be told from the bar that they are in.
IS_VISIBLE_BAR = """bar => getComputedStyle(bar).backgroundColor
  !== getComputedStyle(bar.querySelector('[data-part=connected]')).backgroundColor"""

# What moves, although the user asked for less motion; what appears at once, but late, does not move.
MOVING = """node => [node, ...node.querySelectorAll('[class*=AfLab]')]
  .filter(part => {
    const style = getComputedStyle(part);
    return [style.transitionDuration, style.animationDuration].join().split(',').some(time => parseFloat(time) > 0);
  })
  .map(part => part.outerHTML.slice(0, 150))"""

# Keeps when what is announced changes, in ms.
LISTEN = """node => {
  window.announced = [];
  new MutationObserver(() => announced.push([performance.now(), node.textContent]))
    .observe(node, { childList: true, characterData: true, subtree: true });
}"""


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_axe_finds_nothing(patient: Page, shared_lab: Lab, theme: str) -> None:
    shared_lab.set_theme(theme)
    shared_lab.create("accessible", workers=1)
    panel = Panel.opened(patient, shared_lab)
    panel.card("accessible").has_workers(1)
    axe.check(patient, "#af-lab-panel")
    panel.details("accessible").get_by_role("table", name="Jobs of the workers").wait_for()
    axe.check(patient, ".jp-AfLab-details")
    panel.new_cluster().get_by_text("match now").wait_for()
    axe.check(patient, ".jp-AfLab-dialog")
    if theme == DARK:
        # Colours of the system in place of the theme's, as in a mode of high contrast.
        patient.emulate_media(forced_colors="active")
        axe.check(patient, ".jp-AfLab-dialog")
        panel.put_away_dialogs()
        axe.check(patient, "#af-lab-panel", ".jp-AfLab-details")


def test_large_enough_and_not_cut_off(panel: Panel, shared_lab: Lab) -> None:
    shared_lab.create("a-cluster-of-a-rather-long-name", workers=1)
    card = panel.card("a-cluster-of-a-rather-long-name")
    card.has_workers(1)
    assert panel.node.evaluate(SMALL, LEAST) == []
    panel.set_width(NARROW)
    box = panel.node.bounding_box()
    assert box is not None
    assert abs(box["width"] - NARROW) <= 5, box
    assert panel.node.evaluate(CUT_OFF) == []
    assert panel.node.evaluate(SMALL, LEAST) == []
    details = panel.details(card.name)
    details.get_by_role("table", name="Jobs of the workers").wait_for()
    assert details.evaluate(SMALL, LEAST) == []
    dialog = panel.new_cluster()
    assert dialog.evaluate(SMALL, LEAST) == []
    assert dialog.evaluate(CUT_OFF) == []


def test_zoomed_reloaded_and_in_forced_colours(panel: Panel, shared_lab: Lab) -> None:
    shared_lab.create("zoomed", workers=1)
    card = panel.card("zoomed")
    card.has_workers(1)
    # There is room for some plots, also if all sections are open.
    plots = panel.section("Plots")
    whose(panel).select_option(label="zoomed")
    expect(plots.get_by_role("button", name="Task Stream")).to_be_in_viewport(ratio=1)
    panel.page.set_viewport_size(ZOOMED)
    expect(card.wanted).to_be_in_viewport(ratio=1)
    expect(card.button("Stop")).to_be_in_viewport(ratio=1)
    assert panel.node.evaluate(BELOW) == []
    panel.close_section("Pool")
    panel.close_section("Plots")
    panel.page.reload()
    panel.open()
    expect(card.wanted).to_be_in_viewport(ratio=1)
    assert panel.node.evaluate(BELOW) == []
    panel.page.emulate_media(forced_colors="active")
    assert card.bar.evaluate(IS_VISIBLE_BAR)
    panel.page.emulate_media(forced_colors="none", reduced_motion="reduce")
    assert panel.node.evaluate(MOVING) == []


def test_announcements_are_few(panel: Panel, shared_lab: Lab) -> None:
    shared_lab.create("told", workers=1)
    card = panel.card("told")
    card.has_workers(1)
    panel.status.evaluate(LISTEN)
    for workers in range(2, 6):
        card.more.click()
        card.has_workers(workers)
    panel.page.wait_for_timeout(PAUSE)
    announced = panel.page.evaluate("announced")
    assert announced, "nothing was announced"
    times = [when for when, _ in announced]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert all(pause > 0.9 * PAUSE for pause in pauses), announced
    assert "5 of 5 workers connected" in announced[-1][1]
