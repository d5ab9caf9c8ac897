"""The file that keeps a cluster's timeline."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from af_lab.model.snapshot import Counts, TimelinePoint
from af_lab.model.timeline_file import MOST_LINES, TimelineFile, read_timeline


def points(number: int) -> list[TimelinePoint]:
    return [TimelinePoint(1_795_737_600.25 + when, Counts(requested=9, connected=when)) for when in range(number)]


def test_points_come_back(tmp_path: Path) -> None:
    path = tmp_path / "timeline.jsonl"
    assert read_timeline(path) == []
    file = TimelineFile(path)
    assert file.is_behind
    file.write(points(1), points(2))
    file.write(points(4)[2:], points(4))
    assert not file.is_behind
    assert read_timeline(path) == points(4)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_start_writes_all_points_at_first(tmp_path: Path) -> None:
    path = tmp_path / "timeline.jsonl"
    TimelineFile(path).write([], points(5))
    TimelineFile(path).write(points(3)[2:], points(3))
    assert read_timeline(path) == points(3)


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "timeline.jsonl"
    TimelineFile(path).write([], points(3))
    path.write_bytes(path.read_bytes()[:-cut])
    # Without the line break at its end, a line is complete.
    assert read_timeline(path) == points(3 if cut == 1 else 2)


@pytest.mark.parametrize(
    "line", [b"", b"\xff\x00", b"{}", b"null", b"7", b"[1]x", b'["soon", 1]', b"[1, 1, 2, 3, 4, 5, 6, 7, 8]"]
)
def test_a_line_that_says_something_else_is_left_out(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "timeline.jsonl"
    TimelineFile(path).write([], points(2))
    first, second = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([first, line, second]))
    assert read_timeline(path) == points(2)


def test_it_does_not_grow_without_bound(tmp_path: Path) -> None:
    path = tmp_path / "timeline.jsonl"
    file = TimelineFile(path)
    every = points(3 * MOST_LINES)
    for begin in range(0, len(every), 100):
        new = every[begin : begin + 100]
        file.write(new, every[: begin + 100][-2000:])
        assert len(path.read_bytes().splitlines()) <= MOST_LINES
    assert read_timeline(path)[-2000:] == every[-2000:]
    assert path.stat().st_size < 400_000


def test_a_full_disk_loses_nothing_for_good(tmp_path: Path) -> None:
    path = tmp_path / "timeline.jsonl"
    file = TimelineFile(path)
    file.write([], points(2))
    path.unlink()
    path.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        file.write(points(3)[2:], points(3))
    assert file.is_behind
    file.write([], points(3))
    assert not path.is_symlink()
    assert read_timeline(path) == points(3)


def test_a_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    file = TimelineFile(folder / "timeline.jsonl")
    file.write([], points(1))
    os.remove(folder / "timeline.jsonl")
    folder.rmdir()
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            file.write(points(2)[1:], points(2))
    assert not folder.exists()
