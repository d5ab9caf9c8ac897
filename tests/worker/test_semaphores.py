"""The semaphores of jobs that were killed go when the next job starts; those of jobs that live stay."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from af_lab.worker.semaphores import PREFIX, SHARED_MEMORY, _remove_dead
from tests.support import wait

pytestmark = pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="this machine keeps semaphores elsewhere")

# As a worker job begins; its worker has a semaphore too.
JOB = """
import multiprocessing, time
from af_lab.worker.fork_server import start_fork_server
from af_lab.worker.semaphores import name_semaphores

def worker(shared):
    queue = multiprocessing.get_context("forkserver").Queue()
    shared.put(multiprocessing.current_process()._config["semprefix"])
    time.sleep(1000)

if __name__ == "__main__":
    assert name_semaphores()
    start_fork_server([])
    context = multiprocessing.get_context("forkserver")
    shared = context.Queue()
    process = context.Process(target=worker, args=(shared,), daemon=True)
    process.start()
    print(shared.get(timeout=60), flush=True)
    time.sleep(1000)
"""


def of(prefix: str) -> list[str]:
    """Return what is left of a job."""
    return [path.name for path in SHARED_MEMORY.iterdir() if prefix.strip("/") in path.name]


@contextmanager
def job(program: Path) -> Iterator[tuple[psutil.Process, str]]:
    """Start a job; yields its first process and the prefix of its semaphores."""
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        process = psutil.Process(started.pid)
        try:
            yield process, started.stdout.readline().strip()
        finally:
            kill(process)


def kill(process: psutil.Process) -> None:
    """Kill all processes of a job at once, as HTCondor does."""
    with suppress(psutil.NoSuchProcess):
        family = [process, *process.children(recursive=True)]
        for member in family:
            member.suspend()
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(family, timeout=60)


def test_semaphores_of_a_killed_job_go_and_those_of_a_living_one_stay(tmp_path: Path) -> None:
    program = tmp_path / "job.py"
    program.write_text(JOB)
    with job(program) as (dead, dead_prefix), job(program) as (_, living_prefix):
        assert dead_prefix.startswith(f"/{PREFIX}")
        assert dead_prefix != living_prefix
        living = of(living_prefix)
        assert len(living) > 3, "the lock and the semaphores of two processes"
        kill(dead)
        assert len(of(dead_prefix)) > 3, "what is killed removes nothing"
        with job(program) as (_, next_prefix):
            assert of(dead_prefix) == []
            assert set(of(living_prefix)) >= set(living)
            assert of(next_prefix)
    _remove_dead(SHARED_MEMORY)
    wait(lambda: not of(living_prefix) + of(next_prefix), "nothing of the test is left")


def test_what_is_not_of_a_job_stays(tmp_path: Path) -> None:
    others = ("sem.mp-abc", "sem.other", f"sem.{PREFIX}gone-x", f"{PREFIX}A lock", "psm_1", f"sem.x-{PREFIX}dead-x")
    for name in others:
        (tmp_path / name).touch()
    (tmp_path / "target").touch()
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path / "target")
    for name in (f"{PREFIX}dead", f"sem.{PREFIX}dead-x"):
        (tmp_path / name).touch()
    _remove_dead(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*others, "target", f"{PREFIX}link"])
