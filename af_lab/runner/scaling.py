"""Decisions which jobs to submit or remove, from the jobs wanted and the jobs in the queue: functions of data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob

__all__ = ["Patience", "Step", "decide"]

# Not counted in a decision, although they may still be in the queue.
LEAVING = (JobStatus.REMOVED, JobStatus.COMPLETED)
WAITING = (JobStatus.HELD, JobStatus.IDLE)


@dataclass(frozen=True)
class Step:
    """What to do now.

    Attributes
    ----------
    submit
        Worker jobs to submit.
    waiting
        Jobs to remove if they still wait.
    running
        Jobs to remove after their data was moved.
    """

    submit: int = 0
    waiting: tuple[JobId, ...] = ()
    running: tuple[JobId, ...] = ()


def decide(wanted: int, jobs: Sequence[WorkerJob], busy: Mapping[JobId, int], useless: Collection[JobId]) -> Step:
    """Decide the next step from the jobs in the queue to the number wanted.

    Parameters
    ----------
    wanted
        Worker jobs wanted.
    jobs
        The cluster's worker jobs in the queue.
    busy
        Tasks under way in each job that has connected workers.
    useless
        Jobs to replace: lost ones, and those on hold that cannot be repaired.

    Returns
    -------
    The step. Surplus jobs are removed in this order: held jobs, jobs that still wait (the youngest first), jobs
    that run without a connected worker, and then those with the fewest tasks.
    """
    present = [job for job in jobs if job.status not in LEAVING]
    useful = [job for job in present if job.id not in useless]
    if len(useful) < wanted:
        return Step(submit=wanted - len(useful))

    def worth(job: WorkerJob) -> tuple[int, int, JobId]:
        youngest_first = JobId(-job.id.cluster, -job.id.proc)
        if job.status in WAITING:
            return (0 if job.status == JobStatus.HELD else 1), 0, youngest_first
        return (3 if job.id in busy else 2), busy.get(job.id, 0), youngest_first

    leaving = sorted(useful, key=worth)[: len(useful) - wanted]
    # If no worker is wanted, useless jobs that wait are removed as well.
    leaving += [job for job in present if job.id in useless and job.status in WAITING and wanted == 0]
    return Step(
        waiting=tuple(job.id for job in leaving if job.status in WAITING),
        running=tuple(job.id for job in leaving if job.status not in WAITING),
    )


class Patience:
    """A delay in adaptive scaling: up at once, down only after fewer were enough for a while.

    Parameters
    ----------
    seconds
        How long the estimate has to stay below the number before it is reduced, to the highest estimate of that time.
        It may be changed at any time.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._below: tuple[float, int] | None = None

    def settle(self, current: int, estimate: int, now: float) -> int:
        """Return the number of workers to ask for.

        Parameters
        ----------
        current
            The number that is asked for at present; jobs that wait in the queue are part of it.
        estimate
            The number that Dask estimates now.
        now
            Seconds, of any clock.
        """
        if estimate >= current:
            self._below = None
            return estimate
        began, highest = self._below or (now, estimate)
        self._below = began, max(highest, estimate)
        if now - began < self.seconds:
            return current
        self._below = None
        return max(highest, estimate)
