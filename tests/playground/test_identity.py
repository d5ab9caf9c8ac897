"""Root becomes an ordinary user."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
import sys
from pathlib import Path

import pytest

from af_lab.playground.identity import NAME, become_ordinary_user, user_name
from tests.playground.support import AS_ROOT, CommandLine, as_root

_BECOME = """
import os
from af_lab.playground.identity import become_ordinary_user, user_name
become_ordinary_user()
open("made", "w").close()
print(user_name(), os.geteuid(), os.environ["USER"], os.path.expanduser("~"))
"""


def test_an_ordinary_user_stays_as_it_is() -> None:
    if os.geteuid() == 0:
        pytest.skip("this is root")
    become_ordinary_user()
    assert user_name() == pwd.getpwuid(os.geteuid()).pw_name


def _become_as_root(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*AS_ROOT, sys.executable, "-c", _BECOME],
        cwd=folder,
        env=os.environ | {"AF_LAB_HOME": str(folder / "home"), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@as_root
def test_root_gets_a_name_and_keeps_its_files(tmp_path: Path) -> None:
    done = _become_as_root(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [NAME, "1000", NAME, str(Path.home())]
    assert (tmp_path / "made").stat().st_uid == os.getuid()


@as_root
def test_a_read_only_home_is_not_a_fault_of_the_namespace(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder can be made here")
    done = _become_as_root(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(NAME)


@as_root
@pytest.mark.pool
def test_commands_of_root_meet_in_one_pool(af_lab: CommandLine) -> None:
    pool = " ".join(af_lab.words("pool"))
    script = f"{pool} start && {pool} run condor_q && {pool} run id -un && {pool} status && {pool} stop"
    done = subprocess.run(
        [*AS_ROOT, "sh", "-c", script],
        env=af_lab.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"\n{NAME}\n" in done.stdout
    assert "Total for query: 0 jobs" in done.stdout
    assert done.stdout.endswith("The pool 'default' is stopped.\n")


@as_root
@pytest.mark.pool
def test_a_pool_is_known_inside_another_one(af_lab: CommandLine) -> None:
    """Both have namespaces of their own, in which the processes of the other one cannot be inspected."""
    pool = " ".join(af_lab.words("pool"))
    commands = ["status", "start", "stop"]
    inside = "; ".join(f"{pool} {command} --name outer; echo status $?" for command in commands)
    script = (
        f"{pool} start --name outer && {pool} run --name inner sh -c '{inside}; {pool} run --name outer condor_q' "
        f"&& {pool} status --name outer && {pool} stop --name inner && {pool} stop --name outer"
    )
    done = subprocess.run(
        [*AS_ROOT, "sh", "-c", script],
        env=af_lab.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert re.findall(r"^status (\d+)$", done.stdout, re.MULTILINE) == ["0", "0", "1"], said
    assert done.stdout.count("The pool 'outer' is running. Use it with") == 4
    assert "The pool was running already" in done.stdout
    assert "The pool 'outer' is running, but its processes are out of reach here" in done.stderr
    assert "Total for query: 0 jobs" in done.stdout
    assert done.stdout.endswith("The pool 'inner' is stopped.\nThe pool 'outer' is stopped.\n")
