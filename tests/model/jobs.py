"""Scheduler jobs that were never submitted."""

from __future__ import annotations

from pathlib import Path

from af_lab.condor.job import JobId, JobStatus
from af_lab.jobs.versions import own_versions
from af_lab.model import ads
from af_lab.model.ads import SchedulerJob


def scheduler_job(folder: Path, *, starts: int = 1, address: str | None = None) -> SchedulerJob:
    """Return one that runs, of a cluster with one worker of 300 MiB."""
    return SchedulerJob(
        id=JobId(9, 0),
        status=JobStatus.RUNNING,
        starts=starts,
        folder=folder,
        created=0,
        changed=0,
        ended=None,
        hold_reason=None,
        hold_code=None,
        name="x",
        encoded_spec=ads.encode({"cores": 1, "memory": 300 * 2**20, "idle_timeout": None}),
        versions=own_versions().as_dict(),
        workers=1,
        adapt=None,
        generation=1,
        address=address,
        problem=None,
        ready=True,
    )
