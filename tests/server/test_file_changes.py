"""Changes of the queue that show in the file system."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from af_lab.server.file_changes import changed, read_file_times


def test_changes_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path))
    before = read_file_times([])
    assert not changed(before, read_file_times([]))
    cluster = tmp_path / "clusters" / "one"
    cluster.mkdir(parents=True)
    made = read_file_times([cluster])
    assert changed(before, made), "a cluster was made"
    assert not changed(made, read_file_times([cluster]))
    for name in ("contact.json", "reason.txt", "events.log"):
        before = read_file_times([cluster])
        (cluster / name).touch()
        os.utime(cluster / name, ns=(1, 1))
        assert changed(before, read_file_times([cluster])), name
    assert not changed(read_file_times([cluster]), read_file_times([])), "of one that nobody looks at any more"
