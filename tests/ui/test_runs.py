"""The section Runs: a batch from its first call to its last, cancelled, run again and removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

import af_lab
from tests.ui import axe
from tests.ui.lab import DARK, LIGHT, Lab
from tests.ui.panel import MINUTE, Panel
from tests.ui.pictures import show
from tests.ui.test_accessibility import CUT_OFF, LEAST, NARROW, SMALL

pytestmark = [pytest.mark.pool, pytest.mark.slow]

CALLS = 1000
IN_EACH_JOB = 50
ENDING = 200  # calls that do not wait


@pytest.fixture
def gate(shared_lab: Lab, tmp_path: Path) -> Iterator[Path]:
    """A batch `fit` of which some calls end, one fails, and the others wait for this file."""
    gate = tmp_path / "gate"
    path = str(gate)

    def call(number: int) -> int:
        import os
        import time

        print("called with", number, flush=True)
        while number >= ENDING and not os.path.exists(path):
            time.sleep(0.1)
        if number == 5 and not os.path.exists(path):
            raise ValueError("the gate is closed")
        return number**2

    executor = af_lab.BatchExecutor("fit", memory="200 MB", quiet=True)
    executor.map(call, range(CALLS), chunksize=IN_EACH_JOB)
    executor.shutdown(wait=False)
    yield gate
    # Calls that wait end, also if the test has failed.
    gate.touch()
    if any(run["name"] == "fit" for run in shared_lab.ask("GET", "runs")["runs"]):
        shared_lab.ask("DELETE", "runs/fit")


def has_progress(card: Locator, words: str) -> None:
    """Wait until the bar of a run says its progress in these words; a narrow space stands between three digits."""
    bar = card.get_by_role("progressbar", name="Calls of fit")
    expect(bar).to_have_attribute("aria-valuetext", words.replace(",", "\u202f", 1), timeout=3 * MINUTE)


def is_in_state(card: Locator, state: str) -> None:
    expect(card).to_have_attribute("data-state", state, timeout=2 * MINUTE)


def test_a_batch_is_cancelled_run_again_and_removed(panel: Panel, gate: Path) -> None:
    page, dialog = panel.page, panel.page.get_by_role("dialog")
    card = panel.node.locator("[data-run=fit]")
    # The section opens by itself.
    bar = card.get_by_role("progressbar", name="Calls of fit")
    expect(bar).to_have_attribute("aria-valuenow", "199", timeout=3 * MINUTE)
    is_in_state(card, "running")
    panel.execute("running:show-panel")
    sessions = page.locator(".jp-RunningSessions")
    expect(sessions.get_by_text("HTCondor Runs")).to_be_visible()
    expect(sessions.locator(".jp-RunningSessions-item", has_text="fit")).to_contain_text("running")
    show(page, "runs-running-sessions")
    panel.execute("af-lab:show-panel")
    expect(card).to_contain_text("1 of 1000 calls failed: ValueError: the gate is closed")

    card.get_by_role("button", name="Cancel fit…").click()
    expect(dialog).to_contain_text("800 calls have not ended")
    dialog.get_by_role("button", name="Cancel it").click()
    has_progress(card, "199 of 1,000 calls done, 801 failed")
    is_in_state(card, "failed")
    expect(card).to_contain_text("were cancelled")

    for theme in (LIGHT, DARK):
        panel.execute("apputils:change-theme", theme=theme)
        axe.check(page, "#af-lab-panel")
        show(page, f"runs-{theme.split()[-1].lower()}")
        card.get_by_role("button", name="Log of fit").click()
        expect(dialog.get_by_role("combobox")).to_contain_text("0.0, 1 call: ValueError: the gate is closed")
        expect(dialog.get_by_role("log", name="Log of task 0.0")).to_contain_text("called with 5")
        axe.check(page, ".jp-AfLab-logDialog")
        # From the button on, Tab begins again above.
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(dialog.get_by_role("combobox")).to_be_focused()
        show(page, f"runs-log-{theme.split()[-1].lower()}")
        panel.put_away_dialogs()

    panel.set_width(NARROW)
    assert panel.node.evaluate(CUT_OFF) == []
    assert panel.node.evaluate(SMALL, LEAST) == []

    gate.touch()
    card.get_by_role("button", name="Run again").click()
    bar = card.get_by_role("progressbar", name="Calls of fit")
    expect(bar).to_have_attribute("aria-valuenow", str(CALLS), timeout=3 * MINUTE)
    is_in_state(card, "ended")
    expect(card.get_by_role("button", name="Run again")).to_have_count(0)
    futures = af_lab.batch("fit").futures
    assert [future.result(MINUTE / 1000) for future in futures] == [number**2 for number in range(CALLS)]

    card.get_by_role("button", name="Remove fit…").click()
    expect(dialog).to_contain_text("1000 results are deleted")
    dialog.get_by_role("button", name="Remove it").click()
    expect(card).to_have_count(0)
