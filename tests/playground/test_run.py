"""Running commands as a shell would."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from af_lab.errors import PlaygroundError
from af_lab.playground import personal_pool
from af_lab.playground.installation import Installation
from af_lab.playground.run import run_command, temporary_pool
from af_lab.playground.sizing import PoolSize
from tests.playground.support import make_installation
from tests.support import at_a_terminal, wait


@pytest.mark.parametrize(
    ("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
)
def test_status(script: str, status: int) -> None:
    assert run_command(["sh", "-c", script], os.environ) == status


def test_environment_is_the_childs_own(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run_command(["sh", "-c", f'echo "$A" > {out}'], {"A": "b", "PATH": "/usr/bin:/bin"}) == 0
    assert out.read_text() == "b\n"


def test_unknown_command() -> None:
    with pytest.raises(PlaygroundError, match="command 'no-such-command' was not found"):
        run_command(["no-such-command"], os.environ)


def test_meanwhile_is_called_until_the_end(tmp_path: Path) -> None:
    go = tmp_path / "go"
    calls: list[int] = []

    def meanwhile() -> None:
        calls.append(1)
        if len(calls) == 3:
            go.touch()

    script = f"while [ ! -e {go} ]; do sleep 0.05; done"
    assert run_command(["sh", "-c", script], os.environ, meanwhile) == 0
    assert len(calls) >= 3


_RUN = """
import os, sys
from af_lab.playground.run import run_command
sys.exit(run_command([sys.executable, "-c", *sys.argv[1:]], os.environ))
"""

# No shell: dash can lose a signal that comes in the moment in which it begins to wait.
_AWAIT_SIGNAL = """
import pathlib, signal, sys
awaited = {signal.Signals[sys.argv[1]]}
signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
pathlib.Path(sys.argv[2]).touch()
signal.sigwait(awaited)
sys.exit(21)
"""


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT"])
def test_signals_are_passed_on(tmp_path: Path, name: str) -> None:
    ready = tmp_path / "ready"
    process = subprocess.Popen(
        at_a_terminal(sys.executable, "-c", _RUN, _AWAIT_SIGNAL, f"SIG{name}", ready),
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        start_new_session=True,
    )
    try:
        wait(ready.exists, "the child runs")
        process.send_signal(signal.Signals[f"SIG{name}"])
        assert process.wait(120) == 21
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


# It stands in for one that ends at once, as the real one does only on a broken machine.
_MASTER = """#!/bin/sh
pidfile=$(echo "$*" | sed 's/.*-pidfile \\([^ ]*\\).*/\\1/')
echo "there is no port" >"$(dirname "$pidfile")/log/MasterLog"
exit 4
"""


def test_the_logs_of_a_temporary_pool_that_does_not_start_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_pool, "_MASTER_LIMIT", 0.5)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    release = make_installation(tmp_path / "condor")
    master = release / "sbin" / "condor_master"
    master.write_text(_MASTER, encoding="utf-8")
    folders = {name: release / name for name in ("bin", "sbin", "libexec", "lib", "share")}
    installation = Installation(release, version="25.1.2", origin="made by the test", **folders)
    with (
        pytest.raises(PlaygroundError, match=r"ended immediately\. Its log: (\S+)") as failed,
        temporary_pool(installation, PoolSize(1, 2**30)),
    ):
        pass
    named = Path(str(failed.value).rpartition(" ")[2])
    assert named.read_text(encoding="utf-8") == "there is no port\n"
    assert [left.name for left in tmp_path.glob("af-lab-pool-*")] == [named.parent.name], "the pool itself is deleted"
