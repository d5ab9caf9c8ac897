"""HTCondor's event log of jobs (the submit command ``log``): what happened to each job, and when."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path

from af_lab.condor.job import JobId, JobStatus
from af_lab.worker.protocol import MEGABYTE

__all__ = ["GONE", "STATUS_AFTER", "EventKind", "EventLog", "JobEvent", "parse"]

# Each event ends with a line of three dots.
END = b"\n...\n"
# Bytes, parsed in 6 ms: short enough for an event loop.
MOST_AT_ONCE = 2**17

HEADER = re.compile(
    r"^(?P<kind>\d{3}) \((?P<cluster>\d+)\.(?P<proc>\d+)\.\d+\) "
    r"(?P<when>(?:\d{4}-\d\d-\d\d|\d\d/\d\d)[ T]\d\d:\d\d:\d\d(?:\.\d+)?Z?) (?P<title>.*)$",
    re.MULTILINE,
)
ENDED = re.compile(r"termination \((return value|signal) (\d+)\)")
CODE = re.compile(r"^\s+Code (\d+) Subcode (-?\d+)", re.MULTILINE)
EVICTED_BECAUSE = re.compile(r"^\s+Reason: (.+)", re.MULTILINE)
MEMORY = re.compile(r"^\s+(\d+)  -  MemoryUsage of job \(MB\)", re.MULTILINE)
SLOT = re.compile(r"^\s+SlotName: \S+@(\S+)", re.MULTILINE)
ADDRESS = re.compile(r"<(?:[^>]*[?&]alias=([^&>]+)|([^:>?]+))")


class EventKind(IntEnum):
    """The kinds of event that af_lab reads (HTCondor manual, "Job Event Log Codes")."""

    SUBMIT = 0
    EXECUTE = 1
    EVICTED = 4
    TERMINATED = 5
    IMAGE_SIZE = 6
    SHADOW_EXCEPTION = 7
    ABORTED = 9
    SUSPENDED = 10
    UNSUSPENDED = 11
    HELD = 12
    RELEASED = 13
    DISCONNECTED = 22
    RECONNECTED = 23
    RECONNECT_FAILED = 24


KINDS = {int(kind) for kind in EventKind}
STATUS_AFTER = {
    EventKind.SUBMIT: JobStatus.IDLE,
    EventKind.EXECUTE: JobStatus.RUNNING,
    EventKind.EVICTED: JobStatus.IDLE,
    EventKind.HELD: JobStatus.HELD,
    EventKind.RELEASED: JobStatus.IDLE,
    EventKind.RECONNECT_FAILED: JobStatus.IDLE,
    EventKind.SHADOW_EXCEPTION: JobStatus.IDLE,
    EventKind.SUSPENDED: JobStatus.SUSPENDED,
    EventKind.UNSUSPENDED: JobStatus.RUNNING,
}
GONE = (EventKind.TERMINATED, EventKind.ABORTED)
FIRST_LINE_IS_REASON = (
    EventKind.SHADOW_EXCEPTION,
    EventKind.ABORTED,
    EventKind.HELD,
    EventKind.RELEASED,
    EventKind.DISCONNECTED,
    EventKind.RECONNECT_FAILED,
)


@dataclass(frozen=True)
class JobEvent:
    """Something that happened to a job.

    Attributes
    ----------
    when
        Seconds since the epoch. The log has local times unless HTCondor is configured otherwise. In the hour that is
        repeated when the clocks change, the earlier time is assumed.
    host
        Where the job was started (EXECUTE).
    reason
        Why it happened, in HTCondor's words; for TERMINATED, and for EVICTED if the job runs again, how the process
        ended.
    memory
        Bytes used by the job (IMAGE_SIZE).
    hold_code
        HoldReasonCode and HoldReasonSubCode (HELD).
    exit_code
        With which the process ended (TERMINATED); None if a signal ended it.
    note
        The submit command ``submit_event_user_notes`` of the job (SUBMIT).
    """

    kind: EventKind
    job: JobId
    when: float
    host: str | None = None
    reason: str | None = None
    memory: int | None = None
    hold_code: tuple[int, int] | None = None
    exit_code: int | None = None
    note: str | None = None


class EventLog:
    """Reads a log as it grows.

    Parameters
    ----------
    path
        The log; it need not exist yet.

    Attributes
    ----------
    behind
        Whether the log has more events than the last `read` returned.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.behind = False
        self._offset = 0

    def skip(self, begin: int) -> None:
        """Read from this byte on, at which an event begins; what stands before it is known."""
        self._offset = begin

    def read(self) -> list[JobEvent]:
        """Return the events that were written since the last call, but no more than 128 KB of the log (6 ms).

        An event that is only half written is returned by a later call.
        """
        try:
            with self.path.open("rb") as log:
                size = log.seek(0, 2)
                # The file was truncated.
                self._offset = self._offset if self._offset <= size else 0
                log.seek(self._offset)
                content = log.read(MOST_AT_ONCE)
        except FileNotFoundError:
            self.behind = False
            return []
        self.behind = self._offset + len(content) < size
        whole = content.rfind(END) + len(END) if END in content else 0
        if not whole and len(content) == MOST_AT_ONCE:
            whole = len(content)  # No event is that long.
        self._offset += whole
        return parse(content[:whole].decode(errors="replace"))


