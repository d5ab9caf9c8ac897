"""The life of a scheduler job: a Dask scheduler, and a loop that adjusts its workers to what its ad asks for."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from inspect import signature
from typing import TypeVar
from urllib.parse import urlsplit

import dask.config

from af_lab import config
from af_lab.condor.description import string
from af_lab.condor.job import JobId, JobStatus
from af_lab.condor.queue import Queue
from af_lab.errors import CondorError, CondorUnavailable
from af_lab.model import ads
from af_lab.model.ads import SchedulerJob
from af_lab.model.cluster_queue import look, scheduler_constraint
from af_lab.model.folder import ClusterFolder
from af_lab.model.runner_calls import CLUSTER_NAME, PROTOCOL, DashboardPlace, RunnerCall
from af_lab.model.snapshot import TimelinePoint
from af_lab.model.timeline_file import TimelineFile, read_timeline
from af_lab.runner.log_limit import keep_logs_short
from af_lab.runner.ports import check_interface, free_port, is_free, place_of_pages
from af_lab.runner.publisher import Report
from af_lab.runner.scheduler import GuardedScheduler
from af_lab.runner.worker_jobs import WorkerJobs
from af_lab.worker.own_keys import find_keys_by_address
from af_lab.worker.protocol import OUTGREW_CALL

__all__ = ["steer"]

T = TypeVar("T")

logger = logging.getLogger("af_lab.runner")

EVENT_LOG_POLL = 0.2  # seconds between two looks at the size of the event log
TICK = 1.0  # seconds between two looks at the tasks
QUEUE_REST = 2.0  # seconds between two queries of the queue that only events ask for
CLOSE_TIMEOUT = 10.0  # seconds that the scheduler may take to close
START_PATIENCE = 300.0  # seconds that HTCondor may be silent while the scheduler starts


async def steer(folder: ClusterFolder, queue: Queue, id_: int) -> None:
    """Run the Dask scheduler of a scheduler job until it is closed, and adjust its workers to the number wanted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", force=True)
    dask.config.set({"temporary-directory": str(folder.path / "scratch")})
    find_keys_by_address(folder.path)
    logging.getLogger("distributed").handlers.clear()
    logging.getLogger("distributed").propagate = True
    await Runner(folder, queue, id_).run()


