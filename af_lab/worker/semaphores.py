"""The semaphores of a job, by names that say whose they are: those of a killed job go when the next one starts.

Dask's workers share semaphores with the process that starts them. Python removes their names when that process ends,
but not if all processes of a job are killed, as HTCondor does. The memory of the machine keeps them until it restarts.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["SHARED_MEMORY", "name_semaphores"]

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where the C library keeps semaphores
PREFIX = "af-lab-job-"
# What `tempfile` adds to a prefix.
LOCK = re.compile(rf"{PREFIX}[a-z0-9_]+")


def name_semaphores(shared_memory: Path = SHARED_MEMORY) -> int | None:
    """Give the semaphores of this process and its children a name of their own; remove those of jobs that are dead.

    Returns
    -------
    The descriptor of a file that is locked as long as this process lives, or None if there is no folder for it. A lock,
    not a process id: jobs in containers may share the folder, but not the ids.
    """
    with suppress(OSError):
        _remove_dead(shared_memory)
        # The loop ends: only a job that looked in the same instant can have taken the file for a dead one's.
        while True:
            descriptor, path = tempfile.mkstemp(prefix=PREFIX, dir=shared_memory)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                break
            os.close(descriptor)
        # `multiprocessing.synchronize` makes names of it; children inherit it.
        multiprocessing.current_process()._config["semprefix"] = f"/{Path(path).name}"  # type: ignore[attr-defined]
        return descriptor
    return None


def _remove_dead(shared_memory: Path) -> None:
    for lock in filter(LOCK.fullmatch, os.listdir(shared_memory)):
        # Those of other users cannot be opened.
        with suppress(OSError):
            descriptor = os.open(shared_memory / lock, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for semaphore in shared_memory.glob(f"sem.{lock}-*"):
                    semaphore.unlink(missing_ok=True)
                (shared_memory / lock).unlink(missing_ok=True)
            finally:
                os.close(descriptor)
