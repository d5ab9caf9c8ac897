"""Which jobs to submit or remove, decided from what is wanted and what is there: functions of data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob

__all__ = ["Patience", "Step", "decide"]

# Gone already as far as a decision goes, though they may still stand in the queue.
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
        Jobs to remove after their data moved.
    """

    submit: int = 0
    waiting: tuple[JobId, ...] = ()
    running: tuple[JobId, ...] = ()


def decide(wanted: int, jobs: Sequence[WorkerJob], busy: Mapping[JobId, int], useless: Collection[JobId]) -> Step:
    """Decide the next step from the jobs that are there to the number wanted.

    Parameters
    ----------
    wanted
        Worker jobs wanted.
    jobs
        The cluster's worker jobs in the queue.
    busy
        Tasks under way in each job that has connected workers.
    useless
        Jobs that others shall take the place of: lost ones, and those on hold that nothing heals.

    Returns
    -------
    The step. Surplus goes in this order: held jobs, jobs that still wait (the youngest first), jobs that run without
    a connected worker, and then those with the fewest tasks.
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
    # Nobody waits for them any more once there are enough others.
    leaving += [job for job in present if job.id in useless and job.status in WAITING and wanted == 0]
    return Step(
        waiting=tuple(job.id for job in leaving if job.status in WAITING),
        running=tuple(job.id for job in leaving if job.status not in WAITING),
    )


class Patience:
    """Makes adaptive scaling patient: up at once, down only when fewer were enough for a while.

    Parameters
    ----------
    seconds
        For so long the estimate has to stay below before the number goes down, to the highest of that time.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._below: tuple[float, int] | None = None

    def settle(self, current: int, estimate: int, now: float) -> int:
        """Return the number of workers that shall be there.

        Parameters
        ----------
        current
            The number that is asked for at present; jobs that wait in the queue are part of it.
        estimate
            What Dask would have now.
        now
            Seconds, of any clock.
        """
        if estimate >= current:
            self._below = None
            return estimate
        began, highest = self._below or (now, estimate)
        self._below = began, max(highest, estimate)
        if now - began < self._seconds:
            return current
        self._below = None
        return max(highest, estimate)
