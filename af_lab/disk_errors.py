"""What cannot be written: an error of the operating system becomes one sentence that names the folder."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from af_lab.errors import StorageError

__all__ = ["as_storage_error", "check_room", "is_full", "storage_errors"]

ROOM = 1 << 20  # bytes; what a cluster or a pool needs at least for its start

FULL = {errno.ENOSPC: "The disk of {} is full", errno.EDQUOT: "Your quota for {} is used up"}
# What else may be wrong with a folder, and is not a fault of af_lab.
UNUSABLE = (errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE, errno.ENOTDIR, errno.EFBIG)


def is_full(error: BaseException) -> bool:
    """Return whether something could not be written because there is no space left."""
    return isinstance(error, OSError) and error.errno in FULL


def as_storage_error(error: OSError, folder: Path | None = None) -> StorageError | None:
    """Return the error for the user if a folder is full or cannot be used; None for any other error.

    Parameters
    ----------
    error
        The error of the operating system.
    folder
        What was written to; by default the folder of the file that the error names.
    """
    if folder is None:
        named = error.filename if isinstance(error.filename, str) else None
        folder = Path(named).parent if named else None
    where = "the files" if folder is None else str(folder)
    if full := FULL.get(error.errno or 0):
        return StorageError(full.format(where), "remove what you do not need there, then try again")
    if error.errno == errno.ENOENT and error.filename is None:
        # That of `tempfile`, which tries to write to each of them.
        return StorageError(f"{error.strerror}", "remove what you do not need in one of them, then try again")
    if error.errno in UNUSABLE:
        return StorageError(f"{where} cannot be written ({error.strerror})", "mend this, or use another folder")
    return None


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn errors of the operating system into `StorageError` for all that is written to a folder.

    Raises
    ------
    StorageError
        The folder is full, or cannot be used.
    """
    try:
        yield
    except OSError as error:
        if told := as_storage_error(error, folder):
            raise told from error
        raise


def check_room(folder: Path) -> None:
    """Check that a file of `ROOM` bytes can be written to a folder.

    Raises
    ------
    StorageError
        It cannot.
    """
    with storage_errors(folder), tempfile.NamedTemporaryFile(dir=folder, prefix=".af-lab-room-") as file:
        file.write(bytes(ROOM))
        file.flush()
