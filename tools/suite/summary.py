"""The text at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from suite.results import Failure, Results
from suite.running import RunningPart

__all__ = ["closing_line", "summary"]

LINES = 40
"""Lines of a failure that are shown; all of it is in the part's log."""

SLOWEST = 10


def summary(parts: Sequence[RunningPart]) -> Iterator[str]:
    """Yield the lines: times, second runs, and failures, the first last so that it is nearest to the prompt."""
    yield "\nTimes"
    for one in parts:
        yield f"  {duration(one.seconds):>12}  {one.part.title}"
    slowest = sorted((pair for one in parts for pair in one.results.slowest(SLOWEST)), key=lambda pair: -pair[1])
    yield "\nThe slowest tests"
    yield from (f"  {duration(seconds):>12}  {id_}" for id_, seconds in slowest[:SLOWEST])
    if figures := [figure for one in parts for figure in one.results.figures]:
        yield "\nFigures"
        yield from (f"  {id_.rpartition('::')[2]}: {text}" for id_, text in figures)
    second = [failure for one in parts for failure in one.results.second_runs]
    yield f"\nSecond runs: {len(second) or 'none'}"
    for failure in second:
        yield f"  {failure.id}\n      {failure.reason}"
    for one in parts:
        yield from broken(one)
    failures = [(one, failure) for one in parts for failure in one.results.failures]
    for number, (one, failure) in reversed(list(enumerate(failures, 1))):
        yield f"\n--- failure {number} of {len(failures)}: {failure.id} ({failure.when})"
        yield from details(failure)
        yield f"All it printed: {one.files.log}"
        yield f"Run it again:   make test ONLY='{failure.id}'"


def broken(one: RunningPart) -> Iterator[str]:
    """Yield what stopped a part."""
    if one.interrupted:
        yield f"\nThe {one.part.title} did not end: {one.interrupted}. All they printed: {one.files.log}"
    for text in one.results.broken:
        yield f"\nThe {one.part.title} ended with status {one.process.returncode}. All they printed: {one.files.log}"
        yield from text.splitlines()[-LINES:]


def details(failure: Failure) -> Iterator[str]:
    """Yield the last lines of a failure, and of what was printed and logged during the test."""
    yield from failure.text.splitlines()[-LINES:]
    for title, text in failure.sections:
        if text.strip():
            yield f"- {title}"
            yield from (f"  {line}" for line in text.splitlines()[-LINES // 2 :])


def closing_line(results: Sequence[Results]) -> str:
    """Return one line with the numbers of all parts."""
    failed = sum(len({failure.id for failure in one.failures}) + len(one.broken) for one in results)
    passed, skipped = sum(one.passed for one in results), sum(len(one.skipped) for one in results)
    return f"{passed} passed, {failed} failed, {skipped} skipped"


def duration(seconds: float) -> str:
    """Return a time in minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
