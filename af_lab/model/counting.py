"""How many jobs and workers a cluster has, and what each of them does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.model.snapshot import Counts, WorkerInfo, WorkerState

__all__ = ["count", "job_of", "jobs_for", "worker_infos"]

RUNNING = (JobStatus.RUNNING, JobStatus.TRANSFERRING_OUTPUT)


def jobs_for(workers: int, cores: int) -> int:
    """Return how many jobs of `cores` worker processes it takes for at least that many workers."""
    return -(-workers // cores)


@lru_cache(maxsize=100_000)
def job_of(worker_name: object) -> JobId | None:
    """Return the job that a worker runs in, by the name it was given; None for a worker of another origin."""
    found = re.fullmatch(r"(\d+)\.(\d+)-r\d+(-\d+)?", str(worker_name))
    return JobId(int(found[1]), int(found[2])) if found else None


def count(
    requested: int, cores: int, statuses: Mapping[JobStatus, int], connected: Mapping[JobId, int], lost: int
) -> Counts:
    """Count a cluster's worker processes.

    Parameters
    ----------
    requested
        Workers wanted.
    cores
        Worker processes of each job.
    statuses
        How many worker jobs have each status.
    connected
        Connected workers of each job.
    lost
        Jobs that run, but whose workers have not been connected for long.
    """
    return Counts(
        requested=requested,
        idle=cores * statuses.get(JobStatus.IDLE, 0),
        running=cores * sum(statuses.get(status, 0) for status in RUNNING),
        connected=sum(connected.values()),
        held=cores * statuses.get(JobStatus.HELD, 0),
        lost=cores * lost,
    )


def worker_infos(
    jobs: Iterable[WorkerJob],
    connected: Mapping[JobId, int],
    busy: Mapping[JobId, int],
    lost: set[JobId],
    leaving: Callable[[JobId], bool],
) -> list[WorkerInfo]:
    """Describe each worker's job, by its id; see `WorkerInfo`."""

    def state(job: WorkerJob) -> WorkerState:
        match job.status:
            case JobStatus.HELD:
                return "held"
            case JobStatus.IDLE | JobStatus.SUSPENDED:
                return "idle"
            case JobStatus.REMOVED | JobStatus.COMPLETED:
                return "leaving"
        if leaving(job.id):
            return "leaving"
        if job.id in lost:
            return "lost"
        return "connected" if connected.get(job.id) else "running"

    return [
        WorkerInfo(
            id=str(job.id),
            state=state(job),
            connected=connected.get(job.id, 0),
            site=job.site,
            host=job.host,
            since=job.since,
            memory_asked=job.memory_asked,
            memory_used=job.memory_used,
            tasks=busy.get(job.id, 0),
            starts=job.starts,
            reason=job.hold_reason,
        )
        for job in sorted(jobs, key=lambda job: job.id)
    ]
