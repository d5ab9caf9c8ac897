"""Progress of a command that waits."""

from __future__ import annotations

import pytest

from af_lab.cli.waiting import LOG_EVERY, LOG_FIRST, ProgressLine


def test_progress_off_a_terminal_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    clock = [0.0]
    with ProgressLine(as_json=False, now=lambda: clock[0]) as line:
        line.show("too early")
        clock[0] = LOG_FIRST
        line.show("[12] of 20")
        line.show("too soon")
        clock[0] += LOG_EVERY
        line.show("[12] of 20")
        line.show("20 of 20")
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "[12] of 20\n20 of 20\n"


def test_progress_is_silent_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    clock = [0.0]
    with ProgressLine(as_json=True, now=lambda: clock[0]) as line:
        clock[0] = 100
        line.show("12 of 20")
    assert capsys.readouterr() == ("", "")
