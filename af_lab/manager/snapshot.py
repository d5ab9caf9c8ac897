"""What a runner tells about its cluster, and what everybody is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from af_lab.condor.jobs import JobId, JobStatus
from af_lab.manager.ads import WorkerJob

__all__ = ["Counts", "Snapshot", "count"]


@dataclass(frozen=True)
class Counts:
    """The funnel of a cluster's workers, in Dask worker processes.

    Attributes
    ----------
    requested
        Wanted.
    idle, running, held
        In jobs that wait in the queue, run, or are on hold. The connected ones are among the running.
    connected
        Registered at the Dask scheduler.
    lost
        In jobs that have run for long without the worker being connected.
    """

    requested: int = 0
    idle: int = 0
    running: int = 0
    connected: int = 0
    held: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Snapshot:
    """What a runner knows of its cluster at one moment.

    Attributes
    ----------
    generation
        The newest change of what is wanted that the queue has been brought to.
    counts
        The workers.
    """

    generation: int
    counts: Counts

    def to_message(self) -> dict[str, Any]:
        """Return the snapshot as plain values, for Dask's connections."""
        return asdict(self)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Snapshot:
        """Read what `to_message` wrote; fields that a newer runner adds are ignored."""
        counts = {name: message["counts"][name] for name in Counts.__dataclass_fields__}
        return cls(message["generation"], Counts(**counts))


def count(
    requested: int,
    cores: int,
    jobs: Sequence[WorkerJob],
    connected: Mapping[JobId, int],
    now: float,
    patience: float,
) -> Counts:
    """Count a cluster's worker processes.

    Parameters
    ----------
    requested
        Workers wanted.
    cores
        Worker processes of each job.
    jobs
        The worker jobs in the queue.
    connected
        Connected workers of each job.
    now
        Seconds since the epoch.
    patience
        Seconds that a job may run before a worker that is not connected counts as lost.
    """
    running = [job for job in jobs if job.status in (JobStatus.RUNNING, JobStatus.TRANSFERRING_OUTPUT)]
    late = [job for job in running if now - job.since > patience]
    return Counts(
        requested=requested,
        idle=cores * sum(job.status == JobStatus.IDLE for job in jobs),
        running=cores * len(running),
        connected=sum(connected.values()),
        held=cores * sum(job.status == JobStatus.HELD for job in jobs),
        lost=sum(max(0, cores - connected.get(job.id, 0)) for job in late),
    )
