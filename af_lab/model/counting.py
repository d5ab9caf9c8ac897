"""How many jobs and workers a cluster has, and the state of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.model.snapshot import Counts, WorkerInfo, WorkerState

__all__ = ["RUNNING", "count", "count_statuses", "job_of", "jobs_for", "worker_infos"]

WAITING = (JobStatus.IDLE, JobStatus.SUSPENDED)
RUNNING = (JobStatus.RUNNING, JobStatus.TRANSFERRING_OUTPUT)
# On their way out of the queue.
GOING = (JobStatus.REMOVED, JobStatus.COMPLETED)


def jobs_for(workers: int, cores: int) -> int:
    """Return how many jobs of `cores` worker processes are needed for at least that many workers."""
    return -(-workers // cores)


@lru_cache(maxsize=100_000)
def job_of(worker_name: object) -> JobId | None:
    """Return the job that a worker runs in, from the worker's name; None for a worker of another origin."""
    found = re.fullmatch(r"(\d+)\.(\d+)-r\d+(-\d+)?", str(worker_name))
    return JobId(int(found[1]), int(found[2])) if found else None


def count(
    requested: int,
    cores: int,
    jobs: Mapping[JobId, WorkerJob],
    connected: Mapping[JobId, int],
    lost: Collection[JobId],
    leaving: Collection[JobId],
) -> Counts:
    """Count a cluster's workers by state.

    Parameters
    ----------
    requested
        Workers wanted.
    cores
        Worker processes of each job.
    jobs
        The worker jobs in the queue.
    connected
        Connected workers of each job; the queue may not show the job yet, or no longer.
    lost
        Jobs that run, but have had no connected worker for too long.
    leaving
        Jobs that are being removed.
    """
    tally = Counter(job.status for job in jobs.values())
    going = 0
    for id_ in leaving:
        if (job := jobs.get(id_)) and job.status not in GOING:
            tally[job.status] -= 1
            going += 1
    here = absent = 0
    for id_, number in connected.items():
        job = jobs.get(id_)
        if id_ in leaving or (job and job.status in (*GOING, JobStatus.HELD)):
            continue
        here += number
        if job:
            # A worker may connect before the queue shows that its job runs.
            tally[job.status] -= 1
            absent += max(0, cores - number)
    lost_jobs = sum(id_ in jobs and id_ not in leaving for id_ in lost)
    by_status = count_statuses(requested, cores, tally)
    return replace(
        by_status,
        starting=by_status.starting - cores * lost_jobs + absent,
        connected=here,
        leaving=by_status.leaving + cores * going,
        lost=cores * lost_jobs,
    )


def count_statuses(requested: int, cores: int, tally: Mapping[JobStatus, int]) -> Counts:
    """Count a cluster's workers by the status of their jobs alone: those that run count as starting."""

    def workers(*statuses: JobStatus) -> int:
        return cores * sum(tally.get(status, 0) for status in statuses)

    return Counts(
        requested=requested,
        waiting=workers(*WAITING),
        starting=workers(*RUNNING),
        leaving=workers(*GOING),
        held=workers(JobStatus.HELD),
    )


def worker_infos(
    jobs: Iterable[WorkerJob],
    connected: Mapping[JobId, int],
    busy: Mapping[JobId, int],
    lost: Collection[JobId],
    leaving: Collection[JobId],
    memory: Mapping[JobId, int],
) -> list[WorkerInfo]:
    """Describe each worker's job, sorted by id.

    Parameters
    ----------
    jobs, connected, lost, leaving
        As for `count`.
    busy
        Tasks under way in each job.
    memory
        Bytes that the connected workers of each job use, by Dask's own measurement.
    """

    def state(job: WorkerJob) -> WorkerState:
        if job.id in leaving or job.status in GOING:
            return "leaving"
        if job.status == JobStatus.HELD:
            return "held"
        if connected.get(job.id):
            return "connected"
        if job.status in WAITING:
            return "waiting"
        return "lost" if job.id in lost else "starting"

    return [
        WorkerInfo(
            id=str(job.id),
            state=state(job),
            connected=connected.get(job.id, 0),
            site=job.site,
            host=job.host,
            since=job.since,
            memory_asked=job.memory_asked,
            memory_used=memory.get(job.id, job.memory_used),
            tasks=busy.get(job.id, 0),
            starts=job.starts,
            reason=job.hold_reason,
        )
        for job in sorted(jobs, key=lambda job: job.id)
    ]
