"""The life of a scheduler job: a Dask scheduler, and a loop that brings its workers to what its ad asks for."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time

import dask.config
from dask.utils import parse_timedelta

from af_lab import config
from af_lab.condor.description import string
from af_lab.condor.jobs import JobId, JobStatus
from af_lab.condor.queue import Queue
from af_lab.errors import CondorError
from af_lab.manager import ads
from af_lab.manager.ads import SchedulerJob, WorkerJob
from af_lab.manager.daskside import GuardedScheduler
from af_lab.manager.folder import ClusterFolder
from af_lab.manager.scaling import Remove, Submit, decide, jobs_for
from af_lab.manager.snapshot import Snapshot, count
from af_lab.manager.workerjobs import look, submit_workers

__all__ = ["steer"]

logger = logging.getLogger("af_lab.runner")

EVENT_LOG_POLL = 0.5  # seconds between two looks at the size of the event log
CONNECT_PATIENCE = 60.0  # seconds that a running job may take until its worker counts as lost
RETIRE_TIMEOUT = 30.0  # seconds that the data of leaving workers may take to move


async def steer(folder: ClusterFolder, queue: Queue, id_: int) -> None:
    """Run the Dask scheduler of a scheduler job until it is closed, and keep its workers at what is wanted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", force=True)
    dask.config.set({"temporary-directory": str(folder.path / "scratch")})
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
        self._job: SchedulerJob
        self._jobs: list[WorkerJob] = []
        self._generation = 0
        self._scheduler: GuardedScheduler
        self._retiring: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Start the scheduler, tell its address, and steer until it is closed."""
        await self._look()
        if elder := await self._elder():
            self._say(f"The name {self._job.name!r} was taken by job {elder} a moment earlier.")
            return
        self._scheduler = GuardedScheduler(self.folder, self._port(), on_change=self._wake.set)
        self._scheduler.handlers["af_lab_nudge"] = self._nudged
        self._scheduler.handlers["af_lab_snapshot"] = self._told
        async with self._scheduler:
            address = self._scheduler.address
            self.folder.write_address(address)
            await self.queue.edit(
                f"ClusterId == {self.id}",
                {ads.ADDRESS: string(address), ads.READY: str(self._job.starts)},
            )
            logger.info("cluster %s (job %d) answers at %s", self._job.name, self.id, address)
            await self._reconcile()
            watchers = [asyncio.create_task(self._keep_steering()), asyncio.create_task(self._watch_events())]
            finished = asyncio.create_task(self._scheduler.finished())
            done, _ = await asyncio.wait([*watchers, finished], return_when=asyncio.FIRST_COMPLETED)
            for task in (*watchers, finished):
                if task not in done:
                    task.cancel()
            for task in done:
                task.result()
        self._say("The Dask scheduler was shut down by a client.")

    def _port(self) -> int:
        """Return the port of an earlier start: clients come back to it, and to no other. 0 if somebody else has it."""
        address = self.folder.read_address()
        if address is None:
            return 0
        port = int(address.rpartition(":")[2])
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("", port))
            except OSError as error:
                logger.warning("the port of the earlier start is taken (%s); clients have to connect anew", error)
                return 0
        return port

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

    async def _look(self) -> None:
        self._job, self._jobs = await look(self.queue, self.id)

    async def _keep_steering(self) -> None:
        poll = parse_timedelta(config.get("scheduler.poll"))
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), poll)
            self._wake.clear()
            try:
                await self._reconcile()
            except CondorError as error:
                # The scheduler works on without HTCondor; what is wanted still stands in the queue afterwards.
                logger.warning("%s", error)

    async def _watch_events(self) -> None:
        size = -1
        while True:
            with contextlib.suppress(FileNotFoundError):
                grown = self.folder.events.stat().st_size
                if grown != size:
                    size = grown
                    self._wake.set()
            await asyncio.sleep(EVENT_LOG_POLL)

    async def _nudged(self) -> dict[str, object]:
        await self._reconcile()
        return await self._told()

    async def _told(self) -> dict[str, object]:
        snapshot = Snapshot(
            generation=self._generation,
            counts=count(
                self._job.workers,
                self._job.cores,
                self._jobs,
                self._scheduler.connected(),
                time.time(),
                CONNECT_PATIENCE,
            ),
        )
        return snapshot.to_message()

    async def _reconcile(self) -> None:
        """Look at the queue and take the one step that brings it closer to what is wanted."""
        async with self._looking:
            await self._look()
            generation = self._job.generation
            wanted = jobs_for(self._job.workers, self._job.cores)
            match decide(wanted, self._jobs, self._scheduler.busy()):
                case Submit(count=missing):
                    logger.info("submitting %d worker jobs: %d wanted", missing, wanted)
                    await submit_workers(self.queue, self.folder, self.id, missing)
                    await self._look()
                case Remove() as surplus:
                    logger.info("removing %d waiting and %d running", len(surplus.waiting), len(surplus.running))
                    await self._remove(surplus, everything=wanted == 0)
                    await self._look()
            self._generation = generation

    async def _remove(self, surplus: Remove, *, everything: bool) -> None:
        if surplus.waiting:
            # By their status as well: a job that started a moment ago is another decision.
            waits = f"(JobStatus == {JobStatus.IDLE:d} || JobStatus == {JobStatus.HELD:d})"
            await self.queue.remove(f"{waits} && {_any_of(surplus.waiting)}", "scaled down")
        if everything and surplus.running:
            await self.queue.remove(_any_of(surplus.running), "scaled to zero")
            return
        under_way = {task.get_name() for task in self._retiring}
        for id_ in surplus.running:
            if str(id_) not in under_way:
                task = asyncio.create_task(self._retire(id_), name=str(id_))
                self._retiring.add(task)
                task.add_done_callback(self._retiring.discard)

    async def _retire(self, id_: JobId) -> None:
        """Let the workers of a job hand on their data, then remove the job."""
        try:
            async with asyncio.timeout(RETIRE_TIMEOUT):
                await self._scheduler.retire(id_)
        except TimeoutError:
            logger.warning("the data of job %s did not move within %g s; it is computed again", id_, RETIRE_TIMEOUT)
        await self.queue.remove(_any_of([id_]), "scaled down")


def _any_of(ids: list[JobId] | tuple[JobId, ...]) -> str:
    """Return the constraint that selects these jobs."""
    by_cluster: dict[int, list[int]] = {}
    for id_ in ids:
        by_cluster.setdefault(id_.cluster, []).append(id_.proc)
    return (
        "("
        + " || ".join(
            f"(ClusterId == {cluster} && ({' || '.join(f'ProcId == {proc}' for proc in procs)}))"
            for cluster, procs in by_cluster.items()
        )
        + ")"
    )