class Runner:
    """One start of a cluster's scheduler job.

    Parameters
    ----------
    folder
        The cluster's folder.
    queue
        The owner's jobs.
    id_
        ``ClusterId`` of the scheduler job.
    """

    def __init__(self, folder: ClusterFolder, queue: Queue, id_: int) -> None:
        self.folder = folder
        self.queue = queue
        self.id = id_
        self._wake = asyncio.Event()
        self._looking = asyncio.Lock()
        self._looked = 0.0
        self._job: SchedulerJob
        self._scheduler: GuardedScheduler
        self._workers: WorkerJobs
        self._report: Report

    async def run(self) -> None:
        """Start the scheduler, publish its address, and adjust its workers until it is closed."""
        self._job, jobs = await self._insist(lambda: look(self.queue, self.id))
        if elder := await self._insist(self._elder):
            self._say(f"The name {self._job.name!r} was taken by job {elder} a moment earlier.")
            return
        interface, port = config.get("scheduler.interface"), self._port()
        check_interface(interface)
        pages = place_of_pages(interface, config.get("scheduler.ports"), port)
        self._scheduler = GuardedScheduler(self.folder, port, pages, on_come=self._came, on_go=self._went)
        self._workers = WorkerJobs(self.folder, self.queue, self._job, jobs, self._scheduler)
        self._scheduler.site_of = self._workers.observed.site_of
        self._report = Report(self._job, self._workers, self._scheduler)
        self._report.timeline.recall(self._kept_timeline(), self._workers.recall_events(), self._workers.cores)
        self._scheduler.handlers[RunnerCall.NUDGE] = self._nudged
        self._scheduler.handlers[RunnerCall.DASHBOARD] = self._open_dashboard
        self._scheduler.handlers[OUTGREW_CALL] = self._workers.outgrown.outgrew
        self._scheduler.handlers |= self._report.handlers()
        self._scheduler.handlers["identity"] = self._identity
        await self._scheduler
        address = self._contact(self._scheduler.address)
        self.folder.write_address(address)
        told = {ads.ADDRESS: string(address), ads.READY: str(self._job.starts)}
        await self._insist(lambda: self.queue.edit(scheduler_constraint(self.id), told))
        logger.info("cluster %s (job %d) answers at %s", self._job.name, self.id, address)
        self._wake.set()
        await self._live()
        # Clients are notified, but cannot keep the cluster from ending.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._scheduler.close()

    async def _live(self) -> None:
        finished = asyncio.create_task(self._scheduler.finished())
        loops = (
            *(self._keep_steering, self._watch_events, self._watch_tasks, self._watch_pool),
            *(self._report.keep_publishing, self._report.keep_watching_work, self._keep_timeline, self._limit_logs),
        )
        tasks = [finished, *(asyncio.create_task(loop()) for loop in loops)]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task not in done:
                task.cancel()
        for task in done:
            task.result()
        if finished in done:
            self._say("The Dask scheduler was shut down by a client.")

    def _kept_timeline(self) -> list[TimelinePoint]:
        try:
            return read_timeline(self.folder.timeline)
        except OSError as error:
            logger.warning("the number of workers before this start could not be read: %s", error)
            return []

    async def _keep_timeline(self) -> None:
        await self._report.keep_timeline(TimelineFile(self.folder.timeline))

    async def _insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask HTCondor until it answers: the runner cannot start without the answer."""
        deadline = time.monotonic() + START_PATIENCE
        while True:
            try:
                return await ask()
            except CondorUnavailable as error:
                if time.monotonic() > deadline:
                    raise
                logger.warning("%s Asking again.", error)
                await asyncio.sleep(TICK)

    def _port(self) -> int:
        """Return the port to listen on: that of an earlier start if free, because clients reconnect only to it."""
        address = self.folder.read_address()
        if address is not None:
            port = int(address.rpartition(":")[2])
            if is_free(port):
                return port
            logger.warning("port %d of the earlier start is taken; clients have to connect again", port)
        return free_port(config.get("scheduler.ports"))

    def _contact(self, address: str) -> str:
        """Return the address that workers and clients connect to."""
        host = config.get("scheduler.contact-host")
        return f"{PROTOCOL}://{host}:{address.rpartition(':')[2]}" if host else address

    async def _open_dashboard(self) -> dict[str, object]:
        problem = await self._scheduler.open_dashboard()
        bound, port = self._scheduler.pages
        # A server that listens on all interfaces is reached at the scheduler's host.
        beside = urlsplit(self._contact(self._scheduler.address)).hostname
        host = beside or bound if bound == "0.0.0.0" else bound  # noqa: S104
        return asdict(DashboardPlace(problem, host, port))

    def _identity(self, n_workers: int = -1) -> dict[str, object]:
        identity = self._scheduler.identity
        # Dask before 2025.4 always describes all workers.
        asked = {"n_workers": n_workers} if "n_workers" in signature(identity).parameters else {}
        return {**identity(**asked), CLUSTER_NAME: self._job.name}

    def _say(self, reason: str) -> None:
        logger.info("%s", reason)
        self.folder.write(self.folder.reason, reason.encode())

    async def _elder(self) -> JobId | None:
        """Return the job that has the name already: of two made at the same moment, the older wins."""
        constraint = (
            f"({ads.NAME} =?= {string(self._job.name)}) && ClusterId < {self.id} "
            f"&& JobStatus =!= {JobStatus.REMOVED:d} && JobStatus =!= {JobStatus.COMPLETED:d}"
        )
        found = await self.queue.query(constraint, ["ClusterId", "ProcId"])
        return min((JobId(ad["ClusterId"], ad["ProcId"]) for ad in found), default=None)

    def _came(self, worker: str, again: bool) -> None:
        self._workers.came(worker, again)
        self._report.touch()

    def _went(self, worker: str) -> None:
        self._workers.went(worker)
        self._report.touch()
        # If no worker of its job is connected by then, the job is lost.
        asyncio.get_running_loop().call_later(self._workers.connect_timeout, self._wake.set)

    async def _keep_steering(self) -> None:
        poll = config.seconds("scheduler.poll")
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), min(poll, self._workers.next_look()))
            # Each query scans the whole queue of all users, so events that follow closely share one query.
            await asyncio.sleep(max(0.0, self._looked + QUEUE_REST - time.monotonic()))
            self._wake.clear()
            # Access points that share a home do not see each other's clusters, only the age of a folder.
            with contextlib.suppress(OSError):
                os.utime(self.folder.path)
            await self._try_to_reconcile()

    async def _watch_events(self) -> None:
        """Follow the event log, which costs the schedd nothing."""
        while True:
            if await self._workers.read_events():
                self._report.touch()
                self._wake.set()
            await asyncio.sleep(EVENT_LOG_POLL)

    async def _watch_tasks(self) -> None:
        """Scale with the tasks, and end the cluster when it has had none for too long."""
        while True:
            await asyncio.sleep(TICK)
            self._report.touch()
            self._workers.outgrown.let_run()
            if self._workers.estimate():
                self._wake.set()
            idle_since = self._scheduler.check_idle()
            if self._report.is_over(idle_since):
                self._say(f"It had no task for {self._report.idle_timeout_in_words} and ended itself (idle_timeout).")
                return

    async def _watch_pool(self) -> None:
        """Find out whether the pool can ever run jobs that wait for long."""
        while True:
            await asyncio.sleep(TICK)
            if await self._workers.look_at_pool():
                self._wake.set()

    async def _limit_logs(self) -> None:
        await keep_logs_short(self.folder, lambda: list(self._workers.observed.jobs))

    async def _nudged(self) -> dict[str, object]:
        if not await self._try_to_reconcile():
            self._wake.set()
        return self._report.now()

    async def _try_to_reconcile(self) -> bool:
        try:
            await self._reconcile()
        except CondorError as error:
            # The scheduler continues without HTCondor; the queue still holds what is wanted afterwards.
            logger.warning("%s", error)
            return False
        return True

    async def _reconcile(self) -> None:
        """Query the queue and take the next step towards what is wanted."""
        async with self._looking:
            self._job, jobs = await look(self.queue, self.id)
            self._looked = time.monotonic()
            self._workers.update(self._job, jobs)
            await self._workers.step()
            self._report.reached(self._job)
