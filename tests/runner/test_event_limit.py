"""The event log of a cluster stays below its limit, and nothing that the runner or the timeline needs is lost."""

from __future__ import annotations

import errno
import random
from collections import Counter
from pathlib import Path

import pytest

from af_lab.condor.eventlog import EventKind, EventLog, JobEvent
from af_lab.condor.job import JobId
from af_lab.model.folder import ClusterFolder
from af_lab.model.past_events import past_events
from af_lab.model.timeline import Timeline
from af_lab.runner import event_limit
from af_lab.runner.event_limit import shorten_events
from af_lab.runner.observed import Observed

LIMIT = 60_000
SCHEDULER = 7


def write(path: Path, number: int, seed: int = 1) -> None:
    """Append what HTCondor writes of jobs that come, start, grow, are evicted, start again and go; some stay."""
    chosen = random.Random(seed)
    with path.open("a") as log:
        for step in range(number):
            when = f"2026-11-24 {step // 3600:02}:{step // 60 % 60:02}:{step % 60:02}"
            job = f"({1000 * seed + step + 8:03}.000.000) {when}"
            log.write(f"000 {job} Job submitted from host: <10.0.0.1:9618>\n...\n")
            for _ in range(chosen.randint(0, 3)):
                log.write(f"001 {job} Job executing on host: <10.0.0.7:3?alias=wn7>\n\tSlotName: s@wn7\n...\n")
                for _ in range(chosen.randint(0, 5)):
                    log.write(f"006 {job} Image size of job updated: 1\n\t8  -  MemoryUsage of job (MB)\n...\n")
                log.write(f"004 {job} Job was evicted. Code 1022 Subcode 0\n\tReason: Job vacated\n...\n")
            if step % 50:
                log.write(f"009 {job} Job was aborted.\n\tvia condor_rm\n...\n")


@pytest.fixture
def folder(tmp_path: Path) -> ClusterFolder:
    return ClusterFolder(tmp_path)


def on_disk(path: Path) -> int:
    return 512 * path.stat().st_blocks


def all_events(folder: ClusterFolder) -> list[JobEvent]:
    return past_events(folder, EventLog(folder.events), SCHEDULER)


def learned(events: list[JobEvent]) -> tuple[Counter[JobId], list[object]]:
    """Return what a new start of the runner knows from them: starts of jobs, and the timeline's last counts."""
    observed, timeline = Observed(), Timeline()
    observed.recall(events)
    timeline.recall([], events, 1)
    return observed.executions, [point.counts for point in timeline.points[-100:]]


def test_a_log_that_grows_for_ever_is_short_and_a_new_runner_knows_the_same(folder: ClusterFolder) -> None:
    whole = folder.path / "whole.log"
    for seed in range(40):
        for log in (folder.events, whole):
            write(log, 60, seed)
        shorten_events(folder, LIMIT)
        assert on_disk(folder.events) <= LIMIT + 8192
    assert folder.events.stat().st_size == whole.stat().st_size > 10 * LIMIT, "positions stay what they were"
    assert folder.kept_events.stat().st_size < LIMIT
    assert folder.kept_events.stat().st_mode & 0o077 == 0
    complete = past_events(ClusterFolder(folder.path / "none"), EventLog(whole), SCHEDULER)
    starts, counts = learned(complete)
    assert len(starts) > 40, "some jobs of each part exist still"
    assert learned(all_events(folder)) == (starts, counts)


def test_who_follows_the_log_misses_nothing(folder: ClusterFolder) -> None:
    follower, told = EventLog(folder.events), []
    for seed in range(20):
        write(folder.events, 30, seed)
        while events := follower.read():
            told += events
        shorten_events(folder, LIMIT)
    assert Counter(event.kind for event in told)[EventKind.SUBMIT] == 20 * 30


def test_a_runner_that_is_killed_before_the_hole_is_made_counts_nothing_twice(
    folder: ClusterFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder.events, 300)
    before = learned(all_events(folder))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(event_limit, "_punch", killed)
        with pytest.raises(KeyboardInterrupt):
            shorten_events(folder, LIMIT)
    assert folder.kept_events.exists()
    assert learned(all_events(folder)) == before
    size = on_disk(folder.events)
    write(folder.events, 100, seed=2)
    shorten_events(folder, LIMIT)
    assert on_disk(folder.events) < size


def test_a_file_system_without_holes_keeps_the_log(folder: ClusterFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder.events, 300)
    text = folder.events.read_bytes()
    monkeypatch.setattr(event_limit, "PUNCH_HOLE", 0x40000000)
    shorten_events(folder, LIMIT)
    assert folder.events.read_bytes() == text
    monkeypatch.setattr(event_limit, "NO_HOLES", ())
    write(folder.events, 300)
    with pytest.raises(OSError) as raised:  # noqa: PT011 - its number is looked at
        shorten_events(folder, LIMIT)
    assert raised.value.errno == errno.EOPNOTSUPP


def test_a_short_log_or_none_is_left_alone(folder: ClusterFolder) -> None:
    shorten_events(folder, LIMIT)
    write(folder.events, 10)
    shorten_events(folder, LIMIT)
    assert not folder.kept_events.exists()
