"""How often a scheduler may start."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from af_lab.model.folder import ClusterFolder
from af_lab.runner.restart_limit import record_start, too_many


def test_starts_are_counted_over_the_lives_of_a_scheduler(tmp_path: Path) -> None:
    folder = ClusterFolder(tmp_path)
    for count in range(1, 4):
        before = time.time()
        starts = record_start(folder)
        assert len(starts) == count
        assert before <= starts[-1] <= time.time()
    assert json.loads(folder.starts.read_text()) == starts


@pytest.mark.parametrize("content", ["", "{", '["x"]', "[1, "])
def test_a_damaged_count_of_starts_begins_anew(tmp_path: Path, content: str) -> None:
    folder = ClusterFolder(tmp_path)
    folder.starts.write_text(content)
    assert len(record_start(folder)) == 1


def test_the_file_of_starts_stays_small(tmp_path: Path) -> None:
    folder = ClusterFolder(tmp_path)
    folder.starts.write_text(json.dumps([1.0] * 5000))
    assert len(record_start(folder)) == 1000


def test_one_start_more_than_allowed_is_too_many() -> None:
    starts = [0.0, 100.0, 200.0, 300.0]
    assert too_many(starts, allowed=3, within=301)
    assert not too_many(starts, allowed=3, within=300), "the first one is long enough ago"
    assert not too_many(starts, allowed=4, within=1000)
    assert not too_many([5.0], allowed=1, within=600)
