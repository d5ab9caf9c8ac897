"""Dask's dashboard in a browser: it moves while tasks run, and leaves the server idle when nobody sees it."""

from __future__ import annotations

import datetime
import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support import wait
from tests.ui.hub import Hub
from tests.ui.lab import Lab
from tests.ui.pictures import show

pytestmark = [pytest.mark.pool, pytest.mark.slow]

# When the newest of the tasks that are drawn began, in ms.
NEWEST_TASK = """() => {
  const sources = Bokeh.documents.flatMap(doc => [...doc._all_models.values()])
    .filter(model => model.type === 'ColumnDataSource' && 'duration' in model.data && 'start' in model.data);
  return Math.max(0, ...sources.flatMap(source => [...source.data.start]));
}"""

# Chromium without a screen shows all tabs, so a tab is told that it is hidden; the next page in it knows, too.
HIDING = """
  const isHidden = () => sessionStorage.getItem('hidden') === 'yes';
  Object.defineProperty(Document.prototype, 'hidden', { get: isHidden });
  Object.defineProperty(Document.prototype, 'visibilityState', { get: () => (isHidden() ? 'hidden' : 'visible') });
  window.hide = hidden => {
    sessionStorage.setItem('hidden', hidden ? 'yes' : 'no');
    document.dispatchEvent(new Event('visibilitychange'));
  };
"""
MINUTE = 60_000  # of Playwright's milliseconds


def moves(page: Page, name: str) -> None:
    """Check that tasks come to what a page draws, and that one sees it."""
    page.locator("canvas").first.wait_for()
    for _ in range(3):
        changes(lambda: page.evaluate(NEWEST_TASK), f"{name} has another task")
        changes(page.screenshot, f"{name} looks different")


def changes(look: Callable[[], object], what: str) -> None:
    before = look()
    wait(lambda: look() != before, what)


def test_plots_move_while_tasks_run(patient: Page, lab: Lab, busy: str) -> None:
    page, problems = patient, []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None)
    page.on("response", lambda answer: problems.append(f"{answer.status} {answer.url}") if not answer.ok else None)
    for name in ("individual-task-stream", "status"):
        page.goto(lab.at(f"af-lab/api/clusters/{busy}/dashboard/{name}"))
        moves(page, name)
        show(page, name)
    assert problems == []


@pytest.fixture
def hub(lab: Lab, tmp_path: Path) -> Iterator[Hub]:
    """The proxy before the server."""
    hub = Hub(lab.at("").partition("?")[0], tmp_path / "hub.log")
    try:
        wait(hub.is_up, "the proxy is up")
        hub.add_user()
        yield hub
    finally:
        hub.process.kill()
        hub.process.wait()


@pytest.mark.parametrize("lab", ["/user/alice/"], ids=["as JupyterHub has it"], indirect=True)
def test_hidden_tabs_are_no_activity(context: BrowserContext, lab: Lab, hub: Hub, busy: str) -> None:
    context.set_default_timeout(90_000)
    context.add_init_script(HIDING)
    context.clock.install()
    panel, plot = context.new_page(), context.new_page()
    panel.goto(hub.address(lab.url("")))
    panel.locator(".jp-SideBar [data-id=af-lab-panel]").click()
    panel.locator(f"#af-lab-panel [data-cluster={busy}]").wait_for()
    plot.goto(hub.address(lab.at(f"af-lab/api/clusters/{busy}/dashboard/individual-task-stream")))
    moves(plot, "the plot")

    def activity() -> tuple[datetime.datetime, str]:
        """What JupyterHub asks the proxy, and what it asks the server."""
        with urllib.request.urlopen(lab.at("api/status"), timeout=30) as answer:
            return hub.last_activity(), json.load(answer)["last_activity"]

    for page in (panel, plot):
        page.evaluate("hide(true)")
    changes(hub.last_activity, "a plot that is open is activity")
    context.clock.fast_forward(MINUTE)
    plot.wait_for_url("**/asleep.html#individual-task-stream")
    plot.get_by_text("is paused while it is not visible").wait_for()

    # Whatever JupyterLab had begun is over when nothing has happened for a while.
    def quiet() -> bool:
        return datetime.datetime.now(datetime.UTC) - hub.last_activity() > datetime.timedelta(seconds=10)

    wait(quiet, "all is quiet", seconds=120)
    before = activity()
    # Each timer of both pages that is due within an hour is over once.
    context.clock.fast_forward(60 * MINUTE)
    until = datetime.datetime.now() + datetime.timedelta(seconds=15)
    while datetime.datetime.now() < until:
        plot.wait_for_timeout(1000)
        assert activity() == before

    for page in (panel, plot):
        page.evaluate("hide(false)")
    plot.wait_for_url("**/individual-task-stream")
    moves(plot, "the plot that was asleep")
    assert hub.last_activity() > before[0]
