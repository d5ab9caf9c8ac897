"""Check that a folder can hold a pool: homes on network and FUSE file systems often cannot."""

from __future__ import annotations

import fcntl
import subprocess
import tempfile
from pathlib import Path

from af_lab.disk_errors import as_storage_error, is_full
from af_lab.errors import PlaygroundError
from af_lab.home import af_lab_home

__all__ = ["check_storage", "remedy", "storage_problem"]

_RUN_LIMIT = 30.0  # seconds for a program that does nothing


def check_storage(folder: Path) -> None:
    """Check a folder for a pool or for HTCondor's programs; create nothing that stays.

    Raises
    ------
    PlaygroundError
        The folder cannot hold them; the message says why, and how to choose another.
    """
    if problem := storage_problem(folder):
        raise PlaygroundError(f"{problem}. {remedy(folder)}")


def storage_problem(folder: Path) -> str | None:
    """Return why a folder, or the one where it would be created, cannot hold a pool; None if it can.

    What was written is looked at, because some file systems accept every mode and ignore it.
    """
    try:
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        with tempfile.TemporaryDirectory(prefix=".af-lab-check-", dir=existing) as trial:
            return _problem_in(Path(trial), folder)
    except OSError as error:
        if is_full(error) and (told := as_storage_error(error, folder)):
            return told.what
        return f"{folder} cannot be written: {error.strerror}"


def remedy(folder: Path) -> str:
    """Return how to choose another folder."""
    variable = "AF_LAB_HOME" if folder.is_relative_to(af_lab_home()) else "TMPDIR"
    return f"Set {variable} to a folder of your own on a local disk, for example: export {variable}=/var/tmp/$USER"


def _problem_in(trial: Path, folder: Path) -> str | None:
    program = trial / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    mode = (trial.stat().st_mode | program.stat().st_mode) & 0o077
    if mode:
        return f"Other users can read what is written to {folder}, because chmod has no effect there"
    try:
        subprocess.run([program], timeout=_RUN_LIMIT, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return f"Programs cannot be run from {folder} ({reason}; it may be mounted with the option noexec)"
    with program.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return f"Files in {folder} cannot be locked ({error.strerror})"
    return None
