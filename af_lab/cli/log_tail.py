"""Showing a log while it is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from af_lab.errors import ClusterNotFound
from af_lab.manager.logfiles import LogPart, read_log
from af_lab.manager.manager import ClusterManager
from af_lab.model.folder import ClusterFolder
from af_lab.model.standstill import standstill

__all__ = ["follow", "which_start"]

LOOK = 0.5  # seconds between two looks at the log
ASK = 15.0  # seconds between two checks whether the cluster still exists


async def follow(
    manager: ClusterManager,
    name: str,
    worker: str | None,
    lines: int,
    write: Callable[[str], None],
    start: int | None = None,
) -> str:
    """Write the end of a log, and what is added to it as long as the cluster exists.

    Parameters
    ----------
    manager
        Reads the log and the state of the cluster.
    name
        The cluster.
    worker
        Id of a worker's job; None for the scheduler.
    lines
        Lines to begin with.
    write
        Gets each piece of the log.
    start
        Which start of the scheduler; None for the newest at any moment.

    Returns
    -------
    Why the cluster writes no more, in words.

    Raises
    ------
    ClusterNotFound
        The cluster or the log does not exist.
    """
    part = await manager.logs(name, worker, lines, start=start)
    write(part.text)
    try:
        folder = await manager.folder(name)
        while (over := await _over(manager, name)) is None:
            until = time.monotonic() + ASK
            while time.monotonic() < until:
                part = await _written_since(part, folder, worker, lines, write, start)
                await asyncio.sleep(LOOK)
        await _written_since(part, folder, worker, lines, write, start)
    except ClusterNotFound as error:
        return str(error)
    return over


def which_start(part: LogPart) -> str:
    """Return which of several starts of a scheduler wrote a log, and how the others are shown."""
    earlier = part.starts[0] if part.start != 1 else part.starts[-1]
    return (
        f"This is the log of start {part.start} of {len(part.starts)}; "
        f"--start {earlier.number} shows that of another one."
    )


async def _over(manager: ClusterManager, name: str) -> str | None:
    return standstill(await manager.get(name))


async def _written_since(
    part: LogPart,
    folder: ClusterFolder,
    worker: str | None,
    lines: int,
    write: Callable[[str], None],
    start: int | None,
) -> LogPart:
    while True:
        part = await asyncio.to_thread(read_log, folder, worker, lines, part.cursor, start)
        if not part.text:
            return part
        write(part.text)
