"""The record of a computation, of tasks and of calls, and its words."""

from __future__ import annotations

import pytest

from af_lab.model.computation import Activity, Progress, Rate, activity_in_words, progress_line, rate_in_words


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress(0, 1, 1, 0), "0 of 1 task done, 1 runs"),
        (Progress(1234, 20_000, 16, 0), "1 234 of 20 000 tasks done, 16 run, 18 750 wait"),
        (
            Progress(1234, 20_000, 16, 3, 310.2, 60.5),
            "1 234 of 20 000 tasks done, 16 run, 18 747 wait, 3 failed, 310/s, about 60 s left",
        ),
        (Progress(5, 5, 0, 0, 2.0), "5 of 5 tasks done"),
    ],
)
def test_the_line_says_how_far_it_is(progress: Progress, line: str) -> None:
    assert progress_line(progress, "task") == line


@pytest.mark.parametrize(
    ("rate", "words"), [(12_000.4, "12 000/s"), (9.96, "10/s"), (2.46, "2.5/s"), (0.2, "12/min"), (0.0005, "1.8/h")]
)
def test_a_rate_is_said_in_a_unit_that_fits(rate: float, words: str) -> None:
    assert rate_in_words(rate) == words


def test_the_rate_is_that_of_the_last_minute() -> None:
    rate = Rate()
    assert rate.measure(0.0, 0) is None
    assert rate.measure(10.0, 50) == 5
    assert rate.measure(20.0, 50) == 2.5, "it falls while nothing ends"
    for second in range(21, 101):
        last = rate.measure(second, 50 + second - 20)
    assert last == pytest.approx(1, abs=0.02), "what was before is forgotten"


def test_tasks_that_take_longer_than_a_minute_have_a_rate() -> None:
    rate = Rate()
    for minutes in range(60):
        ended = rate.measure(60.0 * minutes, 8 * (minutes // 10))
        assert minutes < 10 or ended == pytest.approx(8 / 600, rel=0.55)
    assert ended == pytest.approx(8 * 5 / 3540, rel=0.5)


@pytest.mark.parametrize(
    ("activity", "doing", "words"),
    [
        (None, None, ""),
        ("idle", None, "idle"),
        ("working", None, "working"),
        ("working", "merging", "merging"),
        ("waiting", None, "waiting for files"),
        ("waiting", "merging", "merging, waiting for files"),
    ],
)
def test_it_is_said_what_the_workers_do(activity: Activity | None, doing: str | None, words: str) -> None:
    assert activity_in_words(activity, doing) == words
