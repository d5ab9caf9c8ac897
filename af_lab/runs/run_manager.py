"""List, cancel, repeat and remove batches, from any process."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from af_lab.condor.queue import Queue
from af_lab.disk_errors import storage_errors
from af_lab.errors import AfLabError, BatchNotFound, BatchUnreadable, NothingToRepeat
from af_lab.home import af_lab_home
from af_lab.runs.batch_folder import BatchFolder, Submission, batch_folders, find_batch
from af_lab.runs.batch_watch import BatchWatch
from af_lab.runs.logs import FailedTask
from af_lab.runs.run_info import RunInfo
from af_lab.runs.states import TaskId
from af_lab.runs.store import load
from af_lab.runs.task_job import submission_description

__all__ = ["RunManager"]

logger = logging.getLogger(__name__)

KEPT = 7 * 86_400.0  # seconds; a batch that ended is kept for a week after its last event


class RunManager:
    """The batches of the calling user. Reading needs no HTCondor; changing them does.

    All methods with a name raise `BatchNotFound` if no batch has it, and `BatchUnreadable` if the files of the batch
    cannot be read.

    Parameters
    ----------
    queue
        Returns the user's jobs; it is called only to change a batch.
    """

    def __init__(self, queue: Callable[[], Queue]) -> None:
        self._queue = queue
        self._watches: dict[Path, BatchWatch] = {}
        self._unreadable: set[str] = set()
        self._repeating = asyncio.Lock()

    async def runs(self) -> list[RunInfo]:
        """Return all batches, by name; one that cannot be read is left out, and logged once."""
        return await asyncio.to_thread(self._look_at_all)

    async def get(self, name: str) -> RunInfo:
        """Return one batch."""
        return await asyncio.to_thread(lambda: self._look(find_batch(af_lab_home(), name)))

    async def cancel(self, name: str) -> RunInfo:
        """Remove the jobs of a batch; what has no result gets none."""
        watch = await asyncio.to_thread(self._watch_of, name)
        await asyncio.to_thread(watch.batch.folder.cancel, watch.unfinished())
        await self._queue().remove(watch.batch.constraint, "cancelled by its owner")
        return await self.get(name)

    async def again(self, name: str) -> RunInfo:
        """Run the calls again that failed or were cancelled.

        Raises
        ------
        NothingToRepeat
            There are none.
        CondorUnavailable, CondorError
            HTCondor takes no jobs; the calls stay failed.
        """
        # One after the other, so that no call is repeated twice.
        async with self._repeating:
            watch = await asyncio.to_thread(self._watch_of, name)
            failed = [task for task, _, _ in watch.failures()]
            if not failed:
                raise NothingToRepeat(
                    f"No call of the batch {name!r} has failed or was cancelled, so there is nothing to repeat."
                )
            for number in sorted({task.submission for task in failed}):
                tasks = [task for task in failed if task.submission == number]
                await self._repeat(watch, watch.submission(number), tasks)
        return await self.get(name)

    async def _repeat(self, watch: BatchWatch, original: Submission, tasks: list[TaskId]) -> None:
        batch, folder = watch.batch, watch.batch.folder
        queue = self._queue()
        submission = await asyncio.to_thread(_write_again, folder, original, tasks)
        try:
            shared = await asyncio.to_thread(folder.shared_functions, submission.number)
            description = submission_description(batch.description, folder, submission, shared)
            cluster = await queue.submit_at_once(description, submission.tasks, batch.token(submission))
        except AfLabError:
            await asyncio.to_thread(folder.drop_submission, submission)
            # It may know the submission already.
            self._watches.pop(folder.path, None)
            raise
        await asyncio.to_thread(folder.write_submission, replace(submission, cluster=cluster))

    async def failed_tasks(self, name: str) -> list[FailedTask]:
        """Return the tasks of a batch of which calls have no result, although they ended."""
        watch = await asyncio.to_thread(self._watch_of, name)
        failures = await asyncio.to_thread(watch.failures)
        return [FailedTask(f"{task.submission}.{task.number}", calls, words) for task, calls, words in failures]

    async def remove(self, name: str) -> None:
        """Remove a batch: its jobs, its results, everything that is kept of it."""
        watch = await asyncio.to_thread(self._watch_of, name)
        await self._queue().remove(watch.batch.constraint, "removed by its owner")
        await asyncio.to_thread(watch.batch.folder.remove)
        self._watches.pop(watch.batch.folder.path, None)

    async def remove_old(self, seconds: float = KEPT) -> list[str]:
        """Remove the batches that ended, and to which nothing happened for a time; returns their names."""
        now = time.time()
        old = [
            info.name
            for info in await self.runs()
            if info.state in ("ended", "failed") and info.changed < now - seconds
        ]
        for name in old:
            await self.remove(name)
        return old

    def _look_at_all(self) -> list[RunInfo]:
        found, unreadable = [], set()
        folders = batch_folders(af_lab_home())
        for folder in folders:
            try:
                found.append(self._look(folder))
            except BatchNotFound:
                continue  # It was removed at this moment.
            except BatchUnreadable as error:
                unreadable.add(folder.name)
                if folder.name not in self._unreadable:
                    logger.warning("af_lab: %s", error)
        self._unreadable = unreadable
        for path in self._watches.keys() - {folder.path for folder in folders}:
            self._watches.pop(path, None)
        return found

    def _watch_of(self, name: str) -> BatchWatch:
        """Return the watch of a batch, after a look."""
        folder = find_batch(af_lab_home(), name)
        with self._reading(folder):
            watch = self._watch(folder)
            watch.look()
            return watch

    def _watch(self, folder: BatchFolder) -> BatchWatch:
        watch = self._watches.get(folder.path)
        # A name may have been used again.
        if watch is None or watch.batch.id != load(folder).id:
            watch = self._watches[folder.path] = BatchWatch(folder)
        return watch

    def _look(self, folder: BatchFolder) -> RunInfo:
        with self._reading(folder):
            return self._watch(folder).look()

    @contextmanager
    def _reading(self, folder: BatchFolder) -> Iterator[None]:
        """Raise `BatchNotFound` or `BatchUnreadable` for whatever may be wrong with the files of a batch."""
        try:
            yield
        except (OSError, ValueError, TypeError, KeyError) as error:
            # What it has read of the event log it may not have understood.
            self._watches.pop(folder.path, None)
            if not folder.path.exists():
                raise BatchNotFound(f"The batch {folder.name!r} was removed.") from error
            raise BatchUnreadable(
                f"The files of the batch {folder.name!r} cannot be read ({type(error).__name__}: {error}). Mend or "
                f"remove the folder {folder.path}; the other batches are not affected."
            ) from error


def _write_again(folder: BatchFolder, original: Submission, tasks: list[TaskId]) -> Submission:
    """Write the files of a submission that runs tasks of another one again."""
    again = tuple((task.number, original.calls_of(task.number)) for task in tasks)
    contents = [folder.read_task(original, task.number) for task in tasks]
    calls = sum(calls for _, calls in again)
    submission = folder.new_submission(len(tasks), calls, original.chunk, original.in_a_file)
    submission = replace(submission, again_of=original.number, again=again)
    try:
        with storage_errors(folder.path):
            folder.write_tasks(submission, contents)
            for name in folder.shared_functions(original.number):
                target = folder.calls_of(submission.number) / name
                target.hardlink_to(folder.calls_of(original.number) / name)
            folder.write_submission(submission)
    except BaseException:
        folder.drop_submission(submission)
        raise
    return submission
