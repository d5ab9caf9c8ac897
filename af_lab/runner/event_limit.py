"""A limit for HTCondor's event log of a cluster.

HTCondor appends to the log, and may have it open at any time: it can be neither renamed nor written anew. So what a
later start of the runner needs of the oldest events, those of the jobs that still exist, is kept in a file beside it,
and the beginning of the log becomes a hole, which takes no space on the disk. `af_lab.model.past_events` reads both.
"""

from __future__ import annotations

import ctypes
import errno
import logging
import os
from collections.abc import Iterable
from pathlib import Path

from af_lab.condor.eventlog import GONE, EventKind, JobEvent, parse
from af_lab.condor.job import JobId
from af_lab.model.folder import ClusterFolder, write_private
from af_lab.model.past_events import END, begin_of_log, kept_header
from af_lab.wording import size

__all__ = ["shorten_events", "worth_keeping"]

logger = logging.getLogger("af_lab.runner")

KEPT = 0.5  # of the limit, after the log reached it
PUNCH_HOLE = 0x01 | 0x02  # FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE
NO_HOLES = (errno.EOPNOTSUPP, errno.ENOSYS)


def shorten_events(folder: ClusterFolder, limit: int) -> None:
    """Remove the oldest events of a cluster's log if it has more bytes than the limit.

    It may be interrupted at any moment: the kept events name the place in the log from which on it is read.

    Raises
    ------
    OSError
        A file cannot be read or written.
    """
    begin = begin_of_log(folder.kept_events)
    try:
        with folder.events.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            if end - begin <= limit:
                return
            log.seek(begin)
            old = log.read(end - begin - int(KEPT * limit))
    except FileNotFoundError:
        return
    old = old[: old.rfind(END) + len(END)] if END in old else b""
    if not old:
        return
    text = _kept_text(folder.kept_events) + old.decode(errors="replace")
    write_private(folder.kept_events, (kept_header(begin + len(old)) + worth_keeping(text)).encode())
    if _punch(folder.events, begin + len(old)):
        logger.info("the event log is longer than %s: its beginning goes", size(limit))
    else:
        logger.warning("the event log grows beyond %s: its file system cannot make holes", size(limit))


def worth_keeping(text: str) -> str:
    """Return the events of a log that matter later: of jobs that exist, all but how large they were."""
    blocks = [(parse(block + "\n...\n"), block) for block in text.split("\n...\n")[:-1]]
    gone = _gone(event for events, _ in blocks for event in events)
    return "".join(
        f"{block.lstrip(chr(10))}\n...\n"
        for events, block in blocks
        if any(event.job not in gone and event.kind != EventKind.IMAGE_SIZE for event in events)
    )


def _gone(events: Iterable[JobEvent]) -> set[JobId]:
    return {event.job for event in events if event.kind in GONE}


def _kept_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").partition("\n")[2]
    except FileNotFoundError:
        return ""


def _punch(path: Path, length: int) -> bool:
    """Make a hole at the beginning of a file; return False if its file system has none."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        if libc.fallocate(descriptor, PUNCH_HOLE, ctypes.c_int64(0), ctypes.c_int64(length)) != 0:
            code = ctypes.get_errno()
            if code not in NO_HOLES:
                raise OSError(code, os.strerror(code), str(path))
            return False
        return True
    finally:
        os.close(descriptor)
