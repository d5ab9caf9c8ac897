"""Which jobs to submit or remove, decided from what is wanted and what is there: a function of data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from af_lab.condor.jobs import JobId, JobStatus
from af_lab.manager.ads import WorkerJob

__all__ = ["Remove", "Submit", "decide", "jobs_for"]

# Gone already as far as a decision goes, though they may still stand in the queue.
LEAVING = (JobStatus.REMOVED, JobStatus.COMPLETED)


@dataclass(frozen=True)
class Submit:
    """Submit this many worker jobs."""

    count: int


@dataclass(frozen=True)
class Remove:
    """Remove jobs: those that wait if they still do, and those that run after their data moved."""

    waiting: tuple[JobId, ...]
    running: tuple[JobId, ...]


def jobs_for(workers: int, cores: int) -> int:
    """Return how many jobs of `cores` worker processes it takes for at least that many workers."""
    return -(-workers // cores)


def decide(wanted: int, jobs: Sequence[WorkerJob], busy: Mapping[JobId, int]) -> Submit | Remove | None:
    """Decide the one next step from the jobs that are there to the number wanted.

    Parameters
    ----------
    wanted
        Worker jobs wanted.
    jobs
        The cluster's worker jobs in the queue.
    busy
        Tasks under way in each job that has connected workers.

    Returns
    -------
    The step, or None when nothing is to be done. Surplus goes in this order: held jobs, jobs that still wait (the
    youngest first), jobs that run without a connected worker, and then those with the fewest tasks.
    """
    present = [job for job in jobs if job.status not in LEAVING]
    surplus = len(present) - wanted
    if surplus == 0:
        return None
    if surplus < 0:
        return Submit(-surplus)

    def worth(job: WorkerJob) -> tuple[int, int, JobId]:
        if job.status in (JobStatus.HELD, JobStatus.IDLE):
            order = 0 if job.status == JobStatus.HELD else 1
            return order, 0, JobId(-job.id.cluster, -job.id.proc)
        return (3 if job.id in busy else 2), busy.get(job.id, 0), JobId(-job.id.cluster, -job.id.proc)

    leaving = sorted(present, key=worth)[:surplus]
    waits = (JobStatus.HELD, JobStatus.IDLE)
    return Remove(
        waiting=tuple(job.id for job in leaving if job.status in waits),
        running=tuple(job.id for job in leaving if job.status not in waits),
    )
