"""Values of a specification as users write them: sizes, durations, folders."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

from dask.utils import parse_bytes
from pydantic import BeforeValidator, Field

from af_lab import config

__all__ = ["Bytes", "Seconds", "existing_folder", "idle_timeout", "with_home", "working_directory"]

# "~name" is the home of another user, if there is one of that name.
ABBREVIATED_HOME = re.compile(r"(?:^|(?<=:))(?:~[A-Za-z0-9_.-]*|\$HOME|\$\{HOME\})(?=/|:|$)")


def _bytes(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return parse_bytes(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{value!r} is not a size; write '2 GB', '500 MiB' or a number of bytes") from None


def _seconds(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("write '2 h', '30 min' or a number of seconds")
    if not isinstance(value, str):
        return value
    try:
        return config.duration(value)
    except OverflowError:
        raise ValueError(f"{value!r} is too long") from None


def idle_timeout() -> float | None:
    """Return the idle timeout of the configuration, in seconds; None for never."""
    return None if config.get("cluster.idle-timeout") is None else config.seconds("cluster.idle-timeout")


def working_directory() -> str:
    """Return the folder that this process is in."""
    try:
        return os.getcwd()
    except OSError:
        # It was removed while the process was in it.
        return os.path.expanduser("~")


def existing_folder(value: str) -> str:
    """Return the absolute path of a folder that exists; raises ValueError otherwise."""
    if not value.isprintable():
        raise ValueError("a path must not contain control characters")
    try:
        # Not resolved: the name that the user sees may be the one that other machines know.
        found = Path(value).expanduser().absolute()
        exists = found.is_dir() and os.access(found, os.X_OK)
    except (OSError, RuntimeError) as error:
        raise ValueError(f"this is not a folder: {error}") from None
    if not exists:
        raise ValueError("there is no such folder, or you may not enter it")
    return str(found)


def with_home(value: str) -> str:
    """Return the value of an environment variable with the home folder in the place of its abbreviations.

    No shell reads these values. ``~``, ``$HOME`` and ``${HOME}`` count only where a path begins: at the beginning of
    the value and after a colon. All else is taken literally.

    Raises
    ------
    ValueError
        The home folder is not known.
    """
    return ABBREVIATED_HOME.sub(_home, value)


def _home(found: re.Match[str]) -> str:
    word = "~" if found[0].startswith("$") else found[0]
    home = os.path.expanduser(word)
    if home == "~":
        raise ValueError("your home folder is not known here; write the whole path instead of '~' or '$HOME'")
    return home


Bytes = Annotated[int, BeforeValidator(_bytes)]
Seconds = Annotated[float, BeforeValidator(_seconds), Field(ge=1, le=10 * 365 * 86_400, strict=False)]
