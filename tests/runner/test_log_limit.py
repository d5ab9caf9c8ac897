"""The logs of a cluster stay below their limits, and are read as if nothing had happened."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import pytest

from af_lab.manager.logfiles import read_log
from af_lab.model.folder import ClusterFolder
from af_lab.runner.last_words import read_last_words
from af_lab.runner.log_limit import LogFile, LogLimit, to_remove

EACH = 200_000
LINES = [f"line {number:06}\n" for number in range(50_000)]


class Writer:
    """Writes as HTCondor's shadow does: at the position that it counts itself."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)

    def write(self, text: str) -> None:
        self._file.write(text.encode())

    def close(self) -> None:
        self._file.close()


@pytest.fixture
def folder(tmp_path: Path) -> ClusterFolder:
    (tmp_path / "logs").mkdir()
    return ClusterFolder(tmp_path)


def on_disk(path: Path) -> int:
    return 512 * path.stat().st_blocks


def test_a_log_that_is_written_for_ever_keeps_its_end_and_its_readers(folder: ClusterFolder) -> None:
    path = folder.logs / "worker-7.0.out"
    writer, limit = Writer(path), LogLimit(EACH, 10**9)
    followed, cursor, most = "", None, 0
    for start in range(0, len(LINES), 2_000):
        writer.write("".join(LINES[start : start + 2_000]))
        limit.apply(folder.logs, ())
        most = max(most, on_disk(path))
        part = read_log(folder, "7.0", 100_000, cursor)
        followed, cursor = followed + part.text, part.cursor
    writer.close()
    assert most < 2 * EACH
    assert path.stat().st_size == sum(map(len, LINES)), "positions stay what they were"
    assert read_log(folder, "7.0", 3, None).text == "".join(LINES[-3:])
    whole = read_log(folder, "7.0", 100_000, None).text.splitlines(keepends=True)
    assert whole[0].startswith("[af_lab removed the first ")
    assert "200 kB" in whole[0]
    assert whole[1:] == LINES[-len(whole) + 1 :]
    assert len(whole) > EACH // 3 / len(LINES[0])
    assert "\0" not in followed
    assert [line for line in followed.splitlines(keepends=True) if line[0] != "["] == LINES, "a follower misses nothing"


def test_what_was_removed_is_told_to_a_follower_who_came_late(folder: ClusterFolder) -> None:
    path = folder.logs / "worker-7.0.out"
    writer = Writer(path)
    writer.write("first\n")
    cursor = read_log(folder, "7.0", 10, None).cursor
    writer.write("".join(LINES))
    LogLimit(EACH, 10**9).apply(folder.logs, ())
    told = read_log(folder, "7.0", 10, cursor)
    assert told.text.startswith("[af_lab removed the first ")
    assert told.text.endswith(LINES[-1])
    assert read_log(folder, "7.0", 10, told.cursor).text == ""
    writer.write("and on\n")
    assert read_log(folder, "7.0", 10, told.cursor).text == "and on\n"
    writer.close()


