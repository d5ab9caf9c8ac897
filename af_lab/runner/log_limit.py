"""A limit for the logs of a cluster.

The file of a worker's log is written by HTCondor's shadow, on this machine, at the positions that the job's starter
counts. So it can be neither renamed nor shortened; the beginning of a long one becomes a hole, which takes no space on
the disk. `af_lab.manager.logfiles` reads behind the hole.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from dask.utils import parse_bytes

from af_lab import config
from af_lab.condor.job import JobId
from af_lab.model.folder import ClusterFolder
from af_lab.runner.event_limit import shorten_events
from af_lab.wording import size

__all__ = ["LogFile", "LogLimit", "cut", "keep_logs_short", "to_remove"]

logger = logging.getLogger("af_lab.runner")

EVERY = 5.0  # seconds between two looks at the logs
KEPT = 0.5  # of the limit, after a log reached it
BLOCK = 512  # bytes, the unit of `st_blocks`


@dataclass(frozen=True)
class LogFile:
    """A log in the folder of a cluster.

    Attributes
    ----------
    size
        Bytes, with those that were removed from its beginning.
    on_disk
        Bytes that it takes on the disk.
    written
        When it was written last, in seconds since the epoch.
    """

    path: Path
    size: int
    on_disk: int
    written: float


async def keep_logs_short(folder: ClusterFolder, running: Callable[[], Iterable[JobId]]) -> None:
    """Keep the logs of a cluster below their limits.

    Parameters
    ----------
    folder
        The cluster's folder.
    running
        Returns the worker jobs in the queue; their logs are never removed.
    """
    limit = LogLimit(parse_bytes(config.get("logs.each")), parse_bytes(config.get("logs.cluster")))
    told = ""
    while True:
        used = {f"worker-{id_}.out" for id_ in running()} | {f"scheduler-{os.getpid()}.log", "scheduler.out"}
        try:
            await asyncio.to_thread(limit.apply, folder.logs, used)
            await asyncio.to_thread(shorten_events, folder, limit.each)
        except OSError as error:
            # A full disk or a slow file system may recover.
            if str(error) != told:
                logger.warning("the logs of this cluster could not be kept short: %s", error)
            told = str(error)
        await asyncio.sleep(EVERY)


class LogLimit:
    """The limits of the logs of one cluster.

    Parameters
    ----------
    each
        Bytes of one log.
    together
        Bytes of all logs.
    """

    def __init__(self, each: int, together: int) -> None:
        self.each = each
        self._together = together
        # Where the text begins in logs that were cut.
        self._begins: dict[Path, int] = {}

    def apply(self, logs: Path, used: Collection[str]) -> None:
        """Cut the logs in a folder that are too long, and remove the oldest of those that are not in use."""
        files = _look(logs)
        self._begins = {file.path: self._begins.get(file.path, 0) for file in files}
        for file in files:
            if file.size < self._begins[file.path]:
                # The job began again, and HTCondor emptied its log.
                self._begins[file.path] = 0
            if file.size - self._begins[file.path] > self.each:
                self._begins[file.path] = self._cut(file)
        for file in to_remove(files, used, self._together):
            file.path.unlink(missing_ok=True)

    def _cut(self, file: LogFile) -> int:
        begin = _beginning(file.path)
        if file.size - begin <= self.each:
            # An earlier start of this program has cut it.
            return begin
        logger.info("the log %s is longer than %s: its beginning goes", file.path.name, size(self.each))
        return cut(file.path, int(KEPT * self.each), size(self.each))


def to_remove(files: Iterable[LogFile], used: Collection[str], together: int) -> list[LogFile]:
    """Return the logs to remove, so that the others take no more than `together` bytes.

    Parameters
    ----------
    files
        All logs of a cluster.
    used
        Names of those that stay.
    together
        Bytes on the disk.
    """
    found = sorted(files, key=lambda file: file.written)
    excess, removed = sum(file.on_disk for file in found) - together, []
    for file in found:
        if excess > 0 and file.path.name not in used:
            removed.append(file)
            excess -= file.on_disk
    return removed


def cut(path: Path, kept: int, limit: str) -> int:
    """Replace the beginning of a log by a hole; its end keeps its position, and others may write there meanwhile.

    Parameters
    ----------
    path
        The log.
    kept
        Bytes at its end that stay.
    limit
        The limit that it exceeds, in words; a line in the place of the removed ones names it.

    Returns
    -------
    Where the text begins now.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        before = os.fstat(descriptor)
        end = before.st_size
        begin = max(0, end - kept)
        text = os.pread(descriptor, kept, begin)
        # Whole lines only.
        begin, text = begin + text.find(b"\n") + 1, text[text.find(b"\n") + 1 :]
        note = (
            f"[af_lab removed the first {size(begin)} of this log, which had more than {limit}: logs.each]\n".encode()
        )
        while more := os.pread(descriptor, kept, begin + len(text)):
            text += more
        # What is written between the next two lines is lost; nothing else can be done on every file system.
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, note + text, begin - len(note))
        # Which of several logs is the newest is seen by their times.
        os.utime(descriptor, ns=(before.st_atime_ns, before.st_mtime_ns))
    finally:
        os.close(descriptor)
    return begin - len(note)


def _look(logs: Path) -> list[LogFile]:
    found = []
    with os.scandir(logs) as entries:
        for entry in entries:
            if entry.name.startswith(("worker-", "scheduler")) and entry.is_file(follow_symlinks=False):
                at = entry.stat(follow_symlinks=False)
                found.append(LogFile(Path(entry.path), at.st_size, BLOCK * at.st_blocks, at.st_mtime))
    return found


def _beginning(path: Path) -> int:
    """Return where the text of a log begins; 0 on a file system that does not know holes."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.lseek(descriptor, 0, os.SEEK_DATA)
    except OSError:
        # There is no text, or the file system cannot say.
        return 0
    finally:
        os.close(descriptor)
