"""The logs of a batch's tasks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from af_lab.errors import BatchNotFound
from af_lab.home import af_lab_home
from af_lab.manager.logfiles import LogPart, read_part
from af_lab.runs.batch_folder import find_batch

__all__ = ["FailedTask", "task_log", "task_log_part"]


class FailedTask(NamedTuple):
    """A task of which calls have no result.

    Attributes
    ----------
    task
        Its submission and its number in it: ``0.17``.
    calls
        The calls without a result.
    words
        Why, in words.
    """

    task: str
    calls: int
    words: str


def task_log(name: str, task: str) -> str:
    """Return what the last job of a task has written.

    Raises
    ------
    BatchNotFound
        There is no such batch, or no such log.
    """
    return _log_of(name, task).read_text(encoding="utf-8", errors="replace")


def task_log_part(name: str, task: str, lines: int, after: str | None) -> LogPart:
    """Return the end of what the last job of a task has written.

    Parameters
    ----------
    name
        The batch.
    task
        Its submission and its number in it: ``0.17``.
    lines
        Lines at most.
    after
        ``cursor`` of an earlier part; only what was written since is returned.

    Raises
    ------
    BatchNotFound
        There is no such batch, or no such log.
    SpecError
        The number of lines or the cursor is not valid.
    """
    return read_part(_log_of(name, task), lines, after)


def _log_of(name: str, task: str) -> Path:
    folder = find_batch(af_lab_home(), name)
    found = re.fullmatch(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})", task)
    log = folder.log(int(found[1]), int(found[2])) if found else None
    if log is None or not log.is_file():
        raise BatchNotFound(f"The batch {name!r} has no log of a task {task!r}; an id looks like 0.17.")
    return log
