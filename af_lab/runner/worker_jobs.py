"""The worker jobs of one cluster: submitted, repaired and removed until they match what is wanted."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from af_lab import config
from af_lab.condor.eventlog import EventKind, EventLog, JobEvent
from af_lab.condor.job import JobId, JobStatus
from af_lab.condor.queue import Queue
from af_lab.errors import LimitExceeded
from af_lab.model.ads import SchedulerJob, WorkerJob
from af_lab.model.cluster_queue import jobs_constraint, submit_workers
from af_lab.model.counting import job_of, jobs_for
from af_lab.model.folder import ClusterFolder
from af_lab.model.job_request import described_time
from af_lab.model.memory_growth import grown_memory, outgrew_memory
from af_lab.model.past_events import past_events
from af_lab.model.snapshot import Failing
from af_lab.runner.departures import Departures
from af_lab.runner.last_words import read_last_words
from af_lab.runner.observed import Observed
from af_lab.runner.outlook import Outlook
from af_lab.runner.oversized_tasks import OutgrownTasks
from af_lab.runner.pool_look import no_slot_matches
from af_lab.runner.process_deaths import Deaths
from af_lab.runner.recovery import HELD_FOR, Backoff, ended_in_failure, failing_after, lost_jobs, next_offer
from af_lab.runner.scaling import Patience, decide
from af_lab.runner.scheduler import GuardedScheduler
from af_lab.runner.time_limit import TimeLimit
from af_lab.wording import size
from af_lab.worker.protocol import MEGABYTE

__all__ = ["WorkerJobs"]

logger = logging.getLogger("af_lab.runner")

RETIRE_TIMEOUT = 30.0  # seconds that the tasks and data of leaving workers may take
LIMIT_REST = 30.0  # seconds until a schedd that takes no more jobs is asked again
LOGS_TIMEOUT = 5.0  # seconds that reading the ends of logs may take; the file system may be slow


class WorkerJobs:
    """The worker jobs as their runner sees and manages them.

    Parameters
    ----------
    folder, queue
        The cluster's folder, and its owner's jobs.
    job, jobs
        The scheduler job and its worker jobs as they were when the runner started.
    scheduler
        The Dask scheduler.

    Attributes
    ----------
    connect_timeout
        Seconds that a job may run without a connected worker until it is lost.
    cores
        Cores of each job, and worker processes in it.
    observed
        What is known of the worker jobs.
    outgrown
        The tasks that outgrew a worker.
    wanted
        Worker processes wanted now, by hand or by adaptive scaling.
    """

    def __init__(
        self,
        folder: ClusterFolder,
        queue: Queue,
        job: SchedulerJob,
        jobs: Iterable[WorkerJob],
        scheduler: GuardedScheduler,
    ) -> None:
        self._folder = folder
        self._queue = queue
        self._id = job.id.cluster
        self._scheduler = scheduler
        self._job = job
        self.cores = job.shape.cores
        self._memory = job.shape.memory
        self.observed = Observed()
        if job.starts > 1:
            # They were connected to the previous scheduler, and end with it: this is not a failure.
            self.observed.from_before.update(job.id for job in jobs if job.status == JobStatus.RUNNING)
            self.observed.ever_connected |= self.observed.from_before
        self.outgrown = OutgrownTasks(scheduler, self.observed, self._memory, self.cores)
        self.wanted = job.workers
        self._adapting = False
        self._events = EventLog(folder.events)
        self._backoff = Backoff()
        self._failing: Failing | None = None
        self._default_patience = config.seconds("adaptive.patience")
        self._patience = Patience(self._default_patience)
        self.connect_timeout = config.seconds("worker.connect-timeout")
        self._leaving = Departures(scheduler, queue)
        self._deaths, self._telling = Deaths(), set[asyncio.Task[None]]()
        self._offered = 0.0
        self._outlook = Outlook()
        limit = described_time(json.loads(folder.worker_description.read_text(encoding="utf-8")))
        self._time_limit = TimeLimit(math.inf if limit is None else limit)

    def came(self, worker: str, again: bool) -> None:
        """Note that a worker connected; `again` if another process had its name before."""
        if id_ := job_of(worker):
            self.observed.ever_connected.add(id_)
            self.observed.last_seen.pop(id_, None)
            self.outgrown.came(id_)
            self._backoff, self._failing = Backoff(), None
            if again:
                telling = asyncio.create_task(self._tell_death(id_, time.time()))
                self._telling.add(telling)
                telling.add_done_callback(self._telling.discard)

    async def _tell_death(self, id_: JobId, when: float) -> None:
        """Note that a worker process of a job died, with its last words; another has its name by now."""
        text = "lost a worker process; it was started again"
        try:
            if death := await self._deaths.newest(self._log(id_)):
                text += f". {death.in_words()}"
        except TimeoutError:
            logger.warning("the log of job %s could not be read in time", id_)
        self.observed.trouble(when, id_, text)

    def _log(self, id_: JobId) -> Path:
        return self._folder.logs / f"worker-{id_}.out"

    def went(self, worker: str) -> None:
        """Note that a worker disconnected."""
        if id_ := job_of(worker):
            self.observed.last_seen[id_] = time.time()

    @property
    def failing(self) -> Failing | None:
        """The jobs that ended before a worker of them connected, since the last worker that connected."""
        return self._failing and replace(self._failing, next_try=self._backoff.not_before or None)

    def recall_events(self) -> list[JobEvent]:
        """Return the events in the log from before this start of the runner."""
        events = past_events(self._folder, self._events, self._id)
        self.observed.recall(events)
        return events

    async def read_events(self) -> bool:
        """Apply the new events in the log; return whether any was about a worker."""
        events = [event for event in self._events.read() if event.job.cluster != self._id]
        words = await self._read_last_words(events)
        failed = {
            failed for event in events if (failed := self.observed.apply(event, self._memory, words.get(event.job, "")))
        }
        self._backoff = self._backoff.failed(failed, time.time())
        ended = [event.job for event in events if event.kind == EventKind.TERMINATED and event.job in failed]
        self._failing = failing_after(self._failing, ended, words)
        return bool(events)

    async def _read_last_words(self, events: Iterable[JobEvent]) -> dict[JobId, str]:
        """Return the last words of the jobs that ended in failure."""
        observed = self.observed
        ended = [
            event.job
            for event in events
            if event.job not in observed.dismissed and ended_in_failure(event, event.job in observed.ever_connected)
        ]
        if not ended:
            return {}
        logs = [self._log(id_) for id_ in ended]
        try:
            async with asyncio.timeout(LOGS_TIMEOUT):
                return dict(zip(ended, await asyncio.to_thread(read_last_words, logs), strict=True))
        except TimeoutError:
            logger.warning("the logs of %d jobs that ended could not be read within %g s", len(ended), LOGS_TIMEOUT)
            return {}

    def update(self, job: SchedulerJob, jobs: Sequence[WorkerJob]) -> None:
        """Apply the result of a query of the queue."""
        self._job = job
        self.observed.replace(jobs, time.time())
        # These jobs started just before they would have been removed.
        self.observed.dismissed -= {
            other.id for other in jobs if other.status == JobStatus.RUNNING and other.id not in self._leaving.jobs
        }
        if job.adapt is None:
            self.wanted = job.workers
        else:
            lowest, highest = job.adapt
            # After a restart the jobs in the queue show the last number of adaptive scaling.
            current = self.wanted if self._adapting else self.cores * len(jobs)
            self.wanted = min(max(current, lowest), highest)
        self._adapting = job.adapt is not None

    def estimate(self) -> bool:
        """Ask Dask for its estimate of the workers; return whether more or fewer are wanted now."""
        if self._job.adapt is None:
            return False
        lowest, highest = self._job.adapt
        pace = self._job.pace
        self._patience.seconds = self._default_patience if pace.patience is None else pace.patience
        # Without a duration it is that of Dask's configuration.
        estimate = min(max(self._scheduler.adaptive_target(pace.target_duration), lowest), highest)
        before, self.wanted = self.wanted, self._patience.settle(self.wanted, estimate, time.monotonic())
        if before != self.wanted:
            logger.info("adaptive: %d workers wanted instead of %d", self.wanted, before)
        return before != self.wanted

    def lost(self, connected: Mapping[JobId, int]) -> set[JobId]:
        """Return the jobs that run, but have had no connected worker for too long."""
        observed = self.observed
        return lost_jobs(observed.jobs.values(), connected, observed.last_seen, time.time(), self.connect_timeout)

    def next_look(self) -> float:
        """Return the seconds after which to query the queue even if nothing happens."""
        now, connected = time.time(), self._scheduler.connected()
        moments = [
            max(job.since, self.observed.last_seen.get(job.id, 0)) + self.connect_timeout
            for job in self.observed.jobs.values()
            if job.status == JobStatus.RUNNING and not connected.get(job.id)
        ]
        moments += [
            self._time_limit.leaves_at(job)
            for job in self.observed.jobs.values()
            if job.status == JobStatus.RUNNING and job.id not in self._leaving.jobs
        ]
        if self._backoff.not_before > now:
            moments.append(self._backoff.not_before)
        if first := self._first_waiting():
            moments.append(next_offer(first.since, self._offered))
        return max(1.0, min(moments, default=math.inf) - now)

    async def look_at_pool(self) -> bool:
        """Ask the pool, if that is due, whether it can ever run the jobs that wait; return whether it was asked."""
        jobs, wanted = list(self.observed.jobs.values()), jobs_for(self.wanted, self.cores)
        if not self._outlook.is_due(wanted, jobs, time.time()):
            return False
        memory = min(job.memory_asked for job in jobs if job.status == JobStatus.IDLE)
        never = await no_slot_matches(self._folder, self._queue.owner, memory)
        self._outlook = self._outlook.after_look(never, time.time())
        if self._outlook.never:
            logger.info("no slot of the pool can ever run the %d worker jobs wanted: only a few stay queued", wanted)
        return True

    async def step(self) -> None:
        """Repair jobs where possible, then submit missing jobs or remove surplus ones."""
        now = time.time()
        jobs = list(self.observed.jobs.values())
        await self._offer_again(now)
        growing = await self._give_memory([job for job in jobs if outgrew_memory(job)])
        held = [job for job in jobs if job.status == JobStatus.HELD and job.id not in growing]
        lost = self.lost(self._scheduler.connected())
        for id_ in lost - self.observed.dismissed:
            self.observed.trouble(
                now, id_, f"had no connection for {self.connect_timeout:g} s; another takes its place"
            )
        await self._remove(
            [*lost, *(job.id for job in held if now - job.since > HELD_FOR)], "without use; another took its place"
        )
        self._leave_in_time(jobs, now)
        useless = lost | {job.id for job in held} | self._leaving.jobs
        untried = [job for job in jobs if job.id not in useless | self.observed.ever_connected]
        wanted = jobs_for(self.wanted, self.cores)
        self._outlook = self._outlook.after_query(jobs)
        todo = decide(self._outlook.in_queue(wanted), jobs, self._scheduler.busy(), useless)
        missing = self._backoff.allowance(todo.submit, len(untried), now)
        # After a restart the pool is asked first: perhaps no slot matches, and the others were removed for that.
        if missing and not self._outlook.is_due(wanted, jobs, now):
            await self._submit(missing, wanted)
        # Selected by their status as well: a job that started a moment ago needs another decision.
        await self._remove(
            todo.waiting,
            "no slot of the pool can ever run them" if self._outlook.never else "scaled down",
            f"(JobStatus == {JobStatus.IDLE:d} || JobStatus == {JobStatus.HELD:d})",
        )
        if wanted == 0:
            # No worker is left to take the data.
            await self._remove([*todo.running, *self._leaving.jobs], "scaled to zero")
        else:
            self._retire(todo.running)

    async def _submit(self, missing: int, wanted: int) -> None:
        logger.info("submitting %d worker jobs: %d wanted", missing, wanted)
        before = int(time.time())
        try:
            for id_ in await submit_workers(self._queue, self._folder, self._id, missing):
                # The event log may have reported more already.
                submitted = WorkerJob(id_, JobStatus.IDLE, 0, before, memory_asked=self._memory)
                self.observed.jobs.setdefault(id_, submitted)
        except LimitExceeded as error:
            self.observed.trouble(time.time(), "", str(error))
            self._backoff = Backoff(self._backoff.streak, time.time() + LIMIT_REST)

    def _first_waiting(self) -> WorkerJob | None:
        waiting = (job for job in self.observed.jobs.values() if job.status == JobStatus.IDLE)
        return min(waiting, key=lambda job: job.since, default=None)

    async def _offer_again(self, now: float) -> None:
        """Offer long-waiting jobs to the pool again: setting the priority of one makes the schedd do it."""
        first = self._first_waiting()
        if first and now >= next_offer(first.since, self._offered):
            self._offered = now
            await self._queue.edit(jobs_constraint([first.id]), {"JobPrio": str(first.priority)})

    async def _give_memory(self, jobs: Iterable[WorkerJob]) -> set[JobId]:
        """Run jobs that outgrew their memory again with more; return those that could get more."""
        growing = set()
        for job in jobs:
            if more := grown_memory(job, self._memory):
                growing.add(job.id)
                megabytes = -(-more // MEGABYTE)
                await self._queue.edit(jobs_constraint([job.id]), {"RequestMemory": str(megabytes)})
                self.observed.asks_for(job.id, megabytes * MEGABYTE)
                await self._queue.release(jobs_constraint([job.id]), "runs again with more memory")
                by = self.outgrown.taken_by(job.id)
                self.observed.trouble(
                    time.time(),
                    job.id,
                    f"outgrew {size(job.memory_asked)} and runs again with {size(more)}{f'; {by}' if by else ''}",
                )
        return growing

    async def _remove(self, ids: Iterable[JobId], reason: str, only: str = "true") -> None:
        if ids := list(ids):
            logger.info("removing %d worker jobs: %s", len(ids), reason)
            self.observed.dismissed.update(ids)
            await self._queue.remove(f"({only}) && {jobs_constraint(ids)}", reason)

    def _leave_in_time(self, jobs: Iterable[WorkerJob], now: float) -> None:
        """Let jobs leave before their time is over; others are submitted at once."""
        by_id = {job.id: job for job in jobs}
        for id_ in self._time_limit.due(by_id.values(), now):
            self.observed.dismissed.add(id_)
            patience = self._time_limit.patience(by_id[id_], now)
            self._leaving.begin(id_, patience, "its time is almost over", others_first=True)

    def _retire(self, ids: Iterable[JobId]) -> None:
        for id_ in ids:
            self.observed.dismissed.add(id_)
            self._leaving.begin(id_, RETIRE_TIMEOUT, "scaled down")
