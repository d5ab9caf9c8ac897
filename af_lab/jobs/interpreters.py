"""The Python of a cluster, found by its path."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["interpreter_at", "is_own"]


def interpreter_at(path: str) -> str:
    """Return the interpreter at a path, which may be the folder of an environment.

    Raises
    ------
    ValueError
        There is no Python at the path.
    """
    if not path.isprintable():
        raise ValueError("a path must not contain control characters")
    try:
        found = Path(path).expanduser().absolute()
        if found.is_dir():
            found = found / "bin" / "python"
        runs = os.access(found, os.X_OK) and not found.is_dir()
    except (OSError, RuntimeError) as error:
        # The home of an unknown user, a name that is too long, a folder without read permission.
        raise ValueError(f"there is no Python at {path!r}: {error}") from None
    if not runs:
        raise ValueError(f"there is no Python at {path!r}")
    # python, python3 and python3.12 of one environment are the same to a user.
    plain = found.with_name("python")
    return str(plain if plain.exists() and plain.samefile(found) else found)


def is_own(path: str) -> bool:
    """Return whether a path is this process's interpreter, by any of the names that it has in its folder."""
    return path in (sys.executable, interpreter_at(sys.executable))
