"""How workers are counted and described."""

from __future__ import annotations

from typing import Any

from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.model.counting import count, worker_infos
from af_lab.model.snapshot import Counts


def test_workers_are_counted_by_what_their_jobs_do() -> None:
    statuses = {
        JobStatus.RUNNING: 2,
        JobStatus.TRANSFERRING_OUTPUT: 1,
        JobStatus.IDLE: 4,
        JobStatus.HELD: 5,
        JobStatus.REMOVED: 6,
    }
    counts = count(10, 2, statuses, {JobId(1, 0): 2, JobId(1, 4): 1}, lost=1)
    assert counts == Counts(requested=10, idle=8, running=6, connected=3, held=10, lost=2)


def test_each_worker_is_described_by_what_its_job_does() -> None:
    def job(proc: int, status: JobStatus, **more: Any) -> WorkerJob:
        return WorkerJob(JobId(1, proc), status, starts=1, since=5.0, **more)

    jobs = [
        job(6, JobStatus.RUNNING),
        job(5, JobStatus.REMOVED),
        job(4, JobStatus.RUNNING),
        job(3, JobStatus.RUNNING),
        job(2, JobStatus.RUNNING, site="north", host="one"),
        job(1, JobStatus.HELD, hold_reason="for a look"),
        job(0, JobStatus.IDLE),
    ]
    infos = worker_infos(
        jobs,
        connected={JobId(1, 2): 2, JobId(1, 6): 1},
        busy={JobId(1, 2): 7},
        lost={JobId(1, 4)},
        leaving=lambda id_: id_ == JobId(1, 6),
    )
    states = ["idle", "held", "connected", "running", "lost", "leaving", "leaving"]
    assert [(info.id, info.state) for info in infos] == [(f"1.{proc}", state) for proc, state in enumerate(states)]
    assert (infos[2].connected, infos[2].tasks, infos[2].site, infos[2].host) == (2, 7, "north", "one")
    assert (infos[1].reason, infos[0].reason) == ("for a look", None)
