"""The clusters of one user: creating, finding, scaling and ending them.

`ClusterManager` keeps no state. It reads from the job queue and makes its changes there, so a notebook, a script, the
command line and the Jupyter server all see the same clusters.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from af_lab.condor.description import string
from af_lab.condor.job import JobId, JobStatus
from af_lab.condor.queue import Ad
from af_lab.errors import ClusterExists, ClusterFailed, ClusterNotFound, CondorError, CondorUnavailable, LimitExceeded
from af_lab.jobs.runtimes import Runtime, examine
from af_lab.jobs.versions import check_af_lab
from af_lab.manager import quotas
from af_lab.manager.cleanup import remove_old_folders, sweep
from af_lab.manager.cluster_files import make_files
from af_lab.manager.facility_directives import prologue
from af_lab.manager.reader import ClusterReader, ask_runner
from af_lab.manager.runner_client import RunnerClient
from af_lab.manager.worker_script import check_prologue
from af_lab.model import ads
from af_lab.model.ads import SchedulerJob
from af_lab.model.cluster_queue import existing, jobs_named, scheduler_constraint, submit_workers, worker_constraint
from af_lab.model.cluster_view import ClusterView
from af_lab.model.counting import jobs_for
from af_lab.model.folder import ClusterFolder
from af_lab.model.info import ClusterInfo
from af_lab.model.spec import Adapt, ClusterSpec, check_adapt, check_workers, make_spec

__all__ = ["ClusterManager"]

logger = logging.getLogger(__name__)

FIRST_JOBS = 100  # worker jobs that `create` submits at most; the runner submits the others
SWEEP_EVERY = 60.0  # seconds between two searches for orphaned worker jobs in `jobs`


class ClusterManager(ClusterReader):
    """The clusters of the calling user: `ClusterReader` with methods that change them.

    All methods raise `CondorUnavailable` when HTCondor does not answer in time. They may be called from any event
    loop.
    """

    _swept = -math.inf

    async def create(self, spec: ClusterSpec, runtime: Runtime | None = None) -> ClusterView:
        """Submit a new cluster and return at once; do not wait for its start.

        Parameters
        ----------
        spec
            What the user requests.
        runtime
            What its jobs will run in, if that is known already.

        Raises
        ------
        ClusterExists
            The name is taken.
        LimitExceeded
            The cluster would exceed a limit of the facility.
        EnvironmentMismatch
            The cluster's Python lacks a package, has another version of af_lab, or would import other packages in a
            job than here.
        SpecError
            A value is not allowed in a submit description.
        StorageError
            The cluster's folder cannot be written.
        """
        found = await self._ads()
        if taken := [job for job in jobs_named(spec.name, found) if job.exists]:
            raise _exists_already(taken[0])
        quotas.check_new(spec, ads.readable(found))
        runtime = runtime or await examine(spec.environment, spec.directory)
        check_af_lab(runtime.python, runtime.versions)
        spec = spec.running_in(runtime.python)
        await check_prologue(prologue())
        await self._sweep(found)
        await remove_old_folders(found)
        folder, description = await asyncio.to_thread(make_files, spec, runtime, self.queue.owner)
        (id_,) = await self._submit(folder, description)
        same = [job for job in await self._jobs_named(spec.name) if job.exists]
        made = next((job for job in same if job.id == id_), None)
        elder = min(same, key=lambda job: job.id, default=None)
        if elder is not None and elder.id < id_:
            await self.queue.remove(scheduler_constraint(id_.cluster), "the name was taken a moment earlier")
            raise _exists_already(elder)
        if made is None:
            raise ClusterFailed(f"The cluster {spec.name!r} (job {id_}) was removed while it was being created.")
        await self._ask_for_workers(made, spec.cores)
        return ClusterView.of(made)

    async def _submit(self, folder: ClusterFolder, description: Mapping[str, str]) -> list[JobId]:
        """Submit a scheduler job; if it is refused, nothing stays of the folder that was made for it."""
        try:
            return await self.queue.submit(description)
        except CondorUnavailable:
            # The job may have been submitted nevertheless.
            raise
        except (CondorError, LimitExceeded):
            await asyncio.to_thread(folder.remove)
            raise

    async def _ask_for_workers(self, job: SchedulerJob, cores: int) -> None:
        """Submit a new cluster's first workers, so that they are matched while their scheduler starts."""
        first = min(jobs_for(job.workers, cores), FIRST_JOBS)
        try:
            if first:
                await submit_workers(self.queue, job.files, job.id.cluster, first)
        except (CondorError, LimitExceeded) as error:
            logger.info("The scheduler of %r will ask for its workers itself: %s", job.name, error)

    async def jobs(self) -> list[SchedulerJob]:
        """Return the scheduler jobs of all clusters, by name, with one query of the schedd; runners are not asked."""
        found = await self._ads()
        if time.monotonic() > self._swept + SWEEP_EVERY:
            await self._sweep(found)
        return ads.readable(found)

    async def clusters(self) -> list[ClusterInfo]:
        """Return all clusters by name, including those that ended within a day."""
        jobs = await self.jobs()
        return [view.info for view in await asyncio.gather(*map(ask_runner, jobs))]

    async def scale(self, name: str, workers: int) -> ClusterView:
        """Request a number of worker processes and return at once. Ends adaptive scaling.

        Raises
        ------
        ClusterNotFound
            There is no cluster of that name, or it has ended.
        SpecError
            The number is not allowed.
        LimitExceeded
            It exceeds a limit of the facility.
        """
        return await self._want(name, check_workers(workers), None)

    async def adapt(self, name: str, minimum: int, maximum: int, pace: ads.Pace = ads.USUAL_PACE) -> ClusterView:
        """Scale the cluster automatically with its tasks, between two numbers of worker processes.

        Parameters
        ----------
        name
            The cluster.
        minimum, maximum
            The numbers.
        pace
            How fast it follows the tasks; what is left out does not change.

        Raises
        ------
        ClusterNotFound, SpecError, LimitExceeded
            As for `scale`.
        """
        return await self._want(name, None, check_adapt(minimum, maximum), pace)

    async def _want(
        self, name: str, workers: int | None, adapt: Adapt | None, pace: ads.Pace = ads.USUAL_PACE
    ) -> ClusterView:
        all_ads = await self._ads()
        found = existing(name, jobs_named(name, all_ads))
        quotas.check_scaling(name, adapt.maximum if adapt else workers or 0, ads.readable(all_ads))
        if workers is None:
            workers = found.workers
        job = replace(found, workers=workers, adapt=None if adapt is None else (adapt.minimum, adapt.maximum))
        return await self._apply(job, {ads.WORKERS: str(workers), **ads.adapt_lines(adapt), **pace.lines()})

    async def set_idle_timeout(self, name: str, timeout: object) -> ClusterView:
        """Set the time without tasks after which the cluster ends itself, and return at once.

        Parameters
        ----------
        name
            The cluster.
        timeout
            Seconds, or a text such as "2 h"; None for never.

        Raises
        ------
        ClusterNotFound
            There is no cluster of that name, or it has ended.
        SpecError
            The time is not allowed.
        """
        seconds = make_spec({"idle_timeout": timeout}).idle_timeout
        found = await self._existing(name)
        encoded = ads.encode(ads.decode(found.encoded_spec) | {"idle_timeout": seconds})
        return await self._apply(replace(found, encoded_spec=encoded), {ads.SPEC: string(encoded)})

    async def _apply(self, job: SchedulerJob, attributes: Mapping[str, str]) -> ClusterView:
        """Change what is wanted of a cluster; `attributes` bring its ad to what `job` says."""
        job = replace(job, generation=job.generation + 1)
        # Last: a new generation means that all of the others are complete.
        changed = {**attributes, ads.GENERATION: str(job.generation)}
        await self.queue.edit(scheduler_constraint(job.id.cluster), changed)
        # The runner would find the change by itself later; the nudge avoids that delay.
        snapshot = await RunnerClient(job).nudge()
        return ClusterView.of(job, snapshot, is_silent=job.ready and snapshot is None)

    async def shutdown(self, name: str) -> None:
        """End a cluster and its workers at once.

        Raises
        ------
        ClusterNotFound
            There is no cluster of that name.
        """
        job = await self.job(name)
        await self.queue.remove(scheduler_constraint(job.id.cluster), "ended by its owner")

    async def release(self, name: str) -> ClusterView:
        """Start a cluster again that is on hold or has failed; do nothing if it is neither.

        Raises
        ------
        ClusterNotFound
            There is no cluster of that name, or it has ended.
        """
        job = await self._existing(name)
        await self.queue.release(
            f"{scheduler_constraint(job.id.cluster)} && JobStatus == {JobStatus.HELD:d}", "started again by its owner"
        )
        return await self.view(name)

    async def remove_worker(self, name: str, worker: str) -> None:
        """Remove a worker's job; the cluster replaces it as long as it needs that many workers.

        Raises
        ------
        ClusterNotFound
            There is no such cluster, or it has no such worker.
        """
        await self._act_on_worker(self.queue.remove, name, worker, "removed by its owner")

    async def release_worker(self, name: str, worker: str) -> None:
        """Release a worker's job that is on hold; raises as `remove_worker` does."""
        await self._act_on_worker(self.queue.release, name, worker, "released by its owner")

    async def _act_on_worker(
        self, act: Callable[[str, str], Awaitable[int]], name: str, worker: str, reason: str
    ) -> None:
        job = await self._existing(name)
        found = re.fullmatch(r"([0-9]{1,9})\.([0-9]{1,9})", worker)
        # ClassAds would read 011 as an octal number.
        constraint = f"ClusterId == {int(found[1])} && ProcId == {int(found[2])}" if found else "false"
        if not await act(f"{worker_constraint(job.id.cluster)} && {constraint}", reason):
            raise ClusterNotFound(
                f"The cluster {name!r} has no worker {worker!r} that can be removed or released. "
                "Only a worker on hold can be released."
            )

    async def sweep(self) -> int:
        """Remove worker jobs whose scheduler job is gone, failed or on hold, and return their number."""
        return await self._sweep(await self._ads())

    async def _sweep(self, found: list[Ad]) -> int:
        self._swept = time.monotonic()
        return await sweep(self.queue, found)


def _exists_already(job: SchedulerJob) -> ClusterExists:
    use = f"Use it with af_lab.connect({job.name!r})"
    if job.status == JobStatus.HELD:
        use = f"It does not run; start it again with `af-lab cluster release {job.name}`"
    return ClusterExists(
        f"You already have a cluster {job.name!r} (job {job.id.cluster}). {use}, end it, or choose another name."
    )
