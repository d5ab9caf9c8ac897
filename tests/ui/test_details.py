"""The details of a cluster: its workers, how it went, and its logs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.ui.lab import Lab
from tests.ui.panel import MINUTE, Panel

pytestmark = [pytest.mark.pool, pytest.mark.slow]


def test_workers_time_line_and_logs(panel: Panel, shared_lab: Lab) -> None:
    shared_lab.create("looked-at", workers=3)
    panel.card("looked-at").has_workers(3)
    details = panel.details("looked-at")

    # The workers, in an order.
    table = details.get_by_role("table", name="Jobs of the workers")
    ids = table.locator("tbody th")
    expect(ids).to_have_count(3)
    expect(table.locator("[data-job-state=connected]")).to_have_count(3, timeout=MINUTE)
    head = table.get_by_role("columnheader", name="Job")
    orders = []
    for _ in range(2):
        head.get_by_role("button").click()
        orders.append((head.get_attribute("aria-sort"), ids.all_inner_texts()))
    numbers = sorted(ids.all_inner_texts(), key=lambda job: [int(part) for part in job.split(".")])
    assert sorted(orders) == [("ascending", numbers), ("descending", numbers[::-1])]

    # How it went.
    chart = details.get_by_role("img", name=re.compile("workers|Workers"))
    expect(chart).to_be_visible()
    expect(details.get_by_role("list", name="Now")).to_contain_text("3 connected")

    # What the scheduler and a worker wrote.
    log = details.get_by_role("log")
    expect(log).to_contain_text("Scheduler at")
    details.get_by_label("Search").fill("Scheduler at")
    expect(log.locator("mark").first).to_have_text("Scheduler at")
    expect(details.get_by_text(re.compile(r"^\d+ lines? match(es)?$"))).to_be_visible()
    details.get_by_label("Search").fill("")
    details.get_by_role("button", name=f"Log of job {numbers[0]}").click()
    expect(details.get_by_role("log", name=f"Log of job {numbers[0]}")).to_contain_text("worker", ignore_case=True)

    # A log that grows is followed: the scheduler tells of a worker that comes.
    details.get_by_role("combobox", name="Log of").select_option(label="the scheduler")
    expect(log).to_contain_text("Scheduler at")
    details.get_by_label("Follow").check()
    before = len(log.inner_text())

    # Another worker comes for one that is removed.
    details.get_by_role("button", name=f"Remove job {numbers[0]}").click()
    panel.page.get_by_role("dialog").get_by_role("button", name="Remove it").click()
    expect(details.locator(f"[data-job='{numbers[0]}']")).to_have_count(0, timeout=MINUTE)
    expect(table.locator("[data-job-state=connected]")).to_have_count(3, timeout=3 * MINUTE)
    panel.page.wait_for_function(
        "([node, before]) => node.innerText.length > before", arg=[log.element_handle(), before]
    )
    at_end = "node => node.scrollHeight - node.scrollTop - node.clientHeight < 2"
    assert log.evaluate(at_end), "the end of the log is in sight"
