"""The folder of a batch on the access point: what its jobs need, and what they gave.

Folder and queue are the only store, so a batch outlives the process that made it. Only its owner has access.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from af_lab.disk_errors import storage_errors
from af_lab.errors import BatchExists, BatchNotFound
from af_lab.model.folder import private_folder, write_private
from af_lab.model.spec import NAME_PATTERN
from af_lab.runs import call_files
from af_lab.runs.task_program import MARKS

__all__ = ["BatchFolder", "Submission", "batch_folders", "find_batch"]

NAMES = ("calls", "results", "logs")
REMOVED = ".removed-"  # prefix of the folders of removed batches; no name begins so


@dataclass(frozen=True)
class Submission:
    """Some tasks that were submitted at once.

    Attributes
    ----------
    number
        Counts the submissions of a batch.
    tasks
        Jobs; their ProcId is the number of the task.
    calls
        Calls of all tasks.
    chunk
        Calls of each task; the last one may have fewer.
    in_a_file
        Tasks whose calls stand in one file.
    cluster
        ClusterId of the jobs; None until HTCondor has taken them.
    again_of, again
        If it runs tasks of another submission again: the number of that, and for each task its number there and its
        calls.
    """

    number: int
    tasks: int
    calls: int
    chunk: int
    in_a_file: int
    cluster: int | None = None
    again_of: int = -1
    again: tuple[tuple[int, int], ...] = ()

    def calls_of(self, task: int) -> int:
        """Return how many calls a task has."""
        if self.again:
            return self.again[task][1]
        return min(self.calls, (task + 1) * self.chunk) - task * self.chunk


@dataclass(frozen=True)
class BatchFolder:
    """Paths of one batch's files, and methods to read and write them."""

    path: Path

    @classmethod
    def create(cls, home: Path, name: str) -> BatchFolder:
        """Create the folder of a new batch below af_lab's own.

        Raises
        ------
        BatchExists
            There is one of this name.
        AfLabError
            The folder cannot be made, or would not be safe.
        """
        with storage_errors(home):
            folder = cls(private_folder(home, "runs") / name)
            try:
                folder.path.mkdir(mode=0o700)
            except FileExistsError:
                raise BatchExists(
                    f"You already have a batch {name!r}. Use it with af_lab.batch({name!r}), or choose another name."
                ) from None
            for kind in NAMES:
                (folder.path / kind).mkdir(mode=0o700)
        return folder

    @property
    def name(self) -> str:
        """Name of the batch."""
        return self.path.name

    @property
    def program(self) -> Path:
        """What each job executes, as a shell script."""
        return self.path / "worker.sh"

    @property
    def task_program(self) -> Path:
        """The Python program that the script starts."""
        return self.path / "task_program.py"

    @property
    def environment(self) -> Path:
        """Shell script that sets the environment variables of the jobs."""
        return self.path / "environment.sh"

    @property
    def record(self) -> Path:
        """The batch's specification and submit description, as JSON; its last file."""
        return self.path / "batch.json"

    @property
    def events(self) -> Path:
        """HTCondor's event log of all jobs of the batch."""
        return self.path / "events.log"

    def calls_of(self, submission: int) -> Path:
        """Return the folder with the calls of a submission."""
        return self.path / "calls" / str(submission)

    def results(self, submission: int, task: int) -> Path:
        """Return the file with the answers of a task."""
        return self.path / "results" / str(submission) / f"{task}.results"

    def tasks_with_results(self, until: float) -> list[tuple[int, int]]:
        """Return the tasks whose results were written until then: their submissions, and their numbers in them."""
        found = []
        for path in (self.path / "results").glob("*/*.results"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime <= until:
                    found.append((int(path.parent.name), int(path.stem)))
        return found

    def log(self, submission: int, task: int) -> Path:
        """Return the log of a task's last start."""
        return self.path / "logs" / str(submission) / f"{task}.log"

    def shared_functions(self, submission: int) -> list[str]:
        """Return the names of the files with functions that several tasks of a submission call."""
        return sorted(path.name for path in self.calls_of(submission).glob("function-*.pickle"))

    def write_tasks(self, submission: Submission, tasks: Sequence[bytes]) -> None:
        """Write the calls of all tasks of a submission."""
        folder, together = self.calls_of(submission.number), submission.in_a_file
        for number, first in enumerate(range(0, len(tasks), together)):
            call_files.write_calls(folder / f"{number}.calls", tasks[first : first + together])
        call_files.write_marks(folder / MARKS, len(tasks))

    def read_task(self, submission: Submission, task: int) -> bytes:
        """Return the calls of a task, also if it was cancelled."""
        number, place = divmod(task, submission.in_a_file)
        return call_files.read_calls(self.calls_of(submission.number) / f"{number}.calls", place)

    def cancel(self, tasks: Iterable[tuple[int, int]]) -> None:
        """Record that tasks were cancelled: a job that starts nevertheless ends at once."""
        for submission, of_it in groupby(sorted(tasks), key=itemgetter(0)):
            with suppress(FileNotFoundError):  # The submission was not made after all.
                call_files.mark(self.calls_of(submission) / MARKS, (task for _, task in of_it))

    def cancelled(self, submission: int) -> set[int]:
        """Return the tasks of a submission that were cancelled; none if the batch was removed."""
        return set(call_files.marked(self.calls_of(submission) / MARKS))

    def is_cancelled(self, submission: int, task: int) -> bool:
        """Return whether a task was cancelled; False if the batch was removed."""
        return call_files.is_marked(self.calls_of(submission) / MARKS, task)

    def new_submission(self, tasks: int, calls: int, chunk: int, in_a_file: int) -> Submission:
        """Make the folders of a submission; another process may make one at the same moment."""
        number = len(self.submissions())
        while True:
            try:
                self.calls_of(number).mkdir(mode=0o700)
                break
            except FileExistsError:
                number += 1
        for kind in NAMES[1:]:
            (self.path / kind / str(number)).mkdir(mode=0o700, exist_ok=True)
        return Submission(number, tasks, calls, chunk, in_a_file)

    def write_submission(self, submission: Submission) -> None:
        """Write the record of a submission, which makes it part of the batch."""
        content = json.dumps(asdict(submission)).encode()
        write_private(self.calls_of(submission.number) / "submission.json", content)

    def drop_submission(self, submission: Submission) -> None:
        """Remove the files of a submission that was not made.

        Its number is not used again, because HTCondor may know it: `new_submission` finds its empty folder.
        """
        for kind in NAMES:
            shutil.rmtree(self.path / kind / str(submission.number), ignore_errors=True)
        with suppress(OSError):
            self.calls_of(submission.number).mkdir(mode=0o700)

    def submissions(self) -> list[Submission]:
        """Return the submissions in their order."""
        found = []
        for record in (self.path / "calls").glob("*/submission.json"):
            try:
                content = json.loads(record.read_text(encoding="utf-8"))
            except FileNotFoundError:
                continue  # It was not made after all.
            found.append(Submission(**content | {"again": tuple(map(tuple, content["again"]))}))
        return sorted(found, key=lambda submission: submission.number)

    def remove(self) -> None:
        """Remove everything that is kept of the batch; its name is free at once."""
        # Jobs that are being removed may still write into the folder, but do not find it under another name.
        self.path.rename(self.path.with_name(f"{REMOVED}{uuid.uuid4().hex}"))
        for removed in self.path.parent.glob(f"{REMOVED}*"):
            # What an open file keeps on a network file system goes with the next batch that is removed.
            shutil.rmtree(removed, ignore_errors=True)

    def size(self) -> int:
        """Return the bytes of all its files."""
        return sum(_sizes(self.path))


def find_batch(home: Path, name: str) -> BatchFolder:
    """Return the folder of a batch.

    Raises
    ------
    BatchNotFound
        There is none of this name.
    """
    folder = BatchFolder(private_folder(home, "runs") / name)
    if not re.fullmatch(NAME_PATTERN, name) or not _has_record(folder):
        have = ", ".join(found.name for found in batch_folders(home)) or "none"
        raise BatchNotFound(f"You have no batch {name!r}; you have: {have}.")
    return folder


def batch_folders(home: Path) -> list[BatchFolder]:
    """Return the folders of all batches, by name."""
    found = (BatchFolder(path) for path in sorted(private_folder(home, "runs").iterdir()))
    return [folder for folder in found if re.fullmatch(NAME_PATTERN, folder.name) and _has_record(folder)]


def _has_record(folder: BatchFolder) -> bool:
    try:
        return folder.record.is_file()
    except PermissionError:
        return True  # Who reads it is told.


def _sizes(path: Path) -> Iterable[int]:
    for parent, _, files in os.walk(path):
        for name in files:
            try:
                yield os.lstat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                continue  # It was written anew at this moment.
