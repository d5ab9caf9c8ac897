"""The life of a scheduler job: a Dask scheduler, and a loop that brings its workers to what its ad asks for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import time
from pathlib import Path

import dask.config
from dask.utils import parse_timedelta

from af_lab import config
from af_lab.condor.connection import HelperConnection
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
from af_lab.manager.worker import read_ad

__all__ = ["steer"]

logger = logging.getLogger("af_lab.runner")

EVENT_LOG_POLL = 0.5  # seconds between two looks at the size of the event log
CONNECT_PATIENCE = 60.0  # seconds that a running job may take until its worker counts as lost
RETIRE_TIMEOUT = 30.0  # seconds that the data of leaving workers may take to move


async def steer(here: Path, connection: HelperConnection) -> None:
    """Run the scheduler of the cluster in this folder until it is closed, and keep its workers at what is wanted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", force=True)
    dask.config.set({"temporary-directory": str(here / "scratch")})
    logging.getLogger("distributed").handlers.clear()
    logging.getLogger("distributed").propagate = True
    id_ = int(read_ad(Path(os.environ["_CONDOR_JOB_AD"]))["ClusterId"])
    runner = Runner(ClusterFolder(here), Queue(connection), id_)
    await runner.run()


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
        self._scheduler = GuardedScheduler(self.folder, self._last_address(), on_change=self._wake.set)
        self._scheduler.handlers["af_lab_nudge"] = self._nudged
        self._scheduler.handlers["af_lab_snapshot"] = self._told
        async with self._scheduler:
            address = self._scheduler.address
            self.folder.write(self.folder.contact, json.dumps({"address": address}).encode())
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

    def _say(self, reason: str) -> None:
        logger.info("%s", reason)
        self.folder.write(self.folder.reason, reason.encode())

    def _last_address(self) -> str | None:
        """Return the address of an earlier start: clients come back to it, and to no other."""
        contact = self.folder.read_contact()
        return None if contact is None else str(contact["address"])

    async def _elder(self) -> JobId | None:
        """Return the job that has the name already: of two made at the same moment, the older wins."""
        constraint = (
            f"({ads.NAME} =?= {string(self._job.name)}) && ClusterId < {self.id} "
            f"&& JobStatus =!= {JobStatus.REMOVED:d} && JobStatus =!= {JobStatus.COMPLETED:d}"
        )
        found = await self.queue.query(constraint, ["ClusterId", "ProcId"])
        return min((JobId(ad["ClusterId"], ad["ProcId"]) for ad in found), default=None)

    async def _look(self) -> None:
        """Read own ad and those of the worker jobs, in one query."""
        mine = f"(ClusterId == {self.id}) || ({ads.SCHEDULER} =?= {self.id})"
        found = await self.queue.query(mine, ads.PROJECTION)
        own = next((ad for ad in found if ad["ClusterId"] == self.id), None)
        if own is None:
            raise CondorError(f"The queue of {self.queue.owner} does not hold the scheduler job {self.id} itself.")
        self._job = SchedulerJob.from_ad(own)
        self._jobs = [WorkerJob.from_ad(ad) for ad in found if ad["ClusterId"] != self.id]

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
                self._job.spec.cores,
                self._jobs,
                self._scheduler.connected(),
                time.time(),
                CONNECT_PATIENCE,
            ),
            dashboard_port=self._scheduler.http_port(),
        )
        return snapshot.to_message()

    async def _reconcile(self) -> None:
        """Look at the queue and take the one step that brings it closer to what is wanted."""
        async with self._looking:
            await self._look()
            generation = self._job.generation
            wanted = jobs_for(self._job.workers, self._job.spec.cores)
            match decide(wanted, self._jobs, self._scheduler.busy()):
                case Submit(count=missing):
                    logger.info("submitting %d worker jobs: %d wanted", missing, wanted)
                    await self._submit(missing)
                    await self._look()
                case Remove() as surplus:
                    logger.info("removing %d waiting and %d running", len(surplus.waiting), len(surplus.running))
                    await self._remove(surplus, everything=wanted == 0)
                    await self._look()
            self._generation = generation

    async def _submit(self, missing: int) -> None:
        description = json.loads(self.folder.worker_description.read_text(encoding="utf-8"))
        await self.queue.submit({**description, f"My.{ads.SCHEDULER}": str(self.id)}, missing)

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
