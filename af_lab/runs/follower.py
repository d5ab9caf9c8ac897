"""Follow the jobs of a batch in HTCondor's event log, and settle the futures of those that end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from af_lab.condor.eventlog import EventKind, EventLog, JobEvent
from af_lab.condor.job import JobId
from af_lab.condor.queue import Queue
from af_lab.errors import CondorUnavailable, TaskFailed
from af_lab.model.cluster_queue import jobs_constraint
from af_lab.runner.last_words import read_last_words
from af_lab.runs.futures import BatchFuture, read_answers, settle
from af_lab.runs.states import Ending, TaskId, TaskState, TaskStates
from af_lab.runs.store import Batch
from af_lab.runs.task_job import HAND
from af_lab.runs.usage import Summary, read_summary

__all__ = ["Follower", "patiently"]

T = TypeVar("T")

logger = logging.getLogger(__name__)

POLL = 0.1  # seconds between two looks at the event log
FILE_PATIENCE = 30.0  # seconds until the results of a job that ended must be seen; network file systems are late
CONDOR_PATIENCE = 300.0  # seconds in which HTCondor may be away while tasks are submitted or removed
CONDOR_PAUSE = 1.0  # seconds between two tries
SILENCE = 300.0  # seconds without an event after which the queue is asked whether the jobs are still there
# Seconds without an event after which results are looked for: a schedd that was killed as a job began may not know for
# up to 40 minutes that the job has ended.
RESULTS_SILENCE = 20.0
MOST_AT_ONCE = 200  # jobs that one constraint names


class Follower:
    """Follows a batch.

    Parameters
    ----------
    batch
        The batch.
    queue
        The user's jobs.
    states
        Of its tasks; kept here.

    Attributes
    ----------
    futures_of
        The futures of each task's calls.
    summaries
        What the tasks that have results say of themselves.
    """

    def __init__(self, batch: Batch, queue: Queue, states: TaskStates) -> None:
        self.batch = batch
        self.states = states
        self.futures_of: dict[TaskId, Sequence[BatchFuture]] = {}
        self.summaries: list[Summary] = []
        self._queue = queue
        self._log = EventLog(batch.folder.events)
        self._ended: dict[TaskId, tuple[Ending, float]] = {}
        self._held: list[JobId] = []
        self._last_event = time.monotonic()
        self._looked = self._last_event  # for results without an event
        self._reading = asyncio.Lock()

    async def run(self) -> None:
        """Follow the batch until this is cancelled; an error ends all futures, which nobody would settle any more."""
        try:
            await self._run()
        except Exception as error:
            logger.exception("The batch %r is not followed any more", self.batch.name)
            self._fail_all(
                f"The batch {self.batch.name!r} is not followed any more ({type(error).__name__}: {error}). Its jobs "
                f"continue; af_lab.batch({self.batch.name!r}) attaches to it again."
            )

    async def _run(self) -> None:
        while True:
            await self.catch_up()
            if self._held:
                held, self._held = self._held, []
                await self._try_to_remove(held, "on hold")
            if self.states.left:
                if not self.batch.folder.record.exists():
                    self._fail_all(f"The batch {self.batch.name!r} was removed.")
                elif time.monotonic() - self._last_event > SILENCE:
                    await self.look_for_lost()
                elif time.monotonic() - max(self._last_event, self._looked) > RESULTS_SILENCE:
                    await self.look_for_results()
            await asyncio.sleep(POLL)

    async def catch_up(self) -> None:
        """Take all events that are in the log, and settle the futures of the tasks that ended."""
        # Who attaches to a batch reads the log while it may be followed already.
        async with self._reading:
            while events := self._log.read():
                self._last_event = time.monotonic()
                for event in events:
                    self._take(event)
                await self._settle()
                if not self._log.behind:
                    break
                await asyncio.sleep(0)
            await self._settle()

    async def remove(self, tasks: Sequence[TaskId], reason: str) -> None:
        """Remove the jobs of some tasks, or of all for none; raises `CondorUnavailable` after some minutes."""
        if not tasks:
            await self._remove("true", reason)
        jobs = [
            JobId(cluster, task.number)
            for task in tasks
            if (cluster := self.states.cluster_of(task.submission)) is not None
        ]
        for first in range(0, len(jobs), MOST_AT_ONCE):
            await self._remove(jobs_constraint(jobs[first : first + MOST_AT_ONCE]), reason)

    async def look_for_lost(self) -> None:
        """End the tasks whose jobs the queue does not have any more, although the log does not say how they ended."""
        self._last_event = time.monotonic()
        before = {task.submission for task in self.states.unfinished()}
        try:
            found = await self._queue.query(self._own("true"), ["ClusterId"])
        except CondorUnavailable:
            return  # The next look is after another silence.
        there = {ad["ClusterId"] for ad in found}
        # What ended in the meantime stands in the log.
        await self.catch_up()
        for task in list(self.states.unfinished()):
            cluster = self.states.cluster_of(task.submission)
            if task.submission in before and cluster is not None and cluster not in there:
                lost = Ending(task, JobId(cluster, task.number), has_results=False, reason="HTCondor's queue lost it")
                self.states.end(task)
                self._ended[task] = (lost, time.monotonic())
        await self.catch_up()

    async def look_for_results(self) -> None:
        """Take the results of tasks of whose end the log says nothing, and remove their jobs."""
        self._looked = time.monotonic()
        # HTCondor may be writing the newest.
        until = time.time() - RESULTS_SILENCE
        found = set(await asyncio.to_thread(self.batch.folder.tasks_with_results, until))
        if not found:
            return
        # What ended in the meantime stands in the log.
        await self.catch_up()
        jobs = []
        for task in self.states.unfinished():
            cluster = self.states.cluster_of(task.submission)
            if task in found and cluster is not None:
                jobs.append(JobId(cluster, task.number))
                self.states.end(task)
                self._ended[task] = (Ending(task, jobs[-1], has_results=True), time.monotonic() + FILE_PATIENCE)
        if jobs:
            await self.catch_up()
            await self._try_to_remove(jobs, "its results are there")

    def _take(self, event: JobEvent) -> None:
        ending = self.states.apply(event)
        task = self.states.task_of(event.job)
        if task is None:
            return
        if ending is not None:
            self._ended[task] = (ending, time.monotonic() + FILE_PATIENCE)
        elif event.kind == EventKind.HELD and event.hold_code and event.hold_code[0] == HAND:
            self._held.append(event.job)
        for future in self.futures_of.get(task, ()):
            future.set_running(self.states.state(task) == TaskState.RUNNING)

    def _fail_all(self, why: str) -> None:
        """End all tasks and futures that have not ended."""
        for task in self.states.unfinished():
            self.states.end(task)
        for futures in self.futures_of.values():
            for future in futures:
                settle(future, (None, TaskFailed(why)))

    async def _settle(self) -> None:
        for task, (ending, deadline) in list(self._ended.items()):
            futures = self.futures_of.get(task)
            if futures is None:
                del self._ended[task]  # Another process made the submission while this one was attached.
                continue
            if all(future.done() for future in futures) or await asyncio.to_thread(
                self._settle_task, ending, futures, is_late=time.monotonic() > deadline
            ):
                del self._ended[task]

    def _settle_task(self, ending: Ending, futures: Sequence[BatchFuture], *, is_late: bool) -> bool:
        folder, (submission, number) = self.batch.folder, ending.task
        if folder.is_cancelled(submission, number):
            for future in futures:
                future.cancel()
            return True
        reason = ending.reason
        try:
            results = folder.results(submission, number)
            summary, answers = read_summary(results), read_answers(results, len(futures))
        except FileNotFoundError:
            if ending.has_results and not is_late:
                return False
            if ending.has_results:
                reason = "it ended as if it had results, but wrote none"
        except Exception as damage:  # A transfer that goes on, or was cut; or whatever a job has written.
            if not is_late:
                return False
            reason = f"its results cannot be read ({type(damage).__name__}: {damage})"
        else:
            # Also of a job that was removed.
            self.summaries.append(summary)
            for future, answer in zip(futures, answers, strict=True):
                settle(future, answer)
            return True
        log = folder.log(submission, number)
        (said,) = read_last_words([log])
        of = f"The job {ending.job} of the batch {self.batch.name!r}"
        error = f"{of} gave no results: {reason or 'no reason is known'}."
        for future in futures:
            settle(future, (None, TaskFailed(f"{error}{f' Its last words: {said}' if said else ''} Its log: {log}")))
        return True

    async def _try_to_remove(self, jobs: Sequence[JobId], reason: str) -> None:
        # If HTCondor does not answer, the jobs' own policy removes them as well, a little later.
        with suppress(CondorUnavailable):
            for first in range(0, len(jobs), MOST_AT_ONCE):
                await self._queue.remove(self._own(jobs_constraint(jobs[first : first + MOST_AT_ONCE])), reason)

    async def _remove(self, constraint: str, reason: str) -> None:
        await patiently(lambda: self._queue.remove(self._own(constraint), reason))

    def _own(self, constraint: str) -> str:
        return f"{self.batch.constraint} && ({constraint})"


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Return the answer to a call of HTCondor, which may be away for some minutes."""
    deadline = time.monotonic() + CONDOR_PATIENCE
    while True:
        try:
            return await call()
        except CondorUnavailable:
            if time.monotonic() > deadline:
                raise
        # A schedd that was stopped refuses at once.
        await asyncio.sleep(CONDOR_PAUSE)
