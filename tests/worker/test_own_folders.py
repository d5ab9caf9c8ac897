"""The folder for the files of a job's workers: closed to others, and found again by the next job."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from af_lab.worker.own_folders import private_folder

NAME = f"af-lab-{os.geteuid()}"


def _file(place: Path) -> None:
    (place / NAME).write_text("")


def _open_folder(place: Path) -> None:
    (place / NAME).mkdir()
    (place / NAME).chmod(0o755)


def _link(place: Path) -> None:
    (place / "elsewhere").mkdir(mode=0o700)
    (place / NAME).symlink_to(place / "elsewhere")


def _broken_link(place: Path) -> None:
    (place / NAME).symlink_to(place / "absent")


def _nothing(place: Path) -> None:
    pass


@pytest.mark.parametrize("first", [_nothing, _file, _open_folder, _link, _broken_link])
def test_what_a_killed_worker_left_is_in_the_folder_of_the_next_one(
    tmp_path: Path, first: Callable[[Path], None]
) -> None:
    first(tmp_path)
    folder = Path(private_folder(str(tmp_path)))
    assert (folder.name == NAME) == (first is _nothing)
    assert folder.lstat().st_mode & 0o777 == 0o700
    assert folder.parent == tmp_path
    (folder / "left").write_text("")
    assert private_folder(str(tmp_path)) == str(folder), "Dask removes there what a killed worker has left"


def test_the_place_is_made_if_it_is_missing(tmp_path: Path) -> None:
    assert private_folder(str(tmp_path / "a" / "b")) == str(tmp_path / "a" / "b" / NAME)
