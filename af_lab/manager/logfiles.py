"""The logs in a cluster's folder, read from their end."""

from __future__ import annotations

import codecs
import os
import re
from dataclasses import dataclass
from pathlib import Path

from af_lab.errors import ClusterNotFound, SpecError
from af_lab.model.folder import ClusterFolder

__all__ = ["MOST_LINES", "LogPart", "read_log"]

MOST_BYTES = 1 << 20  # of one answer
MOST_LINES = 100_000  # of one answer


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
    """

    text: str
    cursor: str
    source: str


def read_log(folder: ClusterFolder, worker: str | None, lines: int, after: str | None) -> LogPart:
    """Return the end of a log.

    Parameters
    ----------
    folder
        The cluster's folder.
    worker
        Id of a worker's job; None for the newest start of the scheduler that wrote something.
    lines
        Lines at most.
    after
        ``cursor`` of an earlier part. It is ignored if it belongs to a log that is no longer the newest.

    Raises
    ------
    ClusterNotFound
        There is no such log.
    SpecError
        The number of lines or the cursor is not valid.
    """
    if not 1 <= lines <= MOST_LINES:
        raise SpecError(f"lines: a number from 1 to {MOST_LINES} is allowed, not {lines}.")
    path = _path(folder, worker)
    begin = _offset(after, path.name)
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if begin is None or begin > size:
            begin = max(0, size - MOST_BYTES)
        file.seek(begin)
        content = file.read(MOST_BYTES)
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    text = decoder.decode(content)
    # A character that is only partly written belongs to the next part.
    end = begin + len(content) - len(decoder.getstate()[0])
    if after is None:
        text = "".join(text.splitlines(keepends=True)[-lines:])
    return LogPart(text, f"{path.name}:{end}", path.name)


def _path(folder: ClusterFolder, worker: str | None) -> Path:
    if worker is None:
        # A start that gives up writes nothing. If none wrote anything, only the shell can have done so.
        found = (folder.scheduler_logs() or [folder.logs / "scheduler.out"])[-1]
    else:
        if not re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,9}", worker):
            raise ClusterNotFound(f"{worker!r} is not the id of a worker's job; an id looks like 123.0.")
        found = folder.logs / f"worker-{worker}.out"
    if not found.exists():
        what = "The scheduler" if worker is None else f"The worker {worker}"
        raise ClusterNotFound(f"{what} has no log: it has not started yet, or its log was removed.")
    return found


def _offset(cursor: str | None, name: str) -> int | None:
    if cursor is None:
        return None
    source, _, offset = cursor.rpartition(":")
    if not re.fullmatch(r"[0-9]{1,15}", offset):
        raise SpecError(f"{cursor!r} is not a cursor of a log; use the cursor of an earlier answer.")
    return int(offset) if source == name else None
