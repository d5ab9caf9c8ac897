"""The clusters of one user: made, found, scaled and ended.

`ClusterManager` remembers nothing. What it tells stands in the job queue, and what it does is done to the queue, so a
notebook, a script, the command line and the Jupyter server all see the same clusters.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import time
from dataclasses import replace

from dask.utils import parse_timedelta
from distributed.core import rpc

from af_lab import config
from af_lab.condor.connection import HelperConnection
from af_lab.condor.description import string
from af_lab.condor.jobs import JobStatus
from af_lab.condor.queue import Queue
from af_lab.errors import ClusterExists, ClusterFailed, ClusterNotFound, CondorError
from af_lab.home import af_lab_home
from af_lab.manager import ads, descriptions
from af_lab.manager.ads import SchedulerJob
from af_lab.manager.folder import ClusterFolder
from af_lab.manager.info import ClusterInfo, describe
from af_lab.manager.scaling import jobs_for
from af_lab.manager.security import make_credentials
from af_lab.manager.snapshot import Snapshot
from af_lab.manager.spec import ClusterSpec, check_workers
from af_lab.manager.workerjobs import submit_workers

__all__ = ["ClusterManager", "open_connection"]

logger = logging.getLogger(__name__)

FIRST_JOBS = 100  # worker jobs that whoever makes a cluster submits; the others follow when its scheduler runs
RUNNER_TIMEOUT = 5.0  # seconds that a runner may take to answer
CONTACT_POLL = 0.05  # seconds between two looks at the contact file of a cluster that starts
QUEUE_POLL = 2.0  # seconds between two questions to the schedd meanwhile


class ClusterManager:
    """The clusters of the calling user.

    All methods raise `CondorUnavailable` when HTCondor does not answer in time. They may be called from any event
    loop.

    Parameters
    ----------
    connection
        Calls to HTCondor; a new one by default.
    """

    def __init__(self, connection: HelperConnection | None = None) -> None:
        self.queue = Queue(connection or open_connection())

    async def create(self, spec: ClusterSpec) -> ClusterInfo:
        """Submit a new cluster and return at once; it starts on its own.

        Raises
        ------
        ClusterExists
            The name is taken.
        SpecError
            A value cannot stand in a job's description.
        """
        if taken := [job for job in await self._jobs(spec.name) if _exists(job)]:
            raise _exists_already(taken[0])
        folder = await asyncio.to_thread(_prepare, spec)
        description = descriptions.scheduler_description(folder, spec, self.queue.owner)
        (id_,) = await self.queue.submit(description)
        same = [job for job in await self._jobs(spec.name) if _exists(job)]
        made = next((job for job in same if job.id == id_), None)
        elder = min(same, key=lambda job: job.id, default=None)
        if elder is not None and elder.id < id_:
            await self.queue.remove(f"ClusterId == {id_.cluster}", "the name was taken a moment earlier")
            raise _exists_already(elder)
        if made is None:
            raise ClusterFailed(f"The cluster {spec.name!r} (job {id_}) was removed while it was being made.")
        await self._ask_for_workers(made)
        return describe(made, None)

    async def _ask_for_workers(self, job: SchedulerJob) -> None:
        """Submit a new cluster's first workers, so that they are matched while their scheduler starts."""
        first = min(jobs_for(job.workers, job.cores), FIRST_JOBS)
        try:
            if first:
                await submit_workers(self.queue, ClusterFolder(job.folder), job.id.cluster, first)
        except CondorError as error:
            logger.info("The scheduler of %r will ask for its workers itself: %s", job.name, error)

    async def clusters(self) -> list[ClusterInfo]:
        """Return all clusters, those that ended within a day among them, by name."""
        jobs = await self._jobs()
        snapshots = await asyncio.gather(*(self._ask(job, "af_lab_snapshot") for job in jobs))
        return [describe(job, snapshot) for job, snapshot in zip(jobs, snapshots, strict=True)]

    async def get(self, name: str) -> ClusterInfo:
        """Return one cluster; where the name was used before, the one that exists or ended last.

        Raises
        ------
        ClusterNotFound
            There is none of that name.
        """
        job = await self._job(name)
        return describe(job, await self._ask(job, "af_lab_snapshot"))

    async def scale(self, name: str, workers: int) -> ClusterInfo:
        """Ask for a number of worker processes; the cluster comes to it on its own.

        Raises
        ------
        ClusterNotFound
            There is no cluster of that name, or it has ended.
        SpecError
            The number is not allowed.
        """
        check_workers(workers)
        found = await self._existing(name)
        job = replace(found, workers=workers, generation=found.generation + 1)
        await self.queue.edit(
            f"ClusterId == {job.id.cluster}",
            {ads.WORKERS: str(job.workers), ads.GENERATION: str(job.generation)},
        )
        # The runner would find it by itself, later; it is told so that nobody waits.
        return describe(job, await self._ask(job, "af_lab_nudge"))

    async def shutdown(self, name: str) -> None:
        """End a cluster at once, its workers with it.

        Raises
        ------
        ClusterNotFound
            There is none of that name.
        """
        job = await self._job(name)
        await self.queue.remove(f"ClusterId == {job.id.cluster}", "ended by its owner")

    async def wait_until_running(self, name: str, timeout: float | None = None) -> ClusterInfo:
        """Wait until the cluster's scheduler answers.

        Parameters
        ----------
        name
            The cluster.
        timeout
            Seconds; by default ``af-lab.scheduler.start-timeout``.

        Raises
        ------
        ClusterFailed
            It failed, ended, or did not answer in time.
        """
        limit = parse_timedelta(config.get("scheduler.start-timeout")) if timeout is None else timeout
        deadline = time.monotonic() + limit
        job = await self._existing(name)
        while not job.ready:
            if job.status in (JobStatus.HELD, JobStatus.COMPLETED, JobStatus.REMOVED):
                reason = describe(job, None).reason or "it gave no reason"
                raise ClusterFailed(f"The cluster {name!r} did not start: {reason}\nIts logs: {job.folder / 'logs'}")
            if time.monotonic() > deadline:
                raise ClusterFailed(
                    f"The Dask scheduler of the cluster {name!r} (job {job.id}) did not answer within {limit:g} s. "
                    f"`condor_q {job.id.cluster}` shows its job; its logs: {job.folder / 'logs'}"
                )
            # The contact file tells of a start sooner and cheaper than the queue does.
            folder, next_look = ClusterFolder(job.folder), time.monotonic() + QUEUE_POLL
            while folder.read_address() is None and time.monotonic() < min(deadline, next_look):
                await asyncio.sleep(CONTACT_POLL)
            await asyncio.sleep(CONTACT_POLL)
            job = await self._existing(name)
        return describe(job, await self._ask(job, "af_lab_snapshot"))

    async def folder(self, name: str) -> ClusterFolder:
        """Return the folder of a cluster that exists."""
        return ClusterFolder((await self._existing(name)).folder)

    async def _jobs(self, name: str | None = None) -> list[SchedulerJob]:
        which = f"{ads.NAME} =!= undefined" if name is None else f"{ads.NAME} =?= {string(name)}"
        found = await self.queue.query(which, ads.PROJECTION)
        return sorted((SchedulerJob.from_ad(ad) for ad in found), key=lambda job: (job.name, job.id))

    async def _job(self, name: str) -> SchedulerJob:
        jobs = await self._jobs(name)
        if not jobs:
            raise ClusterNotFound(f"You have no cluster {name!r}. `af_lab.clusters()` lists those you have.")
        return min(jobs, key=lambda job: (not _exists(job), -job.id.cluster))

    async def _existing(self, name: str) -> SchedulerJob:
        job = await self._job(name)
        if not _exists(job):
            reason = ClusterFolder(job.folder).read_reason() or "no reason was given"
            raise ClusterNotFound(f"The cluster {name!r} has ended: {reason}")
        return job

    async def _ask(self, job: SchedulerJob, question: str) -> Snapshot | None:
        """Ask a runner; None where none answers."""
        if not job.ready or job.address is None:
            return None
        security = ClusterFolder(job.folder).security()
        with contextlib.suppress(OSError, TimeoutError):
            async with (
                asyncio.timeout(RUNNER_TIMEOUT),
                rpc(job.address, connection_args=security.get_connection_args("client")) as runner,
            ):
                return Snapshot.from_message(await getattr(runner, question)())
        return None


def open_connection() -> HelperConnection:
    """Return a new connection with the configured timeout; its helper starts with the first call."""
    return HelperConnection(parse_timedelta(config.get("condor.timeout")))


def _prepare(spec: ClusterSpec) -> ClusterFolder:
    folder = ClusterFolder.create(af_lab_home(), make_credentials(spec.name))
    folder.write(folder.environment, descriptions.environment_script(spec, os.environ).encode())
    folder.write(folder.scheduler_program, descriptions.scheduler_program(folder, spec).encode(), mode=0o700)
    folder.write(folder.worker_description, json.dumps(descriptions.worker_description(folder, spec)).encode())
    return folder


def _exists(job: SchedulerJob) -> bool:
    return job.status not in (JobStatus.COMPLETED, JobStatus.REMOVED)


def _exists_already(job: SchedulerJob) -> ClusterExists:
    return ClusterExists(
        f"You have a cluster {job.name!r} already (job {job.id.cluster}). "
        f"Use it with af_lab.connect({job.name!r}), end it, or choose another name."
    )