def parse(text: str) -> list[JobEvent]:
    """Return the complete events of a log; skip events of other kinds, and text that is not an event."""
    return [event for block in text.split("\n...\n")[:-1] for event in _events(block)]


def _events(block: str) -> Iterator[JobEvent]:
    # More than one if a process died while it wrote an event.
    headers = list(HEADER.finditer(block))
    for header, following in zip_longest(headers, headers[1:]):
        when = _seconds(header["when"])
        if when is not None and int(header["kind"]) in KINDS:
            yield _event(header, when, block[header.end() : following.start() if following else None])


def _event(header: re.Match[str], when: float, body: str) -> JobEvent:
    kind = EventKind(int(header["kind"]))
    memory = MEMORY.search(body) if kind == EventKind.IMAGE_SIZE else None
    code = CODE.search(body) if kind == EventKind.HELD else None
    ended = ENDED.search(body) if kind == EventKind.TERMINATED else None
    return JobEvent(
        kind=kind,
        job=JobId(int(header["cluster"]), int(header["proc"])),
        when=when,
        host=_host(header["title"], body) if kind == EventKind.EXECUTE else None,
        reason=_reason(kind, body),
        memory=int(memory[1]) * MEGABYTE if memory else None,
        hold_code=(int(code[1]), int(code[2])) if code else None,
        exit_code=int(ended[2]) if ended and ended[1] == "return value" else None,
        note=body.strip().rpartition("\n")[2].strip() or None if kind == EventKind.SUBMIT else None,
    )


def _reason(kind: EventKind, body: str) -> str | None:
    if kind in FIRST_LINE_IS_REASON:
        first = body.strip().partition("\n")[0].strip()
        return first if first and first != "Reason unspecified" else None
    if kind == EventKind.EVICTED and (because := EVICTED_BECAUSE.search(body)):
        return because[1].strip()
    if kind in (EventKind.EVICTED, EventKind.TERMINATED) and (ended := ENDED.search(body)):
        return f"exit code {ended[2]}" if ended[1] == "return value" else f"killed by {_signal(int(ended[2]))}"
    return None


def _signal(number: int) -> str:
    try:
        return f"signal {number}, {signal.Signals(number).name}"
    except ValueError:
        return f"signal {number}"


def _host(title: str, body: str) -> str | None:
    if slot := SLOT.search(body):
        return slot[1]
    # A job of the scheduler universe has no slot.
    address = ADDRESS.search(title)
    return address and (address[1] or address[2])


@lru_cache(maxsize=16)
def _seconds(text: str) -> float | None:
    """Return a time of the log in seconds since the epoch, or None if it is not a time."""
    try:
        return (_of_last_year(text) if text[2] == "/" else datetime.fromisoformat(text)).timestamp()
    except ValueError:
        return None


def _of_last_year(text: str) -> datetime:
    """Read a time without a year (LEGACY): one of the last twelve months."""
    tomorrow = datetime.now() + timedelta(days=1)
    this_year, last_year = (f"{tomorrow.year - ago}-{text[:2]}-{text[3:]}" for ago in (0, 1))
    when = datetime.fromisoformat(this_year)
    return when if when.replace(tzinfo=None) <= tomorrow else datetime.fromisoformat(last_year)
