"""The events of a cluster's worker jobs so far: what is kept of the oldest, and HTCondor's event log behind them."""

from __future__ import annotations

import re
from pathlib import Path

from af_lab.condor.eventlog import EventLog, JobEvent, parse
from af_lab.model.folder import ClusterFolder

__all__ = ["END", "begin_of_log", "kept_header", "past_events"]

END = b"\n...\n"  # of each event
HEADER = "events before byte {} of the log\n"


def kept_header(begin: int) -> str:
    """Return the first line of the file of kept events; the log has the others from this byte on."""
    return HEADER.format(begin)


def begin_of_log(kept: Path) -> int:
    """Return the first byte of the event log whose events are not in the file of kept ones; 0 without that file."""
    try:
        with kept.open(encoding="utf-8") as file:
            return _begin(file.readline().rstrip("\n"))
    except FileNotFoundError:
        return 0


def past_events(folder: ClusterFolder, log: EventLog, scheduler: int) -> list[JobEvent]:
    """Return all events of worker jobs so far that matter, and leave the log where they end.

    Parameters
    ----------
    folder
        The cluster's folder.
    log
        Its event log, of which nothing was read yet.
    scheduler
        The ``ClusterId`` of the scheduler job, whose own events are left out.
    """
    begin, events = _kept(folder.kept_events)
    log.skip(begin)
    events += log.read()
    while log.behind:
        events += log.read()
    return [event for event in events if event.job.cluster != scheduler]


def _kept(path: Path) -> tuple[int, list[JobEvent]]:
    try:
        header, _, text = path.read_text(encoding="utf-8").partition("\n")
    except FileNotFoundError:
        return 0, []
    return _begin(header), parse(text)


def _begin(header: str) -> int:
    # A machine that crashed may have left the file empty. Then the log is read whole: in its hole are no events.
    found = re.fullmatch(HEADER.strip().format(r"(\d+)"), header)
    return int(found[1]) if found else 0
