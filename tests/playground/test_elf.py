"""Programs and libraries of this machine."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from af_lab.playground.elf import elf_files


def test_programs_have_an_interpreter_and_other_files_are_left_out(tmp_path: Path) -> None:
    shutil.copy(Path(sys.executable).resolve(), tmp_path / "program")
    (tmp_path / "script").write_text("#!/bin/sh\n")
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to("program")
    found = elf_files(tmp_path)
    assert [file.path.name for file in found] == ["program"]
    assert found[0].interpreter is not None
    assert Path(found[0].interpreter).name.startswith("ld-")


def test_libraries_have_none(tmp_path: Path) -> None:
    import _ctypes

    (tmp_path / "below").mkdir()
    shutil.copy(_ctypes.__file__, tmp_path / "below" / "library.so")
    assert [file.interpreter for file in elf_files(tmp_path)] == [None]
