"""A lock that only one process at a time can hold."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from af_lab.errors import PlaygroundError

__all__ = ["locked"]

_PAUSE = 0.1


@contextmanager
def locked(path: Path, limit: float, doing: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock of a file, which is released when the process ends.

    Parameters
    ----------
    path
        The file; created if it does not exist.
    limit
        Seconds to wait for another process.
    doing
        What the other process is doing, for the error message.
    waiting
        Called once when the lock is not free.

    Raises
    ------
    PlaygroundError
        The limit has passed, or the file cannot be opened.
    """
    begun = time.monotonic()
    told = False
    try:
        opened = path.open("w")
    except OSError as error:
        raise PlaygroundError(f"{path} cannot be written: {error.strerror}.") from None
    with opened as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() - begun > limit:
                    raise PlaygroundError(
                        f"Another process has been {doing} for {limit:.0f} s. End that process and try again."
                    ) from None
            if not told:
                waiting()
                told = True
            time.sleep(_PAUSE)
        yield
