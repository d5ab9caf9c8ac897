"""What the tests of the commands share: the command itself, and clusters to draw."""

from __future__ import annotations

import datetime
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from rich.console import Console, RenderableType

from af_lab.cli import invocation
from af_lab.cli.main import cli
from af_lab.model.info import ClusterInfo, EnvironmentInfo
from af_lab.model.snapshot import Counts, WorkerInfo
from af_lab.model.spec import Adapt, make_spec
from tests.support import at_a_terminal

AF_LAB = Path(sys.executable).with_name("af-lab")
LIMIT = 150.0  # seconds that a command may take on a busy machine
NOW = 1_800_000_000.0
LONG = "The machine that the Dask scheduler ran on went away [red]twice[/red], and it was put on hold."


def moment(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(NOW + seconds, datetime.UTC)


def af_lab(*words: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the installed command and return what it said."""
    return subprocess.run(
        [AF_LAB, *words],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "80", **(environment or {})},
    )


def answer(*words: str) -> Any:
    """Return the JSON document that a command prints; fails where it does."""
    done = af_lab(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class InProcess:
    """The command, run by the process of the tests.

    A process of its own takes nearly a second, most of it to import the same modules as the last one. What depends on
    the process (signals, terminals, pipes, the installed program) is tested with `af_lab` and `begin`.
    """

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command and return what it said."""
        invocation._manager.cache_clear()
        done = CliRunner(env={"COLUMNS": "80"}).invoke(cli, words)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    def answer(self, *words: str) -> Any:
        """Return the JSON document that a command prints; fails where it does."""
        done = self(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refusal(self, *words: str) -> tuple[int, dict[str, str]]:
        """Return exit code and error of a command that fails under --json."""
        return refused(self(*words, "--json"))


def refused(done: subprocess.CompletedProcess[str]) -> tuple[int, dict[str, str]]:
    """Return exit code and error of a command that failed under --json."""
    assert done.stdout == ""
    return done.returncode, json.loads(done.stderr)


def begin(*words: str, **options: Any) -> subprocess.Popen[str]:
    """Start the command as a terminal does: in a process group of its own, which Ctrl-C interrupts."""
    return subprocess.Popen(
        at_a_terminal(AF_LAB, *words),
        text=True,
        start_new_session=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options},
    )


def ctrl_c(process: subprocess.Popen[str]) -> None:
    """Interrupt a command and all that it started."""
    os.killpg(process.pid, signal.SIGINT)


def cluster_info(**changes: Any) -> ClusterInfo:
    """Return a cluster of 20 workers as it would be told, with some things otherwise."""
    created = datetime.datetime.fromtimestamp(NOW - 7500, datetime.UTC)
    plain: dict[str, Any] = {
        "name": "dimuon",
        "id": 123,
        "state": "running",
        "reason": None,
        "spec": make_spec({"name": "dimuon", "workers": 20}),
        "workers": 20,
        "adapt": None,
        "generation": 1,
        "observed_generation": 1,
        "sequence": 5,
        "counts": Counts(requested=20, waiting=6, starting=2, connected=12),
        "cores": 1,
        "memory": 2 * 10**9,
        "environment": EnvironmentInfo(
            kernel=None,
            path="/opt/conda/bin/python",
            python="3.11.7",
            dask="2026.8.0",
            distributed="2026.8.0",
            af_lab="0.1.0",
        ),
        "scheduler_address": "tls://10.0.0.1:8786",
        "created": created,
    }
    return ClusterInfo(**{**plain, **changes})


def adaptive(minimum: int, maximum: int) -> dict[str, Any]:
    """Return the fields of a cluster that scales itself."""
    return {"workers": None, "adapt": Adapt(minimum=minimum, maximum=maximum)}


def worker_info(**changes: Any) -> WorkerInfo:
    """Return a connected worker's job, with some things otherwise."""
    plain: dict[str, Any] = {
        "id": "124.0",
        "state": "connected",
        "connected": 1,
        "site": None,
        "host": "node7.example.org",
        "since": NOW - 90,
        "memory_asked": 2 * 10**9,
        "memory_used": None,
        "tasks": 3,
        "starts": 1,
        "reason": None,
    }
    return WorkerInfo(**{**plain, **changes})


def drawn(what: RenderableType, width: int = 80) -> list[str]:
    """Return the lines that a terminal of some width shows."""
    console = screen(width)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def screen(width: int = 80) -> Console:
    """Return a terminal of some width that keeps what it shows."""
    return Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
