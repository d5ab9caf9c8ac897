"""What is known of the clusters of one user: read from the job queue, and asked of their runners."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from af_lab import config
from af_lab.condor.description import string
from af_lab.condor.explain import Explanation, SiteMatch
from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.job import JobStatus
from af_lab.condor.pool import Pool, PoolOverview
from af_lab.condor.queue import Ad, Queue
from af_lab.errors import ClusterFailed
from af_lab.jobs import sites
from af_lab.manager.dashboard import Dashboard, find_dashboard
from af_lab.manager.explanation import explain_cluster, match_spec
from af_lab.manager.logfiles import LogPart, read_log
from af_lab.manager.runner_client import ask, ask_for_snapshot
from af_lab.model import ads
from af_lab.model.ads import SchedulerJob, WorkerJob
from af_lab.model.cluster_queue import existing, jobs_named, newest
from af_lab.model.counting import worker_infos
from af_lab.model.folder import ClusterFolder
from af_lab.model.info import ClusterInfo, describe
from af_lab.model.snapshot import Counts, TimelinePoint, WorkerInfo, from_message
from af_lab.model.spec import ClusterSpec
from af_lab.model.timeline import recorded_timeline

__all__ = ["ClusterReader", "open_connection"]

CONTACT_POLL = 0.05  # seconds between two looks at the contact file of a cluster that starts
QUEUE_POLL = 2.0  # seconds between two questions to the schedd meanwhile


class ClusterReader:
    """What is known of the clusters of the calling user. It remembers nothing.

    All methods raise `CondorUnavailable` when HTCondor does not answer in time, and `ClusterNotFound` for a name that
    no cluster has. They may be called from any event loop.

    Parameters
    ----------
    connection
        Calls to the schedd; a new one by default.
    collector
        Calls to the pool's collector, which may be elsewhere and slow; a new one by default.
    """

    def __init__(self, connection: HelperConnection | None = None, collector: HelperConnection | None = None) -> None:
        self._connections = (connection or open_connection(), collector or open_connection())
        self.queue = Queue(self._connections[0])
        self.condor_pool = Pool(self._connections[1])

    def close(self) -> None:
        """End the helper processes, once the calls already sent are answered or late."""
        for connection in self._connections:
            connection.close()

    async def get(self, name: str) -> ClusterInfo:
        """Return one cluster; where the name was used before, the one that exists or ended last.

        Raises
        ------
        ClusterNotFound
            There is none of that name.
        """
        job = await self._job(name)
        return describe(job, await ask_for_snapshot(job))

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
        limit = config.seconds("scheduler.start-timeout") if timeout is None else timeout
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
        return describe(job, await ask_for_snapshot(job))

    async def wait_for_change(self, name: str, after: int, timeout: float) -> ClusterInfo:
        """Return the cluster as soon as its runner tells something new, else after a time.

        Parameters
        ----------
        name
            The cluster.
        after
            ``sequence`` of what is known already.
        timeout
            Seconds.
        """
        job = await self._job(name)
        asked = time.monotonic()
        snapshot = await ask_for_snapshot(job, "af_lab_change", timeout, after=after, timeout=timeout)
        if snapshot is None:
            # It is starting or gone: only the queue tells.
            await asyncio.sleep(max(0.0, min(timeout, QUEUE_POLL) - (time.monotonic() - asked)))
            return await self.get(name)
        return describe(job, snapshot)

    async def workers(self, name: str) -> list[WorkerInfo]:
        """Return every worker's job, by its id."""
        job = await self._job(name)
        told: list[dict[str, Any]] | None = await ask(job, "af_lab_workers")
        if told is not None:
            return [from_message(WorkerInfo, worker) for worker in told]
        found = await self.queue.query(f"{ads.SCHEDULER} =?= {job.id.cluster}", ads.PROJECTION)
        return worker_infos([WorkerJob.from_ad(ad) for ad in found], {}, {}, set(), lambda _: False)

    async def timeline(self, name: str) -> list[TimelinePoint]:
        """Return how the counts of a cluster went over time, of clusters that ended too.

        Where its runner is silent the event log tells it, which knows of no connections.
        """
        job = await self._job(name)
        told = await ask(job, "af_lab_timeline")
        if told is None:
            return await asyncio.to_thread(recorded_timeline, job)
        return [TimelinePoint(point["when"], from_message(Counts, point["counts"])) for point in told]

    async def dashboard(self, name: str) -> Dashboard:
        """Return where the web pages of a cluster's Dask scheduler are; raises as `find_dashboard` does."""
        return await find_dashboard(await self._existing(name))

    async def logs(self, name: str, worker: str | None = None, lines: int = 200, after: str | None = None) -> LogPart:
        """Return the end of a log, of clusters that ended too.

        Parameters
        ----------
        name
            The cluster.
        worker
            Id of a worker's job; None for the newest start of the scheduler.
        lines
            Lines at most.
        after
            ``cursor`` of an earlier answer: only what was written since.
        """
        folder = ClusterFolder((await self._job(name)).folder)
        return await asyncio.to_thread(read_log, folder, worker, lines, after)

    async def explain(self, name: str) -> Explanation:
        """Tell why workers of a cluster wait or are on hold, in words."""
        return await explain_cluster(await self._job(name), self.queue, self.condor_pool)

    async def match(self, spec: ClusterSpec) -> list[SiteMatch]:
        """Tell how many worker jobs of a specification could run now, and how many ever, at each site."""
        return await match_spec(spec, self.condor_pool)

    async def pool(self) -> PoolOverview:
        """Return what the pool offers, and what of it is busy."""
        return await self.condor_pool.overview(sites.requirements_by_name())

    async def folder(self, name: str) -> ClusterFolder:
        """Return the folder of a cluster that exists."""
        return ClusterFolder((await self._existing(name)).folder)

    async def _ads(self) -> list[Ad]:
        """Return the ads of all scheduler jobs, those of newer versions of af_lab among them."""
        return await self.queue.query(f"{ads.NAME} =!= undefined", ads.PROJECTION)

    async def _jobs_named(self, name: str) -> list[SchedulerJob]:
        """Return the scheduler jobs of a name, raising for one of a newer version of af_lab."""
        return jobs_named(name, await self.queue.query(f"{ads.NAME} =?= {string(name)}", ads.PROJECTION))

    async def _job(self, name: str) -> SchedulerJob:
        return newest(name, await self._jobs_named(name))

    async def _existing(self, name: str) -> SchedulerJob:
        return existing(name, await self._jobs_named(name))


def open_connection() -> HelperConnection:
    """Return a new connection with the configured timeout; its helper starts with the first call."""
    return HelperConnection(config.seconds("condor.timeout"))
