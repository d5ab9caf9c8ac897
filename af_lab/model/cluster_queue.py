"""A cluster's jobs in the queue."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from af_lab.condor.job import JobId
from af_lab.condor.queue import Ad, Queue
from af_lab.errors import ClusterNotFound, CondorError
from af_lab.model import ads
from af_lab.model.ads import SchedulerJob, WorkerJob
from af_lab.model.folder import ClusterFolder

__all__ = [
    "cluster_constraint",
    "existing",
    "jobs_constraint",
    "jobs_named",
    "look",
    "newest",
    "scheduler_constraint",
    "submit_workers",
    "worker_constraint",
    "workers_constraint",
]


def scheduler_constraint(id_: int) -> str:
    """Return the constraint that selects the scheduler job with this ``ClusterId``."""
    return f"ClusterId == {id_}"


def worker_constraint(id_: int) -> str:
    """Return the constraint that selects the worker jobs of a scheduler job."""
    return f"{ads.SCHEDULER} =?= {id_}"


def workers_constraint(ids: Iterable[int]) -> str:
    """Return the constraint that selects the worker jobs of several scheduler jobs."""
    return f"member({ads.SCHEDULER}, {{{', '.join(map(str, ids))}}})"


def cluster_constraint(id_: int) -> str:
    """Return the constraint that selects a scheduler job and its worker jobs."""
    return f"({scheduler_constraint(id_)}) || ({worker_constraint(id_)})"


def jobs_constraint(ids: Iterable[JobId]) -> str:
    """Return the constraint that selects these jobs."""
    by_cluster: dict[int, list[int]] = {}
    for id_ in ids:
        by_cluster.setdefault(id_.cluster, []).append(id_.proc)
    chosen = (
        f"(ClusterId == {cluster} && ({' || '.join(f'ProcId == {proc}' for proc in procs)}))"
        for cluster, procs in by_cluster.items()
    )
    return f"({' || '.join(chosen)})"


async def look(queue: Queue, id_: int) -> tuple[SchedulerJob, list[WorkerJob]]:
    """Return a scheduler job and its worker jobs, with one query."""
    found = await queue.query(cluster_constraint(id_), ads.PROJECTION)
    own = next((ad for ad in found if ad["ClusterId"] == id_), None)
    if own is None:
        raise CondorError(f"The queue of {queue.owner} does not hold the scheduler job {id_} itself.")
    return SchedulerJob.from_ad(own), [WorkerJob.from_ad(ad) for ad in found if ad["ClusterId"] != id_]


async def submit_workers(queue: Queue, folder: ClusterFolder, id_: int, count: int) -> list[JobId]:
    """Submit worker jobs of the scheduler job with this ``ClusterId``."""
    description = json.loads(folder.worker_description.read_text(encoding="utf-8"))
    return await queue.submit({**description, f"My.{ads.SCHEDULER}": str(id_)}, count)


def jobs_named(name: str, found: Iterable[Ad]) -> list[SchedulerJob]:
    """Return the scheduler jobs of a name among ads; raises `SchemaMismatch` for an incompatible version of af_lab."""
    return [SchedulerJob.from_ad(ad) for ad in found if ad[ads.NAME] == name]


def existing(name: str, jobs: Sequence[SchedulerJob]) -> SchedulerJob:
    """Return the cluster that exists among the scheduler jobs of its name; raises `ClusterNotFound`."""
    job = newest(name, jobs)
    if not job.exists:
        reason = job.files.read_reason() or "no reason was given"
        raise ClusterNotFound(f"The cluster {name!r} has ended: {reason}")
    return job


def newest(name: str, jobs: Sequence[SchedulerJob]) -> SchedulerJob:
    """Return the cluster that exists among the scheduler jobs of its name, else the one that ended last.

    Raises
    ------
    ClusterNotFound
        There is no job.
    """
    if not jobs:
        raise ClusterNotFound(f"You have no cluster {name!r}. `af_lab.clusters()` lists those you have.")
    return min(jobs, key=lambda job: (not job.exists, -job.id.cluster))
