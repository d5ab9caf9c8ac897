"""The files of a submission's calls: those of many tasks stand in one file, because each file takes its time.

Each file begins with a table: where the calls of each task begin, and where the last ones end, as numbers of 8 bytes.
One further file has a byte for each task, which says whether it was cancelled. A file of calls never changes once its
submission has a record, and a byte is written at once, so that a process may be killed at any moment.

The program of the jobs reads these files as well (`af_lab.runs.task_program`).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from af_lab.runs.task_program import CANCELLED, OFFSET, private

__all__ = ["is_marked", "mark", "marked", "read_calls", "tasks_in_a_file", "write_calls", "write_marks"]

# HTCondor transfers a whole file to each job where the file system is not shared.
MOST_BYTES = 250_000
MOST_TASKS = 1_000


def tasks_in_a_file(sizes: Iterable[int]) -> int:
    """Return how many tasks share a file if their calls have these sizes in bytes."""
    return max(1, min(MOST_TASKS, MOST_BYTES // max(1, *sizes, 1)))


def write_calls(path: Path, tasks: Sequence[bytes]) -> None:
    """Write the calls of some tasks into a new file."""
    first = (len(tasks) + 1) * OFFSET.size
    begins = accumulate(map(len, tasks), initial=first)
    with open(path, "wb", opener=private) as file:
        file.write(b"".join(map(OFFSET.pack, begins)))
        file.writelines(tasks)


def read_calls(path: Path, place: int) -> bytes:
    """Return the calls of the task that has this place in a file; raises `FileNotFoundError` if the batch is gone."""
    with path.open("rb") as file:
        file.seek(place * OFFSET.size)
        begin, end = struct.unpack("<2Q", file.read(2 * OFFSET.size))
        file.seek(begin)
        return file.read(end - begin)


def write_marks(path: Path, tasks: int) -> None:
    """Write that none of so many tasks was cancelled."""
    with open(path, "wb", opener=private) as file:
        file.write(bytes(tasks))


def mark(path: Path, tasks: Iterable[int]) -> None:
    """Write that some tasks were cancelled."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        for task in tasks:
            os.pwrite(descriptor, CANCELLED, task)
    finally:
        os.close(descriptor)


def is_marked(path: Path, task: int) -> bool:
    """Return whether a task was cancelled; False if the batch was removed."""
    try:
        with path.open("rb") as file:
            file.seek(task)
            return file.read(1) == CANCELLED
    except FileNotFoundError:
        return False


def marked(path: Path) -> Iterator[int]:
    """Yield the tasks that were cancelled; none if the batch was removed."""
    try:
        marks = path.read_bytes()
    except FileNotFoundError:
        return
    yield from (task for task, byte in enumerate(marks) if byte == CANCELLED[0])
