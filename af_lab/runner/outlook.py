"""Whether the jobs of a cluster can ever run: functions of data, without HTCondor.

The schedd offers the pool only some jobs of a user at a time (20 with HTCondor 25.14), and equal jobs count one by one.
So jobs that match no slot keep the user's other jobs from being offered at all. Of such jobs only a few stay in the
queue: if a slot that matches appears, one of them starts, and the others are submitted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from af_lab.condor.job import JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.model.counting import RUNNING

__all__ = ["FEW", "Outlook"]

FEW = 2  # jobs that stay in the queue although no slot matches
FIRST_LOOK = 15.0  # seconds that jobs wait before the pool is asked whether it has a slot that matches
NEXT_LOOK, LONGEST_REST = 60.0, 600.0  # seconds until it is asked again; twice as many each time


@dataclass(frozen=True)
class Outlook:
    """What a runner knows of the chances of its jobs.

    Attributes
    ----------
    never
        Whether no slot of the pool can ever run them, as far as is known.
    looks
        How often the pool was asked since a job of the cluster ran last.
    not_before
        Seconds since the epoch before which it is not asked again.
    """

    never: bool = False
    looks: int = 0
    not_before: float = 0.0

    def after_query(self, jobs: Iterable[WorkerJob]) -> Outlook:
        """Return the outlook with these jobs in the queue: one that runs proves that a slot matches."""
        return Outlook() if any(job.status in RUNNING for job in jobs) else self

    def is_due(self, wanted: int, jobs: Iterable[WorkerJob], now: float) -> bool:
        """Return whether to ask the pool, which is expensive: not for a few jobs, nor while any of the cluster runs.

        Parameters
        ----------
        wanted
            Worker jobs wanted.
        jobs
            The cluster's worker jobs in the queue.
        now
            Seconds since the epoch.
        """
        present = list(jobs)
        waiting = [job.since for job in present if job.status == JobStatus.IDLE]
        return (
            wanted > FEW
            and bool(waiting)
            and now >= max(self.not_before, min(waiting) + FIRST_LOOK)
            and not any(job.status in RUNNING for job in present)
        )

    def after_look(self, never: bool | None, now: float) -> Outlook:
        """Return the outlook after the pool was asked.

        Parameters
        ----------
        never
            Whether no slot can ever run the jobs; None if there was no answer.
        now
            Seconds since the epoch.
        """
        rest = min(LONGEST_REST, NEXT_LOOK * 2.0**self.looks)
        return Outlook(self.never if never is None else never, self.looks + 1, now + rest)

    def in_queue(self, wanted: int) -> int:
        """Return how many of the jobs wanted should be in the queue."""
        return min(wanted, FEW) if self.never else wanted
