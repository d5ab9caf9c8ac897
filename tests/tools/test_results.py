"""What a run's record tells."""

from __future__ import annotations

import json
from typing import Any

from suite.results import Failure, Results


def results(*events: dict[str, Any]) -> Results:
    found = Results()
    found.read([json.dumps(event) for event in events])
    return found


def phase(id_: str, when: str = "call", outcome: str = "passed", **more: Any) -> dict[str, Any]:
    told = {"kind": "phase", "id": id_, "when": when, "outcome": outcome, "seconds": 1.5, "figures": [], "text": ""}
    return told | more


def test_a_test_that_passes_counts_once() -> None:
    found = results({"kind": "collected", "count": 2}, *(phase("a", when) for when in ("setup", "call", "teardown")))
    assert (found.total, found.done, found.passed) == (2, 1, 1)
    assert found.seconds == {"a": 4.5}


def test_skipped_tests_have_their_reason() -> None:
    found = results(phase("a", "setup", "skipped", text="Skipped: no ROOT"))
    assert (found.done, found.skipped) == (1, {"a": "Skipped: no ROOT"})


def test_a_second_run_is_no_failure_and_is_not_forgotten() -> None:
    found = results(phase("a", outcome="rerun", text="E   assert 1 == 2"), phase("a"))
    assert (found.passed, found.failures) == (1, [])
    assert [(first.id, first.reason) for first in found.second_runs] == [("a", "assert 1 == 2")]


def test_a_test_that_fails_at_its_end_has_failed_once() -> None:
    found = results(phase("a"), phase("a", "teardown", "failed", text="E   OSError: it stays"))
    assert (found.passed, len(found.failures), found.done) == (0, 1, 1)


def test_two_failing_phases_are_one_test() -> None:
    found = results(phase("a", outcome="failed", text="x"), phase("a", "teardown", "failed", text="y"))
    assert (found.passed, found.done) == (0, 1)


def test_figures_are_kept_in_their_order() -> None:
    found = results(phase("a", figures=["1 s", "2 s"]), phase("b", figures=["3 s"]))
    assert found.figures == [("a", "1 s"), ("a", "2 s"), ("b", "3 s")]


def test_the_reason_is_the_line_that_says_what_went_wrong() -> None:
    text = "def test():\n>   assert x\nE   AssertionError: not there\nE   assert 0\n\ntest_x.py:3: AssertionError"
    assert Failure("a", "call", text).reason == "AssertionError: not there"
    assert Failure("a", "setup", "Timeout after 3 s\n\n").reason == "Timeout after 3 s"
    assert Failure("a", "call", "").reason == "it says nothing"
