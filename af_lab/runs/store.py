"""A batch as it is kept: making it, and the files of its submissions."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from af_lab.condor.description import string
from af_lab.disk_errors import storage_errors
from af_lab.errors import BatchUnreadable, EnvironmentMismatch
from af_lab.home import af_lab_home
from af_lab.jobs.environment_script import script
from af_lab.jobs.runtimes import Runtime, examine
from af_lab.jobs.versions import mismatches, own_versions
from af_lab.manager.cluster_files import own_umask
from af_lab.manager.facility_directives import prologue
from af_lab.manager.worker_script import check_prologue
from af_lab.model.folder import write_private
from af_lab.model.spec import ClusterSpec
from af_lab.runs import task_program
from af_lab.runs.batch_folder import BatchFolder, Submission
from af_lab.runs.call_files import tasks_in_a_file
from af_lab.runs.futures import BatchFuture
from af_lab.runs.task_job import BATCH, task_description, task_script

__all__ = ["SCHEMA", "Batch", "Task", "create", "load", "write_tasks"]

# Of the record and the files that belong to it: 1 had a file for the calls of each task.
SCHEMA = 2


@dataclass(frozen=True)
class Batch:
    """A batch, as its record says.

    Attributes
    ----------
    folder
        Its files.
    id
        Unique among all batches; the jobs' attribute.
    directory
        The folder in which its calls run, where that is shared.
    created
        Seconds since the epoch.
    description
        The submit description of its jobs, without what differs between submissions.
    """

    folder: BatchFolder
    id: str
    directory: str
    created: float
    description: Mapping[str, str]

    @property
    def name(self) -> str:
        """Its name."""
        return self.folder.name

    @property
    def constraint(self) -> str:
        """The constraint that selects its jobs in the queue."""
        return f"{BATCH} =?= {string(self.id)}"

    def token(self, submission: Submission) -> str:
        """Return the id of a submission, by which its jobs are found if HTCondor's answer was lost."""
        return f"{self.id}-{submission.number}"


@dataclass(frozen=True)
class Task:
    """Calls of one function that one job runs.

    Attributes
    ----------
    function
        The function, pickled.
    arguments
        Of each call, pickled.
    futures
        Of each call.
    """

    function: bytes
    arguments: Sequence[bytes]
    futures: Sequence[BatchFuture]


async def create(spec: ClusterSpec) -> Batch:
    """Make a new batch; nothing is submitted yet.

    Raises
    ------
    BatchExists
        The name is taken.
    EnvironmentMismatch
        The Python of the jobs could not read what this one pickles.
    SpecError
        A value is not allowed in a submit description.
    AfLabError
        Its folder cannot be written, or would not be safe.
    """
    runtime = await examine(spec.environment, spec.directory)
    _check_python(spec, runtime)
    lines = prologue()
    await check_prologue(lines)
    return await asyncio.to_thread(_make, spec.running_in(runtime.python), runtime, lines)


def _check_python(spec: ClusterSpec, runtime: Runtime) -> None:
    if apart := mismatches(own_versions(), runtime.versions.as_dict()):
        raise EnvironmentMismatch(
            f"The Python of the batch {spec.name!r} ({runtime.python}) cannot run what this one pickles: "
            f"{'; '.join(apart)}. Leave out `environment`, or start this program with that Python."
        )


def _make(spec: ClusterSpec, runtime: Runtime, lines: list[str]) -> Batch:
    folder = BatchFolder.create(af_lab_home(), spec.name)
    try:
        with storage_errors(folder.path):
            return _write(folder, spec, runtime, lines)
    except BaseException:
        folder.remove()
        raise


def _write(folder: BatchFolder, spec: ClusterSpec, runtime: Runtime, lines: list[str]) -> Batch:
    batch = Batch(folder, uuid.uuid4().hex, spec.directory, time.time(), {})
    batch = replace(batch, description=task_description(folder, spec, batch.id))
    write_private(folder.environment, os.fsencode(script(dict(runtime.variables) | spec.variables)))
    write_private(folder.program, os.fsencode(task_script(spec, lines, own_umask())))
    write_private(folder.task_program, Path(task_program.__file__).read_bytes())
    content = asdict(batch) | {"schema": SCHEMA}
    del content["folder"]
    write_private(folder.record, json.dumps(content).encode())
    return batch


def load(folder: BatchFolder) -> Batch:
    """Return the batch of a folder.

    Raises
    ------
    BatchUnreadable
        Another version of af_lab has made it, with files that this one does not know.
    """
    content = json.loads(folder.record.read_text(encoding="utf-8"))
    if (schema := content.pop("schema")) != SCHEMA:
        age = "an older" if schema < SCHEMA else "a newer"
        raise BatchUnreadable(
            f"The batch {folder.name!r} was made by {age} version of af_lab, whose files this one cannot read (format "
            f"{schema}, not {SCHEMA}). Its jobs go on. Use that version for it, or remove the folder {folder.path}."
        )
    return Batch(folder=folder, **content)


def write_tasks(folder: BatchFolder, tasks: Sequence[Task], chunk: int) -> Submission:
    """Write the files of a submission.

    Raises
    ------
    AfLabError
        They cannot be written; nothing is left of them.
    """
    files = _functions(tasks)
    contents = [_content(task, files) for task in tasks]
    together = tasks_in_a_file(map(len, contents))
    with storage_errors(folder.path):
        calls = sum(len(task.arguments) for task in tasks)
        submission = folder.new_submission(len(tasks), calls, chunk, together)
        try:
            for function, name in files.items():
                write_private(folder.calls_of(submission.number) / name, function)
            folder.write_tasks(submission, contents)
            folder.write_submission(submission)
        except BaseException:
            folder.drop_submission(submission)
            raise
    return submission


def _functions(tasks: Sequence[Task]) -> dict[bytes, str]:
    """Return the names of files for the functions that several tasks call."""
    often = {function for function, number in Counter(task.function for task in tasks).items() if number > 1}
    return {function: f"function-{index}.pickle" for index, function in enumerate(sorted(often))}


def _content(task: Task, files: Mapping[bytes, str]) -> bytes:
    header = pickle.dumps((files.get(task.function, task.function), len(task.arguments)))
    return b"".join([header, *map(pickle.dumps, task.arguments)])
