"""Root becomes an ordinary user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from af_lab.playground.identity import NAME, become_ordinary_user, user_name
from tests.playground.support import CommandLine

_AS_ROOT = ("unshare", "--user", "--map-root-user")

_BECOME = """
import os
from af_lab.playground.identity import become_ordinary_user, user_name
become_ordinary_user()
open("made", "w").close()
print(user_name(), os.geteuid(), os.environ["USER"], os.path.expanduser("~"))
"""


def _root_is_possible() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_AS_ROOT, "true"], capture_output=True, check=False).returncode == 0


as_root = pytest.mark.skipif(not _root_is_possible(), reason="the kernel lets nobody look like root")


def test_an_ordinary_user_stays_as_it_is() -> None:
    if os.geteuid() == 0:
        pytest.skip("this is root")
    become_ordinary_user()
    assert user_name() == pwd.getpwuid(os.geteuid()).pw_name


def _become_as_root(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_AS_ROOT, sys.executable, "-c", _BECOME],
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
def test_what_other_namespaces_see_is_not_replaced(tmp_path: Path) -> None:
    assert _become_as_root(tmp_path).returncode == 0
    files = [tmp_path / "home" / "identity" / name for name in ("passwd", "group")]
    before = [file.stat().st_ino for file in files]
    assert _become_as_root(tmp_path).returncode == 0
    assert [file.stat().st_ino for file in files] == before


@as_root
@pytest.mark.pool
def test_commands_of_root_meet_in_one_pool(af_lab: CommandLine) -> None:
    pool = " ".join(af_lab.words("pool"))
    script = f"{pool} start && {pool} run condor_q && {pool} run id -un && {pool} status && {pool} stop"
    done = subprocess.run(
        [*_AS_ROOT, "sh", "-c", script],
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
