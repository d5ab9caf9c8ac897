"""Which of several starts of a scheduler a log is from."""

from __future__ import annotations

import pytest

from af_lab.cli.log_tail import which_start
from af_lab.manager.logfiles import LogPart, SchedulerStart

STARTS = tuple(SchedulerStart(number, f"scheduler-{number}.log", 0.0, 10) for number in (1, 2, 3))


@pytest.mark.parametrize(("start", "another"), [(3, 1), (2, 1), (1, 3)])
def test_the_start_is_named_and_how_another_is_shown(start: int, another: int) -> None:
    part = LogPart("text\n", "x:5", f"scheduler-{start}.log", start, STARTS)
    assert which_start(part) == f"This is the log of start {start} of 3; --start {another} shows that of another one."
