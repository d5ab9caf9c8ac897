"""The last words of a job that failed: the line at the end of its log that says why."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

__all__ = ["last_words", "read_last_words"]

END = 16 * 1024  # bytes of a log that are read; a chain of tracebacks of Dask's nanny has 4 KB
LONGEST = 200  # characters

TRACEBACK = "Traceback (most recent call last):"
# What Dask and Python say after the error itself.
EMPTY_WORDS = re.compile(
    r"(RuntimeError: )?(Nanny|Worker) failed to start\.?$"
    r"|(SystemExit|KeyboardInterrupt|(asyncio\.exceptions\.|concurrent\.futures\._base\.)?CancelledError)\b"
)
# Of workers with dashes, of schedulers without.
LOG_LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*(?: - | )(?P<logger>\S+)(?: - | )(?P<level>[A-Z]+)(?: - | )(?P<text>.*)"
)
ERROR = re.compile(r"\b(error|fatal|cannot|can't|not found|no such)\b", re.IGNORECASE)
# ESC [ ... letter, as programs colour their output.
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def last_words(log: str) -> str:
    """Return the line at the end of a log that says best why its job failed; "" if there is none.

    It is the last line of the last traceback, or a later line that reports an error; otherwise the last line that is
    not a message about ordinary work.

    Returns
    -------
    Printable characters, at most `LONGEST`.
    """
    errors: list[str] = []
    others: list[str] = []
    in_traceback = False
    for line in COLOUR.sub("", log).splitlines():
        if line.strip() == TRACEBACK:
            in_traceback = True
        elif in_traceback:
            # The frames are indented.
            if line and not line[0].isspace():
                in_traceback = False
                errors.append(line)
        elif (logged := LOG_LINE.match(line)) is None:
            (errors if ERROR.search(line) else others).append(line)
        elif logged["level"] in ("ERROR", "CRITICAL"):
            errors.append(logged["text"])
    return next((words for words in map(_plain, [*reversed(errors), *reversed(others)]) if words), "")


def read_last_words(logs: Iterable[Path]) -> list[str]:
    """Return the last words in each log; "" for one that cannot be read."""
    return [last_words(_end(log)) for log in logs]


def _plain(line: str) -> str:
    words = " ".join("".join(filter(lambda letter: letter.isprintable() or letter.isspace(), line)).split())
    if EMPTY_WORDS.match(words):
        return ""
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."


def _end(log: Path) -> str:
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - END))
        return file.read(END).decode(errors="replace")
    return ""
