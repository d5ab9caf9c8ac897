"""Folders that cannot hold a pool are refused by name, with what to do, before anything is made."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from af_lab.errors import PlaygroundError
from af_lab.playground.storage import check_storage, storage_problem
from tests.playground.support import AS_ROOT, CommandLine, as_root

_MOUNTED = 'mount --bind "$1" "$1" && mount -o "remount,bind,$2" "$1" && shift 2 && exec "$@"'
_MODES_KEPT = 'bindfs --chmod-ignore -p "$2" "$1" "$1" && shift 2 && exec "$@"'
_KINDS = {
    "ro": (_MOUNTED, "cannot be written: Read-only file system"),
    "noexec": (_MOUNTED, "Programs cannot be run from"),
    "0755": (_MODES_KEPT, "Other users can read what is written to"),
}
_ALONE = ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
"""Mounts and the processes that serve them end with the command."""
_has_bindfs = shutil.which("bindfs") is not None and os.access("/dev/fuse", os.R_OK | os.W_OK)
_needs_bindfs = pytest.mark.skipif(not _has_bindfs, reason="bindfs is not installed, or FUSE is forbidden")


def test_an_ordinary_folder_can_hold_a_pool_and_is_left_as_it_is(tmp_path: Path) -> None:
    assert storage_problem(tmp_path / "not" / "yet") is None
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert storage_problem(tmp_path / "file") == f"{tmp_path}/file cannot be written: Not a directory"


def test_where_modes_are_ignored_a_pool_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake, for users who cannot mount anything; `test_what_a_home_forbids...` has a real mount."""
    monkeypatch.setattr(Path, "chmod", lambda path, mode: None)
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path))
    with pytest.raises(PlaygroundError, match=rf"Other users can read .* {tmp_path}/pools, .*\. Set AF_LAB_HOME"):
        check_storage(tmp_path / "pools")
    monkeypatch.setenv("AF_LAB_HOME", "/elsewhere")
    with pytest.raises(PlaygroundError, match="Set TMPDIR"):
        check_storage(tmp_path / "pools")


@as_root
@pytest.mark.pool
@pytest.mark.parametrize("option", ["ro", "noexec", pytest.param("0755", marks=_needs_bindfs)])
def test_what_a_home_forbids_is_told_by_every_command(af_lab: CommandLine, option: str) -> None:
    af_lab.home.mkdir()
    mount, words = _KINDS[option]

    def there(*arguments: str) -> str:
        done = subprocess.run(
            [*AS_ROOT, *_ALONE, "sh", "-c", mount, "sh", af_lab.home, option, *af_lab.words(*arguments)],
            env=af_lab.environment | {"COLUMNS": "1000"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    doctor = there("doctor")
    (line,) = (line for line in doctor.splitlines() if "Folder of af-lab" in line)
    assert line.startswith("failed")
    assert str(af_lab.home) in line
    namespace = next(line for line in doctor.splitlines() if "User namespace" in line)
    assert namespace.startswith("ok"), "the kernel is not to blame"
    for command in (["pool", "start"], ["pool", "run", "true"], ["playground", "--no-browser"]):
        said = there(*command)
        assert words in said
        assert str(af_lab.home) in said
        assert "Set AF_LAB_HOME" in said
        assert len(said.splitlines()) == 1
    assert list(af_lab.home.iterdir()) == []
