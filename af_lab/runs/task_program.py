"""The program of a batch's jobs: it runs the calls of one task.

It is copied into the batch's folder, so that a batch survives an upgrade of af_lab, and a job needs nothing of it: it
imports cloudpickle and the standard library alone.

    python -P task_program.py FOLDER SUBMISSION TASK TASKS_IN_A_FILE

``calls/<submission>/<number>.calls`` has the calls of that many tasks, behind a table of where those of each task begin
(`af_lab.runs.call_files` writes it). They are a sequence of pickles: the function (the name of its file, or itself as a
pickle) with the number of calls, and for each call its arguments as a pickle. ``results/<submission>/<task>.results``
is one as well: how many calls failed with the words of the first and what the task used, and for each call a pickle of
True and its result, or of False, its exception and the traceback as text. If HTCondor brought the files, all of them
are in one folder.
"""

from __future__ import annotations

import os
import pickle
import resource
import struct
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

Dump = Callable[[Any], bytes]
LONGEST = 200  # characters of the words of an error
OFFSET = struct.Struct("<Q")  # an entry of the table in a file of calls
MARKS = "tasks.cancelled"  # a file with a byte for each task
CANCELLED = b"\1"


def run(folder: str, submission: str, task: int, in_a_file: int) -> None:
    """Run the calls of a task, and write their results."""
    import cloudpickle

    with open(place(folder, "calls", submission, MARKS), "rb") as marks:
        marks.seek(task)
        if marks.read(1) == CANCELLED:
            return  # It was cancelled before the job was in the queue.
    number, row = divmod(task, in_a_file)
    with open(place(folder, "calls", submission, f"{number}.calls"), "rb") as calls:
        calls.seek(row * OFFSET.size)
        (begin,) = OFFSET.unpack(calls.read(OFFSET.size))
        calls.seek(begin)
        answers = Answers(cloudpickle.dumps)
        shared: str | bytes
        shared, count = pickle.load(calls)
        try:
            function = load(shared, folder, submission)
        except BaseException as error:  # whatever an import raises
            for _ in range(count):
                answers.add_failure(error)
        else:
            for _ in range(count):
                answers.add_call(function, pickle.load(calls))
    results = os.path.join(folder, "results", submission)
    answers.write(os.path.join(results if os.path.isdir(results) else folder, f"{task}.results"))


def load(shared: str | bytes, folder: str, submission: str) -> Callable[..., Any]:
    """Return the function of the calls."""
    if isinstance(shared, bytes):
        function: Callable[..., Any] = pickle.loads(shared)
        return function
    with open(place(folder, "calls", submission, shared), "rb") as file:
        function = pickle.load(file)
        return function


class Answers:
    """The pickled answers of the calls, in their order."""

    def __init__(self, dump: Dump) -> None:
        self._dump = dump
        self._began = time.time()
        self._answers: list[bytes] = []
        self._failed = 0
        self._words = ""

    def add_call(self, function: Callable[..., Any], dumped: bytes) -> None:
        """Run a call, and add its answer; whatever it raises is its answer, SystemExit as well."""
        try:
            arguments: tuple[Any, ...]
            keywords: Mapping[str, Any]
            arguments, keywords = pickle.loads(dumped)
            result = function(*arguments, **keywords)
        except BaseException as error:
            self.add_failure(error)
            return
        try:
            self._answers.append(self._dump((True, result)))
        except BaseException as error:
            kind = type(result).__qualname__
            self.add_failure(TypeError(f"The result, a value of the type {kind}, cannot be pickled: {error}"))

    def add_failure(self, error: BaseException) -> None:
        """Add the answer of a call that raised; of an exception that cannot be pickled, its words."""
        words = f"{type(error).__qualname__}: {error}"
        trace = "".join(traceback.format_exception(error))
        try:
            dumped = self._dump((False, error, trace))
            pickle.loads(dumped)
        except BaseException:
            dumped = self._dump((False, RuntimeError(words), trace))
        self._answers.append(dumped)
        self._failed += 1
        self._words = self._words or words[:LONGEST]

    def _usage(self) -> tuple[float, float, float, int]:
        """Return begin and end in seconds since the epoch, CPU seconds, and the most memory of a process in bytes."""
        own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
        return self._began, time.time(), cpu, 1024 * max(own.ru_maxrss, children.ru_maxrss)

    def write(self, target: str) -> None:
        """Write the answers into a file, completely or not at all."""
        temporary = f"{target}.{os.getpid()}"
        try:
            with open(temporary, "wb", opener=private) as file:
                file.write(pickle.dumps((self._failed, self._words, *self._usage())))
                file.writelines(map(pickle.dumps, self._answers))
            os.replace(temporary, target)
        except OSError:
            if os.path.exists(temporary):
                os.unlink(temporary)
            raise


def place(folder: str, kind: str, submission: str, name: str) -> str:
    """Return where a file is: in its own folder, or beside this program if HTCondor brought it."""
    shared = os.path.join(folder, kind, submission, name)
    return shared if os.path.exists(shared) else os.path.join(folder, name)


def private(path: str, flags: int) -> int:
    """Open a file that only its owner can read."""
    return os.open(path, flags, 0o600)


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    run(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
