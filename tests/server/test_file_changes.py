"""Changes of the queue that show in the file system."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from af_lab.server.file_changes import changed, read_signs


def test_signs_of_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path))
    before = read_signs([])
    assert not changed(before, read_signs([]))
    cluster = tmp_path / "clusters" / "one"
    cluster.mkdir(parents=True)
    made = read_signs([cluster])
    assert changed(before, made), "a cluster was made"
    assert not changed(made, read_signs([cluster]))
    for name in ("contact.json", "reason.txt", "events.log"):
        before = read_signs([cluster])
        (cluster / name).touch()
        os.utime(cluster / name, ns=(1, 1))
        assert changed(before, read_signs([cluster])), name
    assert not changed(read_signs([cluster]), read_signs([])), "of one that nobody looks at any more"
