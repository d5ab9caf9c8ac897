"""The engine of a batch: it submits tasks, follows their jobs in the event log, and settles the futures.

It runs in the event loop of all batches of this process, and may be used from any thread. If it is gone, the batch goes
on: everything that heals it stands in the jobs (`af_lab.runs.task_job`).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from af_lab.condor.queue import Queue
from af_lab.errors import AfLabError
from af_lab.runs.batch_folder import Submission
from af_lab.runs.follower import Follower, patiently
from af_lab.runs.futures import BatchFuture, settle
from af_lab.runs.loop import begin_in_loop, loop
from af_lab.runs.states import TaskId, TaskState, TaskStates
from af_lab.runs.store import Batch, Task, write_tasks
from af_lab.runs.task_job import submission_description

__all__ = ["Engine"]

logger = logging.getLogger(__name__)

GATHER = 0.02  # seconds in which calls are gathered for one submission
MOST_TASKS = 10_000  # of one submission; the schedd takes them in 10 ms


class Engine:
    """The tasks of one batch.

    Parameters
    ----------
    batch
        The batch.
    queue
        The user's jobs.
    """

    def __init__(self, batch: Batch, queue: Queue) -> None:
        self.batch = batch
        self.states = TaskStates()
        self.futures: list[BatchFuture] = []
        self.follower = Follower(batch, queue, self.states)
        self._queue = queue
        self._lock = threading.Lock()
        self._pending: list[tuple[int, Task]] = []
        self._cancelled: list[BatchFuture] = []
        self._tasks_of: dict[BatchFuture, TaskId] = {}
        self._is_due = False  # whether a flush is on its way
        self._flushing = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None

    def submit(self, tasks: Iterable[Task], chunk: int = 1) -> None:
        """Submit tasks soon; what fails ends their futures."""
        with self._lock:
            for task in tasks:
                self._pending.append((chunk, task))
                self.futures += task.futures
        self._flush_soon()

    def cancelled(self, future: BatchFuture) -> None:
        """Remove the job of a future that was cancelled, if all its calls were."""
        with self._lock:
            self._cancelled.append(future)
        self._flush_soon()

    async def flush(self, after: float = 0.0) -> None:
        """Submit and remove what is pending."""
        await asyncio.sleep(after)
        async with self._flushing:
            with self._lock:
                self._is_due = False
                pending, self._pending = self._pending, []
            for chunk, tasks in _submissions(pending):
                try:
                    await self._send(chunk, tasks)
                except Exception as error:
                    logger.exception("Calls of the batch %r were not submitted", self.batch.name)
                    said = f"The call was not submitted: {type(error).__name__}: {error}"
                    _fail_all(tasks, AfLabError(said))
            with self._lock:
                cancelled, self._cancelled = self._cancelled, []
            try:
                await self._remove(cancelled)
            except (AfLabError, OSError) as error:
                # The futures are cancelled; a job that starts nevertheless computes for nobody.
                logger.warning("Cancelled jobs of the batch %r were not removed: %s", self.batch.name, error)
        if self._following is None or self._following.done():
            self._following = asyncio.create_task(self.follower.run(), name=f"af-lab-batch-{self.batch.name}")

    async def attach(self) -> None:
        """Take over what is there of a batch, from its folder and its event log."""
        folder = self.batch.folder
        submissions = await asyncio.to_thread(folder.submissions)
        for submission in submissions:
            self._add(submission, [self._futures_for(submission, number) for number in range(submission.tasks)])
        await self.follower.catch_up()
        for number in {task.submission for task in self.follower.futures_of}:
            for cancelled in await asyncio.to_thread(folder.cancelled, number):
                for future in self.follower.futures_of.get(TaskId(number, cancelled), ()):
                    future.cancel()
        for submission in submissions:
            if self.states.cluster_of(submission.number) is None:
                await self._resubmit(submission)
        if self.states.left:
            await self.follower.look_for_lost()
            begin_in_loop(self.flush())

    def stop(self) -> None:
        """Follow the batch no longer; its jobs continue."""
        if (task := self._following) is not None:
            loop().call_soon_threadsafe(task.cancel)

    def _flush_soon(self) -> None:
        with self._lock:
            is_due, self._is_due = self._is_due, True
        if not is_due:
            begin_in_loop(self.flush(after=GATHER))

    # Submission

    async def _send(self, chunk: int, tasks: Sequence[Task]) -> None:
        wanted = [task for task in tasks if not all(future.cancelled() for future in task.futures)]
        if not wanted:
            return
        try:
            submission = await asyncio.to_thread(write_tasks, self.batch.folder, wanted, chunk)
        except AfLabError as error:
            _fail_all(wanted, error)
            return
        self._add(submission, [task.futures for task in wanted])
        try:
            await self._queue_up(submission)
        except AfLabError as error:
            for number in range(submission.tasks):
                self.states.end(TaskId(submission.number, number))
            _fail_all(wanted, error)
            await asyncio.to_thread(self.batch.folder.drop_submission, submission)

    async def _queue_up(self, submission: Submission) -> None:
        folder = self.batch.folder
        shared = folder.shared_functions(submission.number)
        description = submission_description(self.batch.description, folder, submission, shared)
        token = self.batch.token(submission)
        cluster = await patiently(lambda: self._queue.submit_at_once(description, submission.tasks, token))
        made = replace(submission, cluster=cluster)
        self.states.add(made)
        try:
            await asyncio.to_thread(folder.write_submission, made)
        except OSError as error:  # A full disk. The jobs run, and the event log names them as well.
            logger.warning("The jobs of the batch %r could not be recorded: %s", self.batch.name, error)

    async def _resubmit(self, submission: Submission) -> None:
        """Submit tasks whose process died before HTCondor had them, or find the jobs that it has."""
        cluster = await self._queue.submitted(self.batch.token(submission))
        if cluster is None:
            await self._queue_up(submission)
        else:
            self.states.add(replace(submission, cluster=cluster))

    def _add(self, submission: Submission, futures: Sequence[Sequence[BatchFuture]]) -> None:
        self.states.add(submission)
        for number, of_task in enumerate(futures):
            task = TaskId(submission.number, number)
            self.follower.futures_of[task] = of_task
            self._tasks_of |= dict.fromkeys(of_task, task)

    def _futures_for(self, submission: Submission, number: int) -> list[BatchFuture]:
        """Return futures for the calls of a task that another process submitted."""
        if submission.again:
            # The same calls, in other jobs.
            return list(self.follower.futures_of.pop(TaskId(submission.again_of, submission.again[number][0])))
        made = [BatchFuture(self.cancelled) for _ in range(submission.calls_of(number))]
        with self._lock:
            self.futures += made
        return made

    # Removal

    async def _remove(self, cancelled: Sequence[BatchFuture]) -> None:
        tasks = {task for future in cancelled if (task := self._tasks_of.get(future)) is not None}
        gone = [
            task
            for task in tasks
            if self.states.state(task) != TaskState.ENDED
            and all(future.cancelled() for future in self.follower.futures_of[task])
        ]
        if not gone:
            return
        # Jobs that the schedd has not made yet see that they were cancelled, and end at once.
        await asyncio.to_thread(self.batch.folder.cancel, gone)
        await self.follower.remove([] if len(gone) == self.states.left else gone, "cancelled by its owner")
        for task in gone:
            self.states.end(task)


def _submissions(pending: Iterable[tuple[int, Task]]) -> Iterator[tuple[int, list[Task]]]:
    """Yield the tasks of each submission: one after the other that have as many calls."""
    for chunk, group in groupby(pending, key=lambda pair: pair[0]):
        tasks = [task for _, task in group]
        yield from ((chunk, tasks[first : first + MOST_TASKS]) for first in range(0, len(tasks), MOST_TASKS))


def _fail_all(tasks: Iterable[Task], error: AfLabError) -> None:
    for task in tasks:
        for future in task.futures:
            settle(future, (None, error))
