"""A test that fails shows the last lines of the logs that were written while it ran."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

import pytest

LINES = 12
"""Of each log."""

LOGS = 6
"""How many of clusters, the newest first."""

BLOCK = 16_384
"""Bytes at the end of a log that are read."""

DAEMONS = ("SchedLog", "NegotiatorLog", "StartLog", "ShadowLog")
ALARMING = re.compile(r"\bERROR\b|FATAL|PERMISSION DENIED|Exception|on hold")

_sizes = pytest.StashKey[Mapping[Path, int]]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[_sizes] = {log: size(log) for log in all_logs()}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections += list(last_words(item.stash.get(_sizes, {})))
    return report


def all_logs() -> list[Path]:
    """Return the logs of the clusters that the tests made, and of HTCondor's daemons."""
    logs: list[Path] = []
    if "AF_LAB_HOME" in os.environ:
        logs += Path(os.environ["AF_LAB_HOME"]).rglob("*.log")
    if "CONDOR_CONFIG" in os.environ:
        logs += (Path(os.environ["CONDOR_CONFIG"]).parent / "log" / name for name in DAEMONS)
    return logs


def last_words(before: Mapping[Path, int]) -> Iterator[tuple[str, str]]:
    """Yield title and text of what was logged since the logs had the sizes they had before."""
    written = [log for log in all_logs() if size(log) > before.get(log, 0)]
    daemons = [log for log in written if log.name in DAEMONS]
    of_clusters = sorted(set(written) - set(daemons), key=lambda log: -log.stat().st_mtime)
    for log in of_clusters[:LOGS]:
        yield f"Last lines of {log}", "\n".join(lines_after(log, before.get(log, 0))[-LINES:])
    for log in daemons:
        lines = lines_after(log, before.get(log, 0))
        if alarming := [line for line in lines if ALARMING.search(line)]:
            yield f"Alarming lines of {log.name}", "\n".join(alarming[-LINES:])


def lines_after(log: Path, start: int) -> list[str]:
    """Return the lines behind a place in a log, at most those of its last block."""
    try:
        with log.open("rb") as file:
            file.seek(max(start, size(log) - BLOCK))
            return file.read().decode(errors="replace").splitlines()
    except OSError as error:
        return [f"It cannot be read: {error}"]


def size(log: Path) -> int:
    """Return the bytes of a log, 0 if it is gone."""
    try:
        return log.stat().st_size
    except OSError:
        return 0
