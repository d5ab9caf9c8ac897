"""HTCondor puts a worker on hold: the user sees why, and releases it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support import with_queue
from tests.ui.lab import Lab
from tests.ui.panel import MINUTE, Panel

pytestmark = [pytest.mark.pool, pytest.mark.slow]

REASON = "the scratch disk of the node is full"


def test_a_hold_and_its_release(panel: Panel, shared_lab: Lab) -> None:
    shared_lab.create("stuck", workers=2)
    card = panel.card("stuck")
    card.has_workers(2)
    held = shared_lab.ask("GET", "clusters/stuck/workers")["workers"][0]["id"]
    cluster, _, proc = held.partition(".")
    with_queue(lambda queue: queue.hold(f"ClusterId == {cluster} && ProcId == {proc}", REASON))

    # Another has taken its place by then.
    expect(card.bar).to_have_attribute("aria-valuetext", "2 of 2 workers connected, 1 held", timeout=3 * MINUTE)
    expect(card.node).to_contain_text("1 is on hold")
    expect(card.node).to_contain_text("jobs on hold")
    expect(card.node).to_contain_text(REASON, timeout=MINUTE)

    details = panel.details("stuck")
    row = details.locator(f"[data-job='{held}']")
    expect(row).to_contain_text("held")
    expect(details.get_by_role("table", name="Jobs of the workers")).to_contain_text(REASON)
    row.get_by_role("button", name=f"Release job {held}").click()
    # One job more than wanted: either it connects and another goes, or it goes itself.
    expect(card.bar).to_have_attribute("aria-valuetext", "2 of 2 workers connected", timeout=3 * MINUTE)
    expect(row.get_by_text("held")).to_have_count(0)
    expect(details.get_by_text(REASON)).to_have_count(0)


def test_a_cluster_on_hold_starts_again(panel: Panel, shared_lab: Lab) -> None:
    shared_lab.create("paused", workers=1)
    id_ = shared_lab.ask("GET", "clusters/paused")["id"]
    card = panel.card("paused")
    card.has_workers(1)
    with_queue(lambda queue: queue.hold(f"ClusterId == {id_}", REASON))
    card.is_in_state("held")
    expect(card.node).to_contain_text("on hold")
    expect(card.node).to_contain_text(f"put on hold by hand: {REASON}")
    details = panel.details("paused")
    expect(details).to_contain_text(REASON)
    card.button("Start paused again").click()
    card.has_workers(1)
    # Each start of the scheduler has a log.
    logs = details.locator(".jp-AfLab-source")
    expect(logs.locator("option")).to_contain_text(["the scheduler", "start 1 of 2", "start 2 of 2"])
    logs.select_option("start-1")
    expect(details.get_by_role("log", name="Log of start 1 of the scheduler")).to_contain_text("answers at tls://")
