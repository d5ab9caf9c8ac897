"""How workers are counted and described."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.model.counting import count, worker_infos
from af_lab.model.snapshot import Counts


def job(proc: int, status: JobStatus, **more: Any) -> WorkerJob:
    return WorkerJob(JobId(1, proc), status, starts=1, since=5.0, **more)


def test_each_worker_is_counted_in_one_state() -> None:
    statuses = [
        JobStatus.RUNNING,  # both workers connected
        JobStatus.RUNNING,  # one of them
        JobStatus.RUNNING,
        JobStatus.TRANSFERRING_OUTPUT,
        JobStatus.RUNNING,  # lost
        JobStatus.RUNNING,  # leaving, still connected
        JobStatus.IDLE,
        JobStatus.SUSPENDED,
        JobStatus.IDLE,  # its workers connected a moment ago
        JobStatus.HELD,
        JobStatus.HELD,  # its workers have not been seen to go yet
        JobStatus.REMOVED,
    ]
    jobs = {JobId(1, proc): job(proc, status) for proc, status in enumerate(statuses)}
    connected = {JobId(1, 0): 2, JobId(1, 1): 1, JobId(1, 5): 2, JobId(1, 8): 2, JobId(1, 10): 2, JobId(2, 0): 1}
    counts = count(30, 2, jobs, connected, lost={JobId(1, 4)}, leaving={JobId(1, 5), JobId(1, 11), JobId(9, 9)})
    assert counts == Counts(requested=30, waiting=4, starting=5, connected=6, leaving=4, held=4, lost=2)
    of_jobs_in_the_queue = counts.connected - 1
    assert 2 * len(jobs) == counts.submitted + counts.leaving - counts.connected + of_jobs_in_the_queue


@given(
    st.lists(st.tuples(st.sampled_from(JobStatus), st.integers(0, 3), st.booleans(), st.booleans()), max_size=20),
    st.integers(1, 3),
)
def test_counts_agree_with_the_states_of_the_jobs(made: list[tuple[JobStatus, int, bool, bool]], cores: int) -> None:
    jobs = {JobId(1, proc): job(proc, status) for proc, (status, *_) in enumerate(made)}
    connected = {JobId(1, proc): min(number, cores) for proc, (_, number, _, _) in enumerate(made) if number}
    running = (JobStatus.RUNNING, JobStatus.TRANSFERRING_OUTPUT)
    lost = {
        JobId(1, proc)
        for proc, (status, number, is_lost, _) in enumerate(made)
        if is_lost and status in running and not number
    }
    leaving = {JobId(1, proc) for proc, (*_, is_leaving) in enumerate(made) if is_leaving}
    counts = asdict(count(0, cores, jobs, connected, lost, leaving))
    states = Counter(info.state for info in worker_infos(jobs.values(), connected, {}, lost, leaving, {}))
    for state in ("waiting", "leaving", "held", "lost"):
        assert counts[state] == cores * states[state]
    assert counts["starting"] + counts["connected"] == cores * (states["starting"] + states["connected"])


def test_each_worker_is_described_by_what_its_job_does() -> None:
    jobs = [
        job(6, JobStatus.RUNNING),
        job(5, JobStatus.REMOVED),
        job(4, JobStatus.RUNNING),
        job(3, JobStatus.RUNNING, memory_used=5),
        job(2, JobStatus.RUNNING, site="north", host="one", memory_used=6),
        job(1, JobStatus.HELD, hold_reason="for a look"),
        job(0, JobStatus.IDLE),
    ]
    infos = worker_infos(
        jobs,
        connected={JobId(1, 2): 2, JobId(1, 6): 1},
        busy={JobId(1, 2): 7},
        lost={JobId(1, 4)},
        leaving={JobId(1, 6)},
        memory={JobId(1, 2): 9},
    )
    states = ["waiting", "held", "connected", "starting", "lost", "leaving", "leaving"]
    assert [(info.id, info.state) for info in infos] == [(f"1.{proc}", state) for proc, state in enumerate(states)]
    assert (infos[2].connected, infos[2].tasks, infos[2].site, infos[2].host) == (2, 7, "north", "one")
    assert (infos[1].reason, infos[0].reason) == ("for a look", None)
    assert [info.memory_used for info in infos[:4]] == [None, None, 9, 5], "Dask's figure, else HTCondor's"
