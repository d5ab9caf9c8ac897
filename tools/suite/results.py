"""The results of the tests, from the lines that a run records."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Failure", "Results"]


@dataclass(frozen=True)
class Failure:
    """A test that failed, or failed the first time."""

    id: str
    when: str
    """The phase: "collect", "setup", "call" or "teardown"."""
    text: str
    sections: tuple[tuple[str, str], ...] = ()

    @property
    def reason(self) -> str:
        """The line that says what went wrong."""
        lines = [line for line in self.text.splitlines() if line.strip()]
        errors = [line[1:].strip() for line in lines if line.startswith("E ")]
        return (errors or lines[-1:] or ["it says nothing"])[0]


@dataclass
class Results:
    """The results of a part so far."""

    total: int = 0
    passed: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    """Reasons by tests."""
    failures: list[Failure] = field(default_factory=list)
    second_runs: list[Failure] = field(default_factory=list)
    """The first runs of tests that ran a second time."""
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """By tests, all phases and runs together."""
    figures: list[tuple[str, str]] = field(default_factory=list)
    """Tests that passed, and what they measured."""
    broken: list[str] = field(default_factory=list)
    """Errors that stopped pytest itself."""

    @property
    def done(self) -> int:
        """The number of tests that have ended."""
        return self.passed + len(self.skipped) + len({failure.id for failure in self.failures})

    def read(self, lines: Iterable[str]) -> None:
        """Add further lines of the record."""
        for line in lines:
            self._take(json.loads(line))

    def _take(self, event: dict[str, Any]) -> None:
        match event["kind"]:
            case "collected":
                self.total = max(self.total, event["count"])
            case "broken":
                self.broken.append(event["text"])
            case "phase":
                self._take_phase(event)

    def _take_phase(self, event: dict[str, Any]) -> None:
        id_, when, outcome = event["id"], event["when"], event["outcome"]
        self.seconds[id_] += event["seconds"]
        if outcome == "skipped":
            self.skipped[id_] = event.get("text", "")
        elif outcome in ("failed", "rerun"):
            sections = tuple((title, text) for title, text in event.get("sections", ()))
            failure = Failure(id_, when, event["text"], sections)
            (self.failures if outcome == "failed" else self.second_runs).append(failure)
            if when == "teardown" and outcome == "failed" and self.passed:
                self.passed -= 1
        elif when == "call":
            self.passed += 1
            self.figures += [(id_, text) for text in event["figures"]]

    def slowest(self, number: int) -> list[tuple[str, float]]:
        """Return the tests that took longest."""
        return sorted(self.seconds.items(), key=lambda pair: -pair[1])[:number]

    def by_file(self) -> dict[str, float]:
        """Return the seconds that the tests of each file took together."""
        found: dict[str, float] = defaultdict(float)
        for id_, seconds in self.seconds.items():
            found[id_.partition("::")[0]] += seconds
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))
