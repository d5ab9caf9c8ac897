"""A scheduler whose disk is full waits for space: it could write neither its address nor why it ended."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from af_lab.condor.description import string
from af_lab.condor.queue import Queue
from af_lab.disk_errors import check_room
from af_lab.errors import CondorError, StorageError
from af_lab.model import ads
from af_lab.model.cluster_queue import scheduler_constraint
from af_lab.model.folder import ClusterFolder

__all__ = ["wait_for_space"]

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0  # seconds between two looks at the disk
LIMIT = 3600.0  # seconds of one wait; the schedd then starts the scheduler again, which waits on


def wait_for_space(folder: ClusterFolder, queue: Queue, id_: int, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Wait until the folder of a cluster can be written, and say so in its ad meanwhile.

    Returns
    -------
    bool
        Whether it can.
    """
    deadline, pause, said = time.monotonic() + LIMIT, FIRST_PAUSE, False
    while (problem := _problem(folder)) is not None:
        if not said:
            _note(queue, id_, string(problem))
            said = True
        if time.monotonic() > deadline:
            return False
        sleep(pause)
        pause = min(1.5 * pause, LONGEST_PAUSE)
    if said:
        _note(queue, id_, "undefined")
    return True


def _problem(folder: ClusterFolder) -> str | None:
    try:
        check_room(folder.path.parent)
    except StorageError as error:
        return error.what
    return None


def _note(queue: Queue, id_: int, problem: str) -> None:
    try:
        asyncio.run(queue.edit(scheduler_constraint(id_), {ads.PROBLEM: problem}))
    except CondorError as error:
        # The schedd may be on the same disk.
        with suppress(OSError):
            print(error, file=sys.stderr, flush=True)
