"""The line that tells how far a cluster is, and where it is shown."""

from __future__ import annotations

import io
import queue
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest
from jupyter_client.manager import run_kernel
from rich.console import Console

from af_lab.manager.progress import Display, Reasons, _Log, _Notebook, _Terminal, display, workers_line
from af_lab.model.snapshot import Counts
from tests.support import LIMIT


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("connected", "wanted", "counts", "why", "line"),
    [
        (20, 20, Counts(20, connected=20), Reasons(), "20 of 20 workers connected"),
        (12, 20, Counts(20, waiting=8, connected=12), Reasons(), "12 of 20 workers connected, 8 wait in the queue"),
        (
            *(12, 20, Counts(20, waiting=8, connected=12), Reasons("3 slots match, all busy")),
            "12 of 20 workers connected, 8 wait in the queue: 3 slots match, all busy",
        ),
        (
            *(1, 4, Counts(4, held=2, starting=1, connected=1), Reasons(held="so")),
            "1 of 4 workers connected, 2 are on hold: so; 1 is starting",
        ),
        (
            *(0, 2, Counts(2, waiting=1, starting=1), Reasons()),
            "0 of 2 workers connected, 1 waits in the queue, 1 is starting",
        ),
        (1, 3, Counts(3, held=2, connected=1), Reasons(), "1 of 3 workers connected, 2 are on hold"),
        (
            *(18, 20, Counts(20, connected=18, lost=2), Reasons()),
            "18 of 20 workers connected, 2 are lost",
        ),
        (2, 9, Counts(2, connected=2), Reasons(), "2 of 9 workers connected, only 2 requested"),
        (9, 4, Counts(4, connected=9), Reasons(), "9 workers connected, 4 requested"),
    ],
)
def test_line_says_what_is_with_the_workers(
    connected: int, wanted: int, counts: Counts, why: Reasons, line: str
) -> None:
    assert workers_line(connected, wanted, counts, why) == line


def test_a_log_gets_a_line_every_ten_seconds_and_only_when_it_is_another(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with _Log(clock) as log:
        for second in range(60):
            clock.now = 100.0 + second
            log.show("waiting" if second < 40 else f"{second} workers")
    assert capsys.readouterr().out.splitlines() == ["waiting", "40 workers", "50 workers"]


def test_what_is_done_soon_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for shown_on in (_Log, _Notebook):
        clock = Clock()
        with shown_on(clock) as line:
            line.show("waiting")
            clock.now += 0.3
            line.show("done")
    assert capsys.readouterr().out == ""


def test_a_notebook_shows_one_line_that_changes(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with _Notebook(clock) as line:
        clock.now += 1
        line.show("10 of 20 workers")
        line.show("10 of 20 workers")
        line.show("all there")
    assert capsys.readouterr().out == "\r10 of 20 workers\rall there       \n"


def test_a_terminal_keeps_the_last_line() -> None:
    clock = Clock()
    file = io.StringIO()
    with _Terminal(Console(file=file, force_terminal=True, width=80), clock) as line:
        clock.now += 1
        line.show("2 of [3] workers")
        line.show("3 of [3] workers")
    assert file.getvalue().rstrip().endswith("3 of [3] workers")


def test_the_line_goes_to_a_log_where_there_is_no_terminal() -> None:
    shown_on: Display = display(quiet=False)
    assert isinstance(shown_on, _Log)


def test_nothing_is_shown_when_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with display(quiet=True) as line:
        line.show("something")
    assert capsys.readouterr().out == ""


@pytest.mark.pool
@pytest.mark.usefixtures("no_clusters_left")
def test_in_a_notebook_scaling_is_shown_where_it_was_asked_for_while_other_cells_run() -> None:
    with run_kernel(startup_timeout=LIMIT) as client:
        client.execute("import af_lab; cluster = af_lab.cluster('shown', workers=0)")
        scale = client.execute("cluster.scale(2)")
        other = client.execute("print('another cell')")
        shown = shown_by(client, until="2 of 2 workers connected")
        assert shown[other] == "another cell\n"
        assert "\r2 of 2 workers connected" in shown[scale]


def shown_by(client: Any, until: str) -> Mapping[str, str]:
    """Return what the cells of a kernel print, by their ids, until one has printed something."""
    shown: dict[str, str] = defaultdict(str)
    while until not in "".join(shown.values()):
        try:
            message = client.get_iopub_msg(timeout=LIMIT)
        except queue.Empty:
            raise TimeoutError(f"{until!r} is not among {dict(shown)}") from None
        assert message["msg_type"] != "error", message["content"]
        if message["msg_type"] == "stream":
            shown[message["parent_header"]["msg_id"]] += message["content"]["text"]
    return shown
