"""What a runner publishes: snapshots, workers, and the timeline; clients get changes by long polling."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any

from af_lab.model.ads import SchedulerJob
from af_lab.model.counting import count, worker_infos
from af_lab.model.runner_calls import RunnerCall
from af_lab.model.snapshot import STARTS_APART, Counts, Snapshot, TimelinePoint
from af_lab.model.timeline import Timeline
from af_lab.model.timeline_file import TimelineFile
from af_lab.runner.scheduler import GuardedScheduler
from af_lab.runner.work import Work, WorkWatch
from af_lab.runner.worker_jobs import WorkerJobs
from af_lab.wording import duration

__all__ = ["Report"]

logger = logging.getLogger("af_lab.runner")

AT_MOST_EVERY = 0.2  # seconds between two changes of the snapshot
WORK_EVERY = 0.5  # seconds between two looks at the tasks and at how busy the workers are
KEEP_EVERY = 1.0  # seconds between two writings of the timeline
LONGEST_WAIT = 60.0  # seconds that an answer may wait for a change


class Report:
    """The snapshot of a cluster, kept up to date, and the answers to requests for it.

    Parameters
    ----------
    job
        The scheduler job as it was when the runner started.
    workers
        The worker jobs.
    scheduler
        The Dask scheduler.
    """

    def __init__(self, job: SchedulerJob, workers: WorkerJobs, scheduler: GuardedScheduler) -> None:
        self._workers = workers
        self._scheduler = scheduler
        self._idle_timeout = job.shape.idle_timeout
        self._generation = 0
        self._snapshot = Snapshot(0, Counts(requested=job.workers), sequence=job.starts * STARTS_APART)
        self._touched = asyncio.Event()
        self._changed = asyncio.Condition()
        self._idle_since: float | None = None
        self._work = WorkWatch(scheduler)
        self.timeline = Timeline()
        self._unkept: list[TimelinePoint] = []

    def handlers(self) -> dict[str, Callable[..., Awaitable[Any]]]:
        """Return the handlers that the Dask scheduler gets from the runner."""
        return {
            RunnerCall.SNAPSHOT: self._tell,
            RunnerCall.CHANGE: self._tell_change,
            RunnerCall.WORKERS: self._tell_workers,
            RunnerCall.TIMELINE: self._tell_timeline,
        }

    @property
    def idle_timeout_in_words(self) -> str:
        """The time without tasks after which the cluster ends."""
        return duration(self._idle_timeout or 0)

    def touch(self) -> None:
        """Note that something may have changed."""
        self._touched.set()

    def reached(self, job: SchedulerJob) -> None:
        """Note that the runner has applied what this ad of the scheduler job asks for."""
        self._generation = job.generation
        self._idle_timeout = job.shape.idle_timeout
        self._take()
        self.touch()

    def is_over(self, idle_since: float | None) -> bool:
        """Return whether the cluster has had no task for too long.

        Parameters
        ----------
        idle_since
            When the last task ended, in seconds since the epoch; None while there are tasks.
        """
        self._idle_since = idle_since
        ends_at = self._ends_at()
        return ends_at is not None and time.time() > ends_at

    def now(self) -> dict[str, Any]:
        """Return the current snapshot, for Dask's connections."""
        self._take()
        return self._snapshot.to_message()

    async def keep_watching_work(self) -> None:
        """Look at the tasks and the workers twice a second; nothing is published while nothing changes."""
        while True:
            if self._work.look(time.monotonic()):
                self.touch()
            await asyncio.sleep(WORK_EVERY)

    async def keep_publishing(self) -> None:
        """Wake the requests that wait for a change, not too often."""
        published = -1
        while True:
            await self._touched.wait()
            self._touched.clear()
            self._take()
            if self._snapshot.sequence != published:
                published = self._snapshot.sequence
                async with self._changed:
                    self._changed.notify_all()
            await asyncio.sleep(AT_MOST_EVERY)

    async def keep_timeline(self, file: TimelineFile) -> None:
        """Write the timeline to its file as it grows, without the event loop; a full disk only delays that."""
        complains = True
        while True:
            await asyncio.sleep(KEEP_EVERY)
            new, self._unkept = self._unkept, []
            if not new and not file.is_behind:
                continue
            try:
                await asyncio.to_thread(file.write, new, tuple(self.timeline.points))
                complains = True
            except OSError as error:
                if complains:
                    logger.warning("the number of workers over time could not be written, will try again: %s", error)
                complains = False

    def _ends_at(self) -> float | None:
        if self._idle_since is None or self._idle_timeout is None:
            return None
        return self._idle_since + self._idle_timeout

    def _take(self) -> None:
        """Update the snapshot; its sequence number grows if it changed."""
        workers, connected = self._workers, self._scheduler.connected()
        observed = workers.observed
        counts = count(
            workers.wanted, workers.cores, observed.jobs, connected, workers.lost(connected), observed.dismissed
        )
        # That the last worker has gone is told at once, not at the next look.
        work = self._work.now if counts.connected else Work(progress=self._work.now.progress)
        taken = Snapshot(
            generation=self._generation,
            counts=counts,
            sequence=self._snapshot.sequence,
            cpu=work.cpu,
            idle_since=self._idle_since,
            ends_at=self._ends_at(),
            kept_results=work.kept_results,
            kept_bytes=work.kept_bytes,
            troubles=tuple(observed.troubles),
            failing=workers.failing if counts.connected < counts.requested else None,
            progress=work.progress,
            activity=work.activity,
            doing=work.doing,
            memory_use=work.memory_use,
        )
        if taken != self._snapshot:
            self._snapshot = replace(taken, sequence=taken.sequence + 1)
            if point := self.timeline.add(time.time(), counts):
                self._unkept.append(point)

    async def _tell(self) -> dict[str, Any]:
        return self.now()

    async def _tell_change(self, after: int, timeout: float) -> dict[str, Any]:
        """Return the snapshot as soon as its number differs from `after`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(timeout, LONGEST_WAIT)), self._changed:
                await self._changed.wait_for(lambda: self._snapshot.sequence != after)
        return self._snapshot.to_message()

    async def _tell_workers(self) -> list[dict[str, Any]]:
        workers, connected = self._workers, self._scheduler.connected()
        observed = workers.observed
        infos = worker_infos(
            observed.jobs.values(),
            connected,
            self._scheduler.busy(),
            workers.lost(connected),
            observed.dismissed,
            self._scheduler.memory_used(),
        )
        return [asdict(info) for info in infos]

    async def _tell_timeline(self) -> list[dict[str, Any]]:
        return [asdict(point) for point in self.timeline.points]
