"""Results that are kept, and used again."""

from __future__ import annotations

import logging
import pickle
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import af_lab
from af_lab.errors import AfLabError
from tests.runs.conftest import NewBatch


def counted(record: Path, factor: int = 1) -> Callable[[str], int]:
    """Return a function of a file that leaves a line in another one."""
    noted = str(record)

    def call(file: str) -> int:
        with open(noted, "a") as calls:
            calls.write(f"{file}\n")
        with open(file) as content:
            return factor * len(content.read())

    return call


@pytest.mark.pool
def test_only_what_is_missing_or_changed_is_computed(new_batch: NewBatch, tmp_path: Path) -> None:
    record = tmp_path / "record"
    files = [tmp_path / f"{number}.txt" for number in range(3)]
    for number, file in enumerate(files):
        file.write_text("x" * number)
    checkpoint = af_lab.Checkpoint(tmp_path / "kept")

    def run(factor: int = 1, version: str | None = None) -> tuple[list[int], list[str]]:
        record.write_text("")
        used = af_lab.Checkpoint(checkpoint.folder, version) if version else checkpoint
        executor = new_batch(checkpoint=used)
        results = list(executor.map(counted(record, factor), map(str, files)))
        return results, sorted(Path(line).stem for line in record.read_text().split())

    assert run() == ([0, 1, 2], ["0", "1", "2"])
    assert run() == ([0, 1, 2], [])
    files[1].write_text("changed")
    assert run() == ([0, 7, 2], ["1"])
    assert run(factor=2) == ([0, 14, 4], ["0", "1", "2"])
    assert run(version="2") == ([0, 7, 2], ["0", "1", "2"])


def test_what_is_kept_is_read_back_by_another_process(tmp_path: Path) -> None:
    checkpoint = pickle.loads(pickle.dumps(af_lab.Checkpoint(tmp_path / "kept", version="1")))
    key = checkpoint.key(len, ["abc"], {})
    assert checkpoint.read(key) == (False, None)
    checkpoint.write(key, None)
    assert checkpoint.read(key) == (True, None)
    (written,) = checkpoint.folder.rglob("*.pickle")
    assert written.stat().st_mode & 0o077 == 0


def test_what_has_no_key_is_computed_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    checkpoint = af_lab.Checkpoint(tmp_path / "kept")
    with caplog.at_level(logging.WARNING):
        assert checkpoint.key(len, [threading.Lock()], {}) is None
    assert "computed anew" in caplog.text


def test_a_damaged_result_is_computed_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    checkpoint = af_lab.Checkpoint(tmp_path / "kept")
    key = checkpoint.key(len, ["abc"], {})
    assert key is not None
    checkpoint.write(key, 3)
    (written,) = checkpoint.folder.rglob("*.pickle")
    written.write_bytes(written.read_bytes()[:-3])
    with caplog.at_level(logging.WARNING):
        assert checkpoint.read(key) == (False, None)
    assert "computed anew" in caplog.text


def test_a_folder_in_which_others_can_write_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(AfLabError, match="chmod go-w"):
        af_lab.Checkpoint(folder)
