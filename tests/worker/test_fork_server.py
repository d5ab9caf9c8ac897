"""The process from which a job's workers are forked: what workers find imported, and that it ends when it should."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support import wait

# As a worker job begins, with `wave` in place of Dask. Each line that it reads starts one worker, which says what it
# finds and which process it was forked from.
JOB = """
import multiprocessing, os, sys, wave
from af_lab.worker.fork_server import start_fork_server

def worker():
    print("wave" in sys.modules, "colorsys" in sys.modules, os.getppid(), flush=True)

if __name__ == "__main__":
    start_fork_server(["--preload-modules", "colorsys,missing_module"])
    for _ in sys.stdin:
        process = multiprocessing.get_context("forkserver").Process(target=worker)
        process.start()
        process.join()
        print("colorsys" in sys.modules, flush=True)
"""


class Job:
    """A process that starts workers on demand."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def start_worker(self) -> tuple[bool, bool, psutil.Process]:
        """Return whether a worker found a module of the job and a preloaded one, and what it was forked from."""
        assert self.process.stdin
        print(file=self.process.stdin, flush=True)
        of_job, preloaded, parent = self._answer().split()
        assert self._answer() == "False", "the job's first process imported what only workers need"
        return of_job == "True", preloaded == "True", psutil.Process(int(parent))

    def _answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


def has_ended(process: psutil.Process) -> bool:
    """Whether a process has ended, also where nobody has asked for its status yet."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    program = tmp_path / "job.py"
    program.write_text(JOB)
    with subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as job:
        yield Job(job)
        job.kill()


def test_a_worker_finds_imported_what_the_job_and_the_configuration_name(job: Job) -> None:
    of_job, preloaded, parent = job.start_worker()
    assert (of_job, preloaded) == (True, True)
    assert job.start_worker() == (True, True, parent), "each worker has a process of its own to be forked from"
    assert parent.ppid() == job.process.pid


def test_it_ends_with_the_job_even_when_that_is_killed(job: Job) -> None:
    *_, server = job.start_worker()
    job.process.kill()
    wait(lambda: has_ended(server), "the end of the process that forks workers")


def test_a_lost_one_is_replaced(job: Job) -> None:
    *_, server = job.start_worker()
    server.kill()
    wait(lambda: has_ended(server), "the end of the process that forks workers")
    _, preloaded, another = job.start_worker()
    assert preloaded
    assert another != server
