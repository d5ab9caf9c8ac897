"""The folder of af_lab."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from af_lab.home import make_private_folder


def test_a_new_folder_and_those_above_it_are_closed_whatever_the_umask_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    before = os.umask(0)
    try:
        make_private_folder(tmp_path / "share" / "af-lab")
        make_private_folder(tmp_path / "share" / "af-lab" / "pools" / "playground")
    finally:
        os.umask(before)
    made = sorted(path for path in tmp_path.rglob("*") if path.is_dir())
    assert [path.name for path in made] == ["share", "af-lab", "pools", "playground"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o700}
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755, "one that was there stays as it is"
