"""How long a page keeps its browser's main thread busy at a time."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.support import wait

__all__ = ["longest_task"]

TASK = "RunTask"
MAIN = "CrRendererMain"


def longest_task(page: Page, milliseconds: int) -> float:
    """Return the longest task of a page's main thread within a time, in milliseconds of CPU time.

    Time on the clock, as of the browser's own "long tasks", would count what other processes do meanwhile.
    """
    events: list[dict[str, Any]] = []
    ends: list[bool] = []
    session = page.context.new_cdp_session(page)
    session.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    session.on("Tracing.tracingComplete", lambda _: ends.append(True))
    session.send(
        "Tracing.start", {"categories": "disabled-by-default-devtools.timeline", "transferMode": "ReportEvents"}
    )
    page.wait_for_timeout(milliseconds)
    session.send("Tracing.end")

    def is_complete() -> bool:
        page.wait_for_timeout(100)
        return bool(ends)

    wait(is_complete, "the trace is complete")
    session.detach()
    main = {(event["pid"], event["tid"]) for event in events if event.get("args", {}).get("name") == MAIN}
    tasks = [event.get("tdur", 0) for event in events if event["name"] == TASK and (event["pid"], event["tid"]) in main]
    assert tasks, "the trace has the tasks of the main thread"
    return float(max(tasks)) / 1000
