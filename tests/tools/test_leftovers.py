"""What a run that was killed left is found and cleared, and nothing else."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import synchronize
from pathlib import Path

import pytest

from suite import leftovers
from suite.leftovers import RUN, Leftovers, clear, clear_old_runs, remove_semaphores, run_folder
from tests.support import wait

SLEEPER = "import sys, time; print('ready', flush=True); time.sleep(600)"


@pytest.fixture(autouse=True)
def temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs have their folders in one of the test's own, so that those of the suite around are not seen."""
    monkeypatch.setattr(leftovers, "temporary_folder", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start processes that would sleep for minutes."""
    processes = []

    def start(*words: str, **options: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(  # type: ignore[call-overload]
            [sys.executable, "-c", SLEEPER, *words], stdout=subprocess.PIPE, text=True, **options
        )
        processes.append(process)
        assert process.stdout.readline() == "ready\n"
        return process  # type: ignore[no-any-return]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def killed_run(folder: Path) -> Path:
    """Return the folder of a run that was killed."""
    run = folder / f"{leftovers.PREFIX}killed"
    run.mkdir()
    (run / leftovers.LOCK).touch()
    (run / "file").write_bytes(bytes(3_000_000))
    return run


@pytest.mark.parametrize("known_by", ["environment", "command line", "working directory"])
def test_processes_are_found_however_they_are_known(
    tmp_path: Path, started: Callable[..., subprocess.Popen[str]], known_by: str
) -> None:
    run = killed_run(tmp_path)
    words = [str(run / "x")] if known_by == "command line" else []
    around = os.environ | ({RUN: str(run)} if known_by == "environment" else {})
    here = run if known_by == "working directory" else tmp_path
    own, other = started(*words, env=around, cwd=here), started(env=os.environ)
    said: list[str] = []
    clear_old_runs(said.append)
    wait(lambda: own.poll() is not None, "the process of the run ended")
    assert other.poll() is None
    assert not run.exists()
    (line,) = said
    assert line.startswith("A run of the tests that began at ")
    assert line.endswith("Cleared what it left: 1 process, 3 MB of files.")


def test_a_run_that_goes_on_is_left_alone(started: Callable[..., subprocess.Popen[str]]) -> None:
    said: list[str] = []
    with run_folder() as run:
        own = started(env=os.environ | {RUN: str(run)})
        clear_old_runs(said.append)
        assert own.poll() is None
        assert run.exists()
        left = clear(run, time.time())
    assert said == []
    assert [words.partition(" ")[0] for words in left.processes] == [sys.executable]


def test_nothing_of_a_run_that_ended_well_is_told(tmp_path: Path) -> None:
    with run_folder() as run:
        clear(run, time.time())
    said: list[str] = []
    clear_old_runs(said.append)
    assert said == []
    assert list(tmp_path.iterdir()) == []


def test_semaphores_of_killed_processes_go_and_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    # Those of other namespaces cannot be looked at, and are not concerned.
    visible = [(pid, Path(f"/proc/{pid}")) for pid in (1, os.getpid())]
    monkeypatch.setattr(leftovers, "_processes", lambda: visible)
    begun = time.time() - 1
    program = (
        "import multiprocessing as m, os, signal\n"
        "kept = m.get_context('spawn').Semaphore()\n"
        "print(kept._semlock.name, flush=True)\n"
        # The tracker would remove it.
        "from multiprocessing import resource_tracker as r\n"
        "os.kill(r._resource_tracker._pid, signal.SIGKILL); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    left = Path("/dev/shm", f"sem.{done.stdout.strip().removeprefix('/')}")
    used = multiprocessing.get_context("spawn").Semaphore()
    assert left.exists()
    assert path_of(used).exists()
    for path in (left, path_of(used)):
        assert remove_semaphores(time.time() + 60, path.name) == 0, "one made before a run is not its own"
    assert remove_semaphores(begun, left.name) == 1
    assert remove_semaphores(begun, path_of(used).name) == 0
    assert not left.exists()
    assert path_of(used).exists()


def test_all_semaphores_stay_where_a_process_cannot_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "SHARED_MEMORY", tmp_path)
    (tmp_path / "sem.mp-abc").touch()
    hidden = tmp_path / "2"
    hidden.mkdir()
    monkeypatch.setattr(leftovers, "_processes", lambda: [(2, hidden)])
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert remove_semaphores(0) == 0
    assert (tmp_path / "sem.mp-abc").exists()


def refuse(path: Path) -> bytes:
    raise PermissionError(f"{path} is another's")


def path_of(semaphore: synchronize.Semaphore) -> Path:
    return Path("/dev/shm", f"sem.{semaphore._semlock.name.removeprefix('/')}")  # type: ignore[attr-defined]


def test_leftovers_are_told_in_words() -> None:
    assert str(Leftovers(("a", "b"), 1_400_000, 1)) == "2 processes, 1 MB of files, 1 semaphore"
    assert str(Leftovers((), 0, 2)) == "2 semaphores"
