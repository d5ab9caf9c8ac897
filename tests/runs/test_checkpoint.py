"""Results that are kept, and used again."""

from __future__ import annotations

import json
import logging
import os
import pickle
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import af_lab
from af_lab.cli.main import cli
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


def clean(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli, ["batch", "clean", *words])
    assert done.exit_code == code, done.output
    return done.output


def test_what_checkpoints_keep_is_shown_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path / "home"))
    folders = [tmp_path / name for name in ("one", "two", "gone")]
    for number, folder in enumerate(folders):
        checkpoint = af_lab.Checkpoint(folder)
        for argument in "abc"[: number + 1]:
            checkpoint.write(str(checkpoint.key(len, [argument], {})), b"x" * 1000)
    shutil.rmtree(folders[2])
    (folders[1] / "mine.pickle").write_bytes(b"not af_lab's")
    shown = clean()
    assert f"{folders[0]} keeps 1 result, 1" in shown
    assert f"{folders[1]} keeps 2 results, 2" in shown
    assert str(folders[2]) not in shown
    told = json.loads(clean("--json"))
    assert [kept["folder"] for kept in told["checkpoints"]] == [str(folder) for folder in folders[:2]]

    old, used = sorted(folders[1].rglob("*/*.pickle"))
    for result in (old, used):
        os.utime(result, (0, 0))
    assert checkpoint.__class__(folders[1]).read(used.stem) == (True, b"x" * 1000), "it counts as used now"
    assert "Removed from" in clean("--checkpoint", str(folders[1]))
    assert not old.exists()
    assert used.exists()
    assert json.loads(clean("--checkpoint", str(folders[0]), "--older", "0 s", "--json"))["removed"][0]["results"] == 1
    assert str(folders[0]) not in clean()
    assert f"is not a checkpoint that keeps results; those of this machine are: {folders[1]}" in clean(
        "--checkpoint", str(tmp_path), code=1
    )
    assert (folders[1] / "mine.pickle").exists()


def test_a_checkpoint_of_a_worker_leaves_no_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = af_lab.Checkpoint(tmp_path / "kept")
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path / "of a worker"))
    pickle.loads(pickle.dumps(checkpoint))
    assert not (tmp_path / "of a worker").exists()


def test_a_checkpoint_works_where_no_note_can_be_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path / "file"))
    checkpoint = af_lab.Checkpoint(tmp_path / "kept")
    assert "will not list the checkpoint" in caplog.text
    assert checkpoint.read("0" * 64) == (False, None)
