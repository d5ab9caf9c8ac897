"""The logs in a cluster's folder, read from their end.

The runner removes the beginning of a long log and leaves a hole in its place (`af_lab.runner.log_limit`), so positions
stay what they were.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from af_lab.errors import ClusterNotFound, SpecError
from af_lab.model.folder import ClusterFolder
from af_lab.model.info import time_json
from af_lab.wording import count

__all__ = ["MOST_LINES", "MOST_STARTS", "LogPart", "SchedulerStart", "read_log", "read_part", "scheduler_starts"]

MOST_BYTES = 1 << 20  # of one answer
HOLE = 1 << 16  # bytes; as many zeros are a hole
MOST_LINES = 100_000  # of one answer
MOST_STARTS = 100_000  # that can be asked for


@dataclass(frozen=True)
class SchedulerStart:
    """One start of a scheduler.

    Attributes
    ----------
    number
        1 is the first.
    source
        Name of its log file.
    written
        When something was written to the log last, in seconds since the epoch.
    size
        Bytes of the log.
    """

    number: int
    source: str
    written: float
    size: int


@dataclass(frozen=True)
class LogPart:
    """A part of a log.

    Attributes
    ----------
    text
        The lines.
    cursor
        Position where the part ends; as `after` of the next call it gives only what was written since.
    source
        Name of the file.
    start
        The start of the scheduler that wrote it; None for the log of a worker's job.
    starts
        All starts of the scheduler that left a log, the newest last; empty for the log of a worker's job.
    """

    text: str
    cursor: str
    source: str
    start: int | None = None
    starts: tuple[SchedulerStart, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the model of the REST interface; times are ISO 8601 in UTC."""
        starts = [asdict(start) | {"written": time_json(start.written)} for start in self.starts]
        return asdict(self) | {"starts": starts}


def scheduler_starts(folder: ClusterFolder) -> tuple[SchedulerStart, ...]:
    """Return the starts of a scheduler that left a log, the newest last."""
    found = [(log.stat(), log) for log in folder.logs.glob("scheduler-*.log")]
    found.sort(key=lambda pair: pair[0].st_mtime_ns)
    # Only what the shell or Python says before the scheduler opens its own log; the next start empties it.
    shell = folder.shell_log
    with suppress(FileNotFoundError):
        at_shell = shell.stat()
        if at_shell.st_size and (not found or at_shell.st_mtime_ns > found[-1][0].st_mtime_ns):
            found.append((at_shell, shell))
    return tuple(
        SchedulerStart(number, log.name, at.st_mtime, at.st_size) for number, (at, log) in enumerate(found, start=1)
    )


def read_log(
    folder: ClusterFolder, worker: str | None, lines: int, after: str | None, start: int | None = None
) -> LogPart:
    """Return the end of a log.

    Parameters
    ----------
    folder
        The cluster's folder.
    worker
        Id of a worker's job; None for the scheduler.
    lines
        Lines at most.
    after
        ``cursor`` of an earlier part. It is ignored if it belongs to another log.
    start
        Which start of the scheduler, from 1; None for the newest that wrote something.

    Raises
    ------
    ClusterNotFound
        There is no such log.
    SpecError
        The number of lines or the cursor is not valid.
    """
    _check_lines(lines)
    starts = scheduler_starts(folder) if worker is None else ()
    chosen = _chosen(starts, start)
    path = folder.logs / (_worker_log(folder, worker) if chosen is None else chosen.source)
    part = read_part(path, lines, after)
    return part if chosen is None else replace(part, start=chosen.number, starts=starts)


def read_part(path: Path, lines: int, after: str | None) -> LogPart:
    """Return the end of a file, or what was added to it; parameters and `SpecError` are those of `read_log`."""
    _check_lines(lines)
    begin = _offset(after, path.name)
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if begin is None or begin > size:
            begin = max(0, size - MOST_BYTES)
        begin = _behind_hole(file, begin, size)
        file.seek(begin)
        content = file.read(MOST_BYTES)
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    # A hole reads as zeros; its last ones share a block with the text.
    text = decoder.decode(content.replace(b"\0", b""))
    # A character that is only partly written belongs to the next part.
    end = begin + len(content) - len(decoder.getstate()[0])
    if after is None:
        text = "".join(text.splitlines(keepends=True)[-lines:])
    return LogPart(text, f"{path.name}:{end}", path.name)


def _check_lines(lines: int) -> None:
    if not 1 <= lines <= MOST_LINES:
        raise SpecError(f"lines: a number from 1 to {MOST_LINES} is allowed, not {lines}.")


def _behind_hole(file: BinaryIO, begin: int, size: int) -> int:
    """Return where there is something to read at or after a position."""
    with suppress(OSError):
        begin = os.lseek(file.fileno(), begin, os.SEEK_DATA)
    file.seek(begin)
    if file.read(HOLE) == bytes(HOLE):
        # The file system does not know holes.
        return max(begin, size - MOST_BYTES)
    return begin


def _chosen(starts: Sequence[SchedulerStart], wanted: int | None) -> SchedulerStart | None:
    if wanted is not None:
        if not 1 <= wanted <= len(starts):
            raise ClusterNotFound(
                f"The scheduler has no log of start {wanted}: {count(len(starts), 'start')} left a log."
            )
        return starts[wanted - 1]
    # A start that gives up writes nothing.
    return next((start for start in reversed(starts) if start.size), starts[-1] if starts else None)


def _worker_log(folder: ClusterFolder, worker: str | None) -> str:
    if worker is None:
        raise ClusterNotFound("The scheduler has no log: it has not started yet, or its log was removed.")
    if not re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,9}", worker):
        raise ClusterNotFound(f"{worker!r} is not the id of a worker's job; an id looks like 123.0.")
    name = f"worker-{worker}.out"
    if not (folder.logs / name).exists():
        raise ClusterNotFound(f"The worker {worker} has no log: it has not started yet, or its log was removed.")
    return name


def _offset(cursor: str | None, name: str) -> int | None:
    if cursor is None:
        return None
    source, _, offset = cursor.rpartition(":")
    if not re.fullmatch(r"[0-9]{1,15}", offset):
        raise SpecError(f"{cursor!r} is not a cursor of a log; use the cursor of an earlier answer.")
    return int(offset) if source == name else None
