"""Jobs that may run for a limited time leave before it: functions of data, without HTCondor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob

__all__ = ["TimeLimit"]

# Of the limit: what is left for the last tasks of a worker and for its results, within these seconds ...
RESERVE, LEAST_RESERVE, LONGEST_RESERVE = 0.1, 30.0, 600.0
# ... but at most half of it; and the time before, over which jobs that started together leave.
SPREAD, LONGEST_SPREAD = 0.25, 3600.0
REMOVAL = 5.0  # seconds that the removal of a job may take
# Its multiples are spread evenly between whole numbers, however many there are.
GOLDEN = 0.618033988749895


@dataclass(frozen=True)
class TimeLimit:
    """The time that each job may run.

    Attributes
    ----------
    seconds
        From its start on.
    """

    seconds: float

    def leaves_at(self, job: WorkerJob) -> float:
        """Return when a running job should leave, in seconds since the epoch; the same after a restart."""
        reserve = min(LONGEST_RESERVE, max(LEAST_RESERVE, RESERVE * self.seconds), self.seconds / 2)
        spread = min(LONGEST_SPREAD, SPREAD * self.seconds)
        return job.since + self.seconds - reserve - spread * ((job.id.cluster + job.id.proc) * GOLDEN % 1)

    def patience(self, job: WorkerJob, now: float) -> float:
        """Return the seconds that the last tasks of a running job, and the move of its results, may take."""
        return max(0.0, job.since + self.seconds - REMOVAL - now)

    def due(self, jobs: Iterable[WorkerJob], now: float) -> list[JobId]:
        """Return the running jobs that should leave now; `now` is in seconds since the epoch."""
        return [job.id for job in jobs if job.status == JobStatus.RUNNING and now >= self.leaves_at(job)]
