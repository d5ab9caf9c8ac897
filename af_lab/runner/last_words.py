"""The last words of a job that failed: the line at the end of its log that says why."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

__all__ = ["LOG_LINE", "end_of", "last_error", "last_words", "read_last_words"]

END = 128 * 1024  # bytes of a log that are read; a crash of ROOT has the stacks of all threads, 50 KB and more
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
# ROOT prints this, and then the stacks of all threads; what it says before is the error.
CRASH = "There was a crash."
RULE = "=" * 50
ERROR = re.compile(r"\b(error|fatal|cannot|can't|not found|no such)\b|^\s*what\(\): ", re.IGNORECASE)
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
    errors, others = _sorted(COLOUR.sub("", log).splitlines())
    return _last([*others, *errors])


def last_error(log: str) -> str:
    """Return the last line of a part of a log that reports an error, as `last_words` does; "" if none does."""
    return _last(_sorted(COLOUR.sub("", log).splitlines())[0])


def read_last_words(logs: Iterable[Path]) -> list[str]:
    """Return the last words in each log; "" for one that cannot be read."""
    return [last_words(end_of(log)) for log in logs]


def end_of(log: Path) -> str:
    """Return the end of a log as text; "" for one that cannot be read."""
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - END))
        return file.read(END).decode(errors="replace")
    return ""


def _last(lines: Sequence[str]) -> str:
    return next((words for words in map(_plain, reversed(lines)) if words), "")


def _sorted(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the lines that report an error, and those that are not messages about ordinary work."""
    errors: list[str] = []
    others: list[str] = []
    in_traceback = False
    for line in _without_stacks(lines):
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
    return errors, others


def _without_stacks(lines: Iterable[str]) -> Iterator[str]:
    """Leave out what ROOT prints after a crash: the stacks of all threads, with errors of the debugger itself."""
    in_stacks = False
    for line in lines:
        if line.strip() == CRASH:
            in_stacks = True
        elif LOG_LINE.match(line):
            in_stacks = False
        if not in_stacks and not line.startswith(RULE):
            yield line


def _plain(line: str) -> str:
    words = " ".join("".join(filter(lambda letter: letter.isprintable() or letter.isspace(), line)).split())
    if EMPTY_WORDS.match(words):
        return ""
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."
