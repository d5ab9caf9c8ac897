"""The lock that a running condor_master holds on a file of its pool.

The kernel answers who holds it to everybody who may open the file, whereas what ``/proc`` tells of a process is hidden
from other users, and from other user namespaces of the same user.
"""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path

__all__ = ["holder"]

_FLOCK = "hhqqi0q"  # struct flock of 64-bit Linux: type, whence, start, length, process


def holder(path: Path) -> int | None:
    """Return the process that holds a lock on a file: 0 if it is hidden in a container, None if there is no such.

    Raises
    ------
    OSError
        The file cannot be opened, or its file system has no locks.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        found = fcntl.fcntl(descriptor, fcntl.F_GETLK, asked)
    finally:
        os.close(descriptor)
    kind, _, _, _, pid = struct.unpack(_FLOCK, found)
    return None if kind == fcntl.F_UNLCK else max(0, pid)
