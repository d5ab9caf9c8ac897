"""The details of a cluster: its workers, how it went, and its logs."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.ui.lab import Lab
from tests.ui.maintask import longest_task
from tests.ui.panel import MINUTE, Panel
from tests.ui.pictures import show

pytestmark = [pytest.mark.pool, pytest.mark.slow]

MANY = 1000
AT_REST = 20_000  # ms; the jobs are asked for every 15 s
LONGEST_TASK = 50  # ms of CPU time; a page with longer ones is felt to stutter


def test_workers_time_line_and_logs(panel: Panel, shared_lab: Lab, tmp_path: Path) -> None:
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

    # All of it as a file, which needs no server.
    with panel.page.expect_download() as download:
        details.get_by_role("button", name="Save as HTML").click()
    assert re.fullmatch(r"looked-at-[\dT-]+\.html", download.value.suggested_filename)
    file = tmp_path / "details.html"
    download.value.save_as(file)
    reader = panel.page.context.new_page()
    said: list[str] = []
    reader.on("console", lambda message: said.append(message.text))
    reader.on("request", lambda request: said.append(request.url))
    reader.goto(file.as_uri())
    expect(reader.get_by_role("heading", name="looked-at")).to_be_visible()
    expect(reader.get_by_role("img", name=re.compile("Workers in the last"))).to_be_visible()
    expect(reader.get_by_role("row", name=re.compile("connected"))).to_have_count(3)
    expect(reader.get_by_text("Scheduler at").first).to_be_visible()
    show(reader, "details-file")
    assert said == [file.as_uri()], "it loads nothing else, and nothing is refused"
    reader.close()


def answer_with_many(page: Page, name: str) -> None:
    """Have the server list the only worker of a cluster a thousand times, busier with each answer."""
    asked = 0

    def multiply(route: Route) -> None:
        nonlocal asked
        asked += 1
        answer = route.fetch()
        worker = answer.json()["workers"][0]
        cluster, _, _ = worker["id"].partition(".")
        now = datetime.datetime.now(datetime.UTC)
        workers = [
            worker
            | {
                "id": f"{cluster}.{number}",
                "since": (now - datetime.timedelta(seconds=number)).isoformat(),
                "tasks": asked * number % 7,
                "memory_used": 1_000_000 * (asked + number),
                "reason": "It used too much memory." if number % 10 == 3 else None,
            }
            for number in range(MANY)
        ]
        route.fulfill(response=answer, body=json.dumps({"workers": workers}))

    page.route(f"**/clusters/{name}/workers?*", multiply)


def test_a_thousand_workers(panel: Panel, shared_lab: Lab, figure: Callable[[str], None]) -> None:
    page = panel.page
    shared_lab.create("many", workers=1)
    panel.card("many").has_workers(1)
    answer_with_many(page, "many")
    details = panel.details("many")
    table = details.get_by_role("table", name="Jobs of the workers")
    expect(table).to_have_attribute("aria-rowcount", str(1 + MANY + MANY // 10))
    rows = table.locator("[data-job]")
    assert rows.count() < MANY / 5, "rows that nobody sees are not drawn"

    # A user who reads it.
    table.scroll_into_view_if_needed()
    page.mouse.move(900, 600)
    page.mouse.wheel(0, 8000)
    expect(rows.first).to_be_attached()
    longest = longest_task(page, AT_REST)
    figure(f"Details with {MANY} workers: longest task at rest {longest:.0f} ms, at most {LONGEST_TASK}")
    assert longest <= LONGEST_TASK

    # The last one is there, and what was drawn before is as high as it was.
    height = details.evaluate("node => node.scrollHeight")
    for _ in range(20):
        page.mouse.wheel(0, 5000)
        page.wait_for_timeout(100)
    expect(table.locator(f"[data-job$='.{MANY - 1}']")).to_be_visible()
    assert rows.count() < MANY / 5
    assert abs(details.evaluate("node => node.scrollHeight") - height) < 0.1 * height
