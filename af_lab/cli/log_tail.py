"""Showing a log while it is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from af_lab.errors import ClusterNotFound
from af_lab.manager.logfiles import LogPart, read_log
from af_lab.manager.manager import ClusterManager
from af_lab.model.folder import ClusterFolder

__all__ = ["follow"]

LOOK = 0.5  # seconds between two looks at the log
ASK = 15.0  # seconds between two checks whether the cluster still exists


async def follow(
    manager: ClusterManager, name: str, worker: str | None, lines: int, write: Callable[[str], None]
) -> str:
    """Write the end of a log, and what is added to it as long as the cluster exists.

    Parameters
    ----------
    manager
        Reads the log and the state of the cluster.
    name
        The cluster.
    worker
        Id of a worker's job; None for the scheduler, whose newest log is always shown.
    lines
        Lines to begin with.
    write
        Gets each piece of the log.

    Returns
    -------
    How the cluster ended, in words.

    Raises
    ------
    ClusterNotFound
        The cluster or the log does not exist.
    """
    part = await manager.logs(name, worker, lines)
    write(part.text)
    try:
        folder = await manager.folder(name)
        while (over := await _over(manager, name)) is None:
            until = time.monotonic() + ASK
            while time.monotonic() < until:
                part = await _written_since(part, folder, worker, lines, write)
                await asyncio.sleep(LOOK)
        await _written_since(part, folder, worker, lines, write)
    except ClusterNotFound as error:
        return str(error)
    return over


async def _over(manager: ClusterManager, name: str) -> str | None:
    info = await manager.get(name)
    if info.exists and info.state != "failed":
        return None
    what = "failed" if info.state == "failed" else "ended"
    return f"The cluster {name!r} has {what}: {info.reason or 'it gave no reason'}"


async def _written_since(
    part: LogPart, folder: ClusterFolder, worker: str | None, lines: int, write: Callable[[str], None]
) -> LogPart:
    while True:
        part = await asyncio.to_thread(read_log, folder, worker, lines, part.cursor)
        if not part.text:
            return part
        write(part.text)
