"""Information about the clusters of one user, from the job queue and from their runners."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import cached_property

from af_lab import config
from af_lab.condor.description import string
from af_lab.condor.explain import Explanation
from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.pool import Pool, PoolOverview
from af_lab.condor.queue import Ad, Queue, account
from af_lab.errors import ClusterFailed, ClusterNotFound
from af_lab.jobs import sites
from af_lab.manager.dashboard import Dashboard, find_dashboard
from af_lab.manager.explanation import PoolMatch, explain_clusters, match_spec
from af_lab.manager.follow import PatientLook, follow
from af_lab.manager.logfiles import LogPart, read_log
from af_lab.manager.runner_client import RunnerClient
from af_lab.model import ads
from af_lab.model.ads import SchedulerJob, WorkerJob
from af_lab.model.cluster_queue import existing, jobs_named, newest, scheduler_constraint, worker_constraint
from af_lab.model.cluster_view import ClusterView
from af_lab.model.counting import worker_infos
from af_lab.model.folder import ClusterFolder
from af_lab.model.info import ClusterInfo
from af_lab.model.snapshot import TimelinePoint, WorkerInfo
from af_lab.model.spec import ClusterSpec
from af_lab.model.standstill import standstill
from af_lab.model.timeline import recorded_timeline

__all__ = ["ClusterReader", "ask_runner", "open_connection"]


class ClusterReader:
    """Reads the clusters of the calling user. It keeps no state.

    All methods raise `CondorUnavailable` when HTCondor does not answer in time, and `ClusterNotFound` for a name that
    no cluster has. They may be called from any event loop.

    Parameters
    ----------
    connection
        Connection for calls to the schedd; a new one by default.
    collector
        Connection for calls to the pool's collector, which may be remote and slow; a new one by default.
    owner
        The account that owns the clusters; by default that of this process.
    """

    def __init__(
        self,
        connection: HelperConnection | None = None,
        collector: HelperConnection | None = None,
        owner: str | None = None,
    ) -> None:
        self._given = (connection, collector)
        self._owner = owner

    # All of these are made at first use: what is wrong with the settings or with the account concerns the calls of
    # HTCondor alone, and may be mended while this process runs.

    @cached_property
    def queue(self) -> Queue:
        """The user's jobs; raises `SettingError` for a wrong timeout, and `CondorError` if the user has no name."""
        return Queue(self._connections[0], self._account)

    @cached_property
    def condor_pool(self) -> Pool:
        """The pool; raises as `queue` does."""
        return Pool(self._connections[1], self._account)

    @cached_property
    def _connections(self) -> tuple[HelperConnection, HelperConnection]:
        connection, collector = self._given
        return connection or open_connection(), collector or open_connection()

    @cached_property
    def _account(self) -> str:
        return self._owner or account()

    def close(self) -> None:
        """End the helper processes when the calls already sent have been answered or have timed out."""
        if "_connections" in vars(self):
            for connection in self._connections:
                connection.close()

    async def view(self, name: str) -> ClusterView:
        """Return the cluster of a name: the one that exists, else the one that ended last."""
        return await ask_runner(await self.job(name))

    async def get(self, name: str) -> ClusterInfo:
        """Return one cluster, as `view` does."""
        return (await self.view(name)).info

    def follow(self, view: ClusterView) -> AsyncGenerator[ClusterView, None]:
        """Yield the view of a cluster whenever it changes, until it is over; see `af_lab.manager.follow`.

        Raises
        ------
        ClusterNotFound
            The cluster was removed.
        """
        return follow(view, PatientLook(self._look))

    async def _look(self, view: ClusterView) -> ClusterView:
        found = await self.queue.query(scheduler_constraint(view.job.id.cluster), ads.PROJECTION)
        if not found:
            raise ClusterNotFound(f"The cluster {view.job.name!r} was removed.")
        return ClusterView.of(SchedulerJob.from_ad(found[0]))

    async def wait_until_running(self, name: str, timeout: float | None = None) -> ClusterInfo:
        """Wait until the cluster's scheduler answers, as `running_view` does."""
        return (await self.running_view(name, timeout)).info

    async def running_view(self, name: str, timeout: float | None = None) -> ClusterView:
        """Wait until the cluster's scheduler answers, and return the view.

        Parameters
        ----------
        name
            The cluster.
        timeout
            Seconds; by default ``af-lab.scheduler.start-timeout``.

        Raises
        ------
        ClusterFailed
            The cluster failed, ended or is on hold, or its scheduler did not answer in time.
        """
        limit = config.seconds("scheduler.start-timeout") if timeout is None else timeout
        view = await ask_runner(await self._existing(name))
        try:
            async with asyncio.timeout(limit), aclosing(self.follow(view)) as views:
                while not view.is_running:
                    if reason := standstill(view.info):
                        raise _is_down(view, reason)
                    view = await anext(views)
        except TimeoutError:
            job = view.job
            raise ClusterFailed(
                f"The Dask scheduler of the cluster {name!r} (job {job.id}) did not answer within {limit:g} s. "
                f"`condor_q {job.id.cluster}` shows its job, {_removal(name)}. Its logs: {job.folder / 'logs'}"
            ) from None
        return view

    async def workers(self, name: str) -> list[WorkerInfo]:
        """Return every worker's job, in the order of the ids."""
        job = await self.job(name)
        workers = await RunnerClient(job).workers()
        if workers is not None:
            return workers
        found = await self.queue.query(worker_constraint(job.id.cluster), ads.PROJECTION)
        return worker_infos([WorkerJob.from_ad(ad) for ad in found], {}, {}, (), (), {})

    async def timeline(self, name: str) -> list[TimelinePoint]:
        """Return the counts of a cluster over time, also for clusters that have ended.

        If its runner does not answer, they are read from the files of the cluster.
        """
        job = await self.job(name)
        points = await RunnerClient(job).timeline()
        return await asyncio.to_thread(recorded_timeline, job) if points is None else points

    async def dashboard(self, name: str) -> Dashboard:
        """Return the address of a cluster's dashboard and its credentials; raises as `find_dashboard` does."""
        return await find_dashboard(await self._existing(name))

    async def logs(
        self,
        name: str,
        worker: str | None = None,
        lines: int = 200,
        after: str | None = None,
        start: int | None = None,
    ) -> LogPart:
        """Return the end of a log, also for clusters that have ended.

        Parameters
        ----------
        name
            The cluster.
        worker
            Id of a worker's job; None for the scheduler.
        lines
            Lines at most.
        after
            ``cursor`` of an earlier answer; only what was written since is returned.
        start
            Which start of the scheduler, from 1; None for the newest that wrote something.
        """
        folder = (await self.job(name)).files
        return await asyncio.to_thread(read_log, folder, worker, lines, after, start)

    async def explain(self, name: str) -> Explanation:
        """Explain why workers of a cluster wait, are on hold, or end before they connect."""
        view = await self.view(name)
        return (await self.explain_all([view]))[view.job.id.cluster]

    async def explain_all(self, views: Sequence[ClusterView]) -> dict[int, Explanation]:
        """Explain why workers of some clusters are missing, by their ids; see `explain_clusters`."""
        return await explain_clusters(views, self.queue, self.condor_pool)

    async def match(self, spec: ClusterSpec) -> PoolMatch:
        """Return how many worker jobs of a specification each site could run now, and how many if it were empty."""
        return await match_spec(spec, self.condor_pool)

    async def pool(self) -> PoolOverview:
        """Return the resources of the pool, and how much of them is busy."""
        return await self.condor_pool.overview(sites.requirements_by_name())

    async def folder(self, name: str) -> ClusterFolder:
        """Return the folder of a cluster that exists."""
        return (await self._existing(name)).files

    async def _ads(self) -> list[Ad]:
        """Return the ads of all scheduler jobs, including those of newer versions of af_lab."""
        return await self.queue.query(f"{ads.NAME} =!= undefined", ads.PROJECTION)

    async def _jobs_named(self, name: str) -> list[SchedulerJob]:
        """Return the scheduler jobs of a name; raise an error for one of a newer version of af_lab."""
        return jobs_named(name, await self.queue.query(f"{ads.NAME} =?= {string(name)}", ads.PROJECTION))

    async def job(self, name: str) -> SchedulerJob:
        """Return the scheduler job of a cluster that exists, else of the one that ended last."""
        return newest(name, await self._jobs_named(name))

    async def _existing(self, name: str) -> SchedulerJob:
        return existing(name, await self._jobs_named(name))


async def ask_runner(job: SchedulerJob) -> ClusterView:
    """Return the view of a cluster from its ad and the answer of its runner."""
    snapshot = await RunnerClient(job).snapshot()
    return ClusterView.of(job, snapshot, is_silent=job.ready and snapshot is None)


def _is_down(view: ClusterView, reason: str) -> ClusterFailed:
    name, logs = view.job.name, f"Its logs: {view.job.folder / 'logs'}"
    if view.info.state == "failed":
        remedy = f"`af-lab cluster release {name}` starts it again, {_removal(name)}."
        return ClusterFailed(f"{reason}\n{remedy}\n{logs}")
    return ClusterFailed(f"{reason}\n{logs}")


def _removal(name: str) -> str:
    return f"`af-lab cluster stop {name}` removes it and makes its name free"


def open_connection() -> HelperConnection:
    """Return a new connection with the configured timeout; its helper starts with the first call."""
    return HelperConnection(config.seconds("condor.timeout"))
