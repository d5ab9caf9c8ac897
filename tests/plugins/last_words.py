"""A test that fails shows the last lines of the logs that were written while it ran."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

import pytest

LINES = 12
"""Of each log."""

LOGS = 6
"""How many of a kind, the newest first."""

BLOCK = 16_384
"""Bytes at the end of a log that are read."""

DAEMONS = ("SchedLog", "NegotiatorLog", "StartLog", "ShadowLog")
ALARMING = ("ERROR", "FATAL", "PERMISSION DENIED", "Exception", "exited with status", "on hold")

_begun = pytest.StashKey[float]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[_begun] = time.time()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections += list(last_words(item.stash.get(_begun, 0.0)))
    return report


def last_words(since: float) -> Iterator[tuple[str, str]]:
    """Yield title and text of what was logged since then, by clusters and by HTCondor's daemons."""
    if "AF_LAB_HOME" in os.environ:
        for log in newest(Path(os.environ["AF_LAB_HOME"]).rglob("*.log"), since):
            yield f"Last lines of {log}", "\n".join(last_lines(log))
    if "CONDOR_CONFIG" in os.environ:
        folder = Path(os.environ["CONDOR_CONFIG"]).parent / "log"
        for log in newest((folder / name for name in DAEMONS), since):
            alarming = [line for line in last_lines(log, BLOCK) if any(word in line for word in ALARMING)]
            if alarming:
                yield f"Alarming lines of {log.name}", "\n".join(alarming[-LINES:])


def newest(logs: Iterable[Path], since: float) -> list[Path]:
    """Return the logs that were written to since then, the newest first."""
    times = {}
    for log in logs:
        try:
            times[log] = log.stat().st_mtime
        except OSError:
            continue  # it went in the meantime
    written = [log for log, changed in times.items() if changed >= since]
    return sorted(written, key=lambda log: -times[log])[:LOGS]


def last_lines(log: Path, most: int = LINES) -> list[str]:
    """Return the lines at the end of a file."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - BLOCK))
            return file.read().decode(errors="replace").splitlines()[-most:]
    except OSError as error:
        return [f"It cannot be read: {error}"]
