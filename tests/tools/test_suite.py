"""The suite itself, run on tests that fail, and killed."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from suite.leftovers import processes_of
from tests.support import at_a_terminal, wait

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.pool

LIMIT = 300.0
"""Seconds that a run of one small file may take on a busy machine."""

FAULTY = """
import os, pathlib
import pytest

def test_fails():
    logs = pathlib.Path(os.environ["AF_LAB_HOME"], "clusters", "abc", "logs")
    logs.mkdir(parents=True, exist_ok=True)
    (logs / "scheduler-1.log").write_text("early\\n" * 100 + "the disk is full\\n")
    assert {"a": 1} == {"a": 2}

@pytest.mark.pool
def test_fails_once(tmp_path_factory):
    seen = tmp_path_factory.getbasetemp() / "seen"
    first = not seen.exists()
    seen.touch()
    assert not first, "no core was free"

def test_measures(record_property):
    record_property("figure", "3 s until it was there (aim 2)")

@pytest.mark.skip(reason="no such machine")
def test_skipped():
    pass

@pytest.mark.system
def test_takes_minutes():
    assert False
"""

CHILD = """subprocess.Popen(["sleep", "600"])"""

HANGING = """
import os, pathlib, subprocess, time
import pytest

@pytest.mark.pool
def test_hangs():
    {child}
    pathlib.Path(os.environ["TMPDIR"], "started").touch()
    time.sleep(600)
"""


def begin(test: Path) -> subprocess.Popen[str]:
    """Start the suite for one file, as a terminal does."""
    return subprocess.Popen(
        at_a_terminal(sys.executable, "-m", "suite", "--only", str(test)),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tools"), "TMPDIR": str(test.parent / "tmp")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name, as sockets below it need one, in which the suite around does not look for runs."""
    with tempfile.TemporaryDirectory(prefix="s") as name:
        (Path(name) / "tmp").mkdir()
        yield Path(name)


def write(folder: Path, content: str) -> Path:
    test = folder / "test_it.py"
    test.write_text(content)
    return test


def test_a_run_tells_what_failed_and_how_to_run_it_again(folder: Path) -> None:
    test = write(folder, FAULTY)
    with begin(test) as suite:
        said, _ = suite.communicate(timeout=LIMIT)
    assert suite.returncode == 1, said
    assert said.splitlines()[-1] == "2 passed, 1 failed, 1 skipped"
    assert re.search(r"runs a second time  \S*::test_fails_once\n +AssertionError: no core was free", said)
    assert re.search(r"Second runs: 1\n +\S*::test_fails_once\n", said)
    assert "Figures\n  test_measures: 3 s until it was there (aim 2)" in said
    _, _, failure = said.partition("--- failure 1 of 1: ")
    assert "assert {'a': 1} == {'a': 2}" in failure
    assert re.search(r"- Last lines of \S+/clusters/abc/logs/scheduler-1.log\n( +early\n)+ +the disk is full", failure)
    assert re.search(r"make test ONLY='\S*test_it.py::test_fails'", failure)
    assert "test_takes_minutes" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_interrupted_leaves_nothing(folder: Path, number: signal.Signals) -> None:
    with begin(write(folder, HANGING.format(child=""))) as suite:
        run = hanging(folder, suite)
        suite.send_signal(number)
        said, _ = suite.communicate(timeout=LIMIT)
    assert suite.returncode != 0
    assert "It was interrupted." in said
    assert processes_of(run) == {}
    assert not run.exists()


def test_the_next_run_clears_what_a_killed_one_left(folder: Path) -> None:
    with begin(write(folder, HANGING.format(child=CHILD))) as suite:
        run = hanging(folder, suite)
        assert any("condor_schedd" in words for words in processes_of(run).values())
        # Those of the run that end others when they are told to go, too.
        for pid in [suite.pid, *(pid for pid, words in processes_of(run).items() if "python" in words)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    assert run.exists()
    with begin(write(folder, "def test_passes(): pass")) as suite:
        said, _ = suite.communicate(timeout=LIMIT)
    assert suite.returncode == 0, said
    assert re.search(r"A run of the tests that began at .* was killed. Cleared what it left: \d+ process", said)
    assert processes_of(run) == {}
    assert not run.exists()


def hanging(folder: Path, suite: subprocess.Popen[str]) -> Path:
    """Wait until a test of the suite hangs, and return the folder of the run."""

    def started() -> list[Path]:
        assert suite.poll() is None, suite.communicate()[0]
        return list((folder / "tmp").glob("*/started"))

    wait(started, "the test hangs", seconds=LIMIT)
    return started()[0].parent