def test_a_hole_is_skipped_where_the_file_system_does_not_know_it(
    folder: ClusterFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder.logs / "worker-7.0.out"
    path.write_text("".join(LINES) * 6)
    LogLimit(EACH, 10**9).apply(folder.logs, ())
    monkeypatch.setattr(os, "lseek", lambda _, position, __: position)
    told = read_log(folder, "7.0", 10, "worker-7.0.out:100").text
    assert told.startswith("[af_lab removed the first ")
    assert told.endswith(LINES[-1])


def test_the_last_words_outlive_the_beginning(folder: ClusterFolder) -> None:
    path = folder.logs / "worker-7.0.out"
    path.write_text("".join(LINES) + "OSError: cannot read a.root\n")
    LogLimit(EACH, 10**9).apply(folder.logs, ())
    assert read_last_words([path]) == ["OSError: cannot read a.root"]


def test_a_log_that_appends_is_kept_short_too(folder: ClusterFolder) -> None:
    path, limit = folder.logs / "scheduler-9.log", LogLimit(EACH, 10**9)
    with path.open("a") as log:
        for start in range(0, len(LINES), 10_000):
            log.write("".join(LINES[start : start + 10_000]))
            log.flush()
            limit.apply(folder.logs, ())
    assert on_disk(path) <= EACH
    assert read_log(folder, None, 2, None).text == "".join(LINES[-2:])


def test_a_log_that_begins_again_is_limited_again(folder: ClusterFolder) -> None:
    path, limit = folder.logs / "worker-7.0.out", LogLimit(EACH, 10**9)
    for _ in range(2):
        path.write_text("".join(LINES))
        limit.apply(folder.logs, ())
        assert on_disk(path) <= EACH
        path.write_text("a new start\n")
        limit.apply(folder.logs, ())
        assert path.read_text() == "a new start\n"


def test_a_log_of_an_earlier_start_of_the_scheduler_is_not_cut_twice(folder: ClusterFolder) -> None:
    path = folder.logs / "worker-7.0.out"
    path.write_text("".join(LINES))
    LogLimit(EACH, 10**9).apply(folder.logs, ())
    told = read_log(folder, "7.0", 100_000, None).text
    LogLimit(EACH, 10**9).apply(folder.logs, ())
    assert read_log(folder, "7.0", 100_000, None).text == told


def test_the_log_of_an_earlier_start_stays_the_older_one(folder: ClusterFolder) -> None:
    (folder.logs / "scheduler-1.log").write_text("".join(LINES))
    (folder.logs / "scheduler-2.log").write_text("the newest\n")
    os.utime(folder.logs / "scheduler-1.log", (100, 100))
    LogLimit(EACH, 10**9).apply(folder.logs, ())
    assert on_disk(folder.logs / "scheduler-1.log") <= EACH
    assert read_log(folder, None, 10, None).text == "the newest\n"


def test_lines_without_end_are_cut_as_well(folder: ClusterFolder) -> None:
    path = folder.logs / "worker-7.0.out"
    path.write_text("x" * 10 * EACH)
    LogLimit(EACH, 10**9).apply(folder.logs, ())
    assert on_disk(path) <= EACH
    assert read_log(folder, "7.0", 1, None).text.endswith("xxx")


def test_other_files_in_the_folder_are_left_alone(folder: ClusterFolder) -> None:
    (folder.logs / "notes.txt").write_text("x" * 10 * EACH)
    (folder.logs / "worker-1.0.out").symlink_to(folder.logs / "notes.txt")
    LogLimit(EACH, 0).apply(folder.logs, ())
    assert len((folder.logs / "notes.txt").read_text()) == 10 * EACH
    assert (folder.logs / "worker-1.0.out").is_symlink()


@pytest.mark.parametrize(
    ("sizes", "used", "together", "removed"),
    [
        pytest.param([5, 5, 5], (), 15, [], id="enough room"),
        pytest.param([5, 5, 5], (), 14, ["worker-0.0.out"], id="the oldest goes"),
        pytest.param([5, 5, 5], ("worker-0.0.out",), 9, ["worker-1.0.out", "worker-2.0.out"], id="but not one in use"),
        pytest.param([0, 5, 5], (), 9, ["worker-0.0.out", "worker-1.0.out"], id="whatever it takes"),
        pytest.param([5], ("worker-0.0.out",), 0, [], id="nothing else"),
        pytest.param([], (), 0, [], id="none"),
    ],
)
def test_the_oldest_logs_go(sizes: list[int], used: Collection[str], together: int, removed: list[str]) -> None:
    files = [LogFile(Path(f"worker-{index}.0.out"), 10**6, size, 100.0 + index) for index, size in enumerate(sizes)]
    assert [file.path.name for file in to_remove(reversed(files), used, together)] == removed


def test_logs_of_jobs_that_ended_are_removed(folder: ClusterFolder) -> None:
    for id_ in range(4):
        path = folder.logs / f"worker-{id_}.0.out"
        path.write_text("x" * 100_000)
        os.utime(path, (id_, id_))
    LogLimit(EACH, 250_000).apply(folder.logs, {"worker-0.0.out"})
    assert sorted(path.name for path in folder.logs.iterdir()) == ["worker-0.0.out", "worker-3.0.out"]
