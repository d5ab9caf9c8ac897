"""How much more memory a worker job gets after it outgrew its own."""

from __future__ import annotations

from af_lab.condor.holds import DISK, JOB_POLICY, MACHINE_POLICY, MEMORY, OUT_OF_RESOURCES, SYSTEM_POLICY
from af_lab.condor.job import JobStatus
from af_lab.model.ads import WorkerJob

__all__ = ["GROWTH", "MOST_GROWTH", "grown_memory", "outgrew_memory"]

GROWTH = 2  # times as much memory for the next start
MOST_GROWTH = 4  # times the requested memory at most


def outgrew_memory(job: WorkerJob) -> bool:
    """Return whether a job is on hold because it outgrew its memory."""
    if job.status != JobStatus.HELD or job.hold_code is None:
        return False
    code, subcode = job.hold_code
    if code == OUT_OF_RESOURCES:
        return subcode != DISK
    return code in (JOB_POLICY, MACHINE_POLICY, SYSTEM_POLICY) and subcode == MEMORY


def grown_memory(job: WorkerJob, asked: int) -> int | None:
    """Return the memory for the next start of a job that outgrew its own.

    Parameters
    ----------
    job
        The job.
    asked
        Bytes that the cluster's specification asks for.

    Returns
    -------
    Bytes, or None if the job already had the maximum.
    """
    most = MOST_GROWTH * asked
    if job.memory_asked >= most:
        return None
    return min(most, GROWTH * max(job.memory_asked, asked))
