"""The logs of a batch's tasks."""

from __future__ import annotations

import re
from typing import NamedTuple

from af_lab.errors import BatchNotFound
from af_lab.home import af_lab_home
from af_lab.runs.batch_folder import find_batch
from af_lab.runs.batch_watch import BatchWatch

__all__ = ["FailedTask", "failed_tasks", "task_log"]


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


def failed_tasks(name: str) -> list[FailedTask]:
    """Return the tasks of a batch that failed; raises `BatchNotFound`."""
    watch = BatchWatch(find_batch(af_lab_home(), name))
    watch.look()
    return [FailedTask(f"{task.submission}.{task.number}", calls, words) for task, calls, words in watch.failures()]


def task_log(name: str, task: str) -> str:
    """Return what the last job of a task has written.

    Raises
    ------
    BatchNotFound
        There is no such batch, or no such log.
    """
    folder = find_batch(af_lab_home(), name)
    found = re.fullmatch(r"([0-9]{1,9})\.([0-9]{1,9})", task)
    log = folder.log(int(found[1]), int(found[2])) if found else None
    if log is None or not log.is_file():
        raise BatchNotFound(f"The batch {name!r} has no log of a task {task!r}; an id looks like 0.17.")
    return log.read_text(encoding="utf-8", errors="replace")
