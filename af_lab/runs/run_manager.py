"""List, cancel, repeat and remove batches, from any process."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

from af_lab.condor.description import string
from af_lab.condor.queue import Queue
from af_lab.errors import AfLabError
from af_lab.home import af_lab_home
from af_lab.runs.batch_folder import BatchFolder, Submission, batch_folders, find_batch
from af_lab.runs.batch_watch import BatchWatch
from af_lab.runs.run_info import RunInfo
from af_lab.runs.states import TaskId
from af_lab.runs.store import load
from af_lab.runs.task_job import BATCH, submission_description

__all__ = ["RunManager"]

KEPT = 7 * 86_400.0  # seconds; a batch that ended is kept for a week after its last event


class RunManager:
    """The batches of the calling user. Reading needs no HTCondor; changing them does.

    All methods raise `BatchNotFound` for a name that no batch has.

    Parameters
    ----------
    queue
        The user's jobs.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._watches: dict[Path, BatchWatch] = {}

    async def runs(self) -> list[RunInfo]:
        """Return all batches, by name."""
        return await asyncio.to_thread(lambda: [self._look(folder) for folder in batch_folders(af_lab_home())])

    async def get(self, name: str) -> RunInfo:
        """Return one batch."""
        return await asyncio.to_thread(lambda: self._look(find_batch(af_lab_home(), name)))

    async def cancel(self, name: str) -> RunInfo:
        """Remove the jobs of a batch; what has no result gets none."""
        watch = await asyncio.to_thread(self._watch_of, name)
        await asyncio.to_thread(watch.look)
        await asyncio.to_thread(watch.batch.folder.cancel, watch.states.unfinished())
        await self._queue.remove(f"{BATCH} =?= {string(watch.batch.id)}", "cancelled by its owner")
        return await self.get(name)

    async def again(self, name: str) -> RunInfo:
        """Run the calls again that failed or were cancelled.

        Raises
        ------
        AfLabError
            There are none.
        """
        watch = await asyncio.to_thread(self._watch_of, name)
        await asyncio.to_thread(watch.look)
        failed = [task for task, _, _ in watch.failures()]
        if not failed:
            raise AfLabError(
                f"No call of the batch {name!r} has failed or was cancelled, so there is nothing to repeat."
            )
        folder = watch.batch.folder
        for number in sorted({task.submission for task in failed}):
            tasks = [task for task in failed if task.submission == number]
            submission = await asyncio.to_thread(_write_again, folder, watch.submission(number), tasks)
            shared = folder.shared_functions(submission.number)
            description = submission_description(watch.batch.description, folder, submission, shared)
            cluster = await self._queue.submit_at_once(description, submission.tasks, watch.batch.token(submission))
            await asyncio.to_thread(folder.write_submission, replace(submission, cluster=cluster))
        return await self.get(name)

    async def remove(self, name: str) -> None:
        """Remove a batch: its jobs, its results, everything that is kept of it."""
        watch = await asyncio.to_thread(self._watch_of, name)
        await self._queue.remove(f"{BATCH} =?= {string(watch.batch.id)}", "removed by its owner")
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

    def _watch_of(self, name: str) -> BatchWatch:
        return self._watch(find_batch(af_lab_home(), name))

    def _watch(self, folder: BatchFolder) -> BatchWatch:
        watch = self._watches.get(folder.path)
        # A name may have been used again.
        if watch is None or watch.batch.id != load(folder).id:
            watch = self._watches[folder.path] = BatchWatch(folder)
        return watch

    def _look(self, folder: BatchFolder) -> RunInfo:
        return self._watch(folder).look()


def _write_again(folder: BatchFolder, original: Submission, tasks: list[TaskId]) -> Submission:
    """Write the files of a submission that runs tasks of another one again."""
    again = tuple((task.number, original.calls_of(task.number)) for task in tasks)
    submission = folder.new_submission(len(tasks), sum(calls for _, calls in again), original.chunk)
    submission = replace(submission, again_of=original.number, again=again)
    for number, task in enumerate(tasks):
        folder.copy_calls(task, (submission.number, number))
    for name in folder.shared_functions(original.number):
        target = folder.calls(submission.number, 0).with_name(name)
        target.hardlink_to(folder.calls(original.number, 0).with_name(name))
    folder.write_submission(submission)
    return submission
