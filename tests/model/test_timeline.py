"""How the counts of a cluster went over time."""

from __future__ import annotations

import os
import signal

import pytest

from af_lab.condor.eventlog import EventKind, JobEvent
from af_lab.condor.job import JobId
from af_lab.manager.manager import ClusterManager
from af_lab.model.snapshot import Counts, TimelinePoint
from af_lab.model.spec import make_spec
from af_lab.model.timeline import POINTS, Timeline, recorded_timeline
from af_lab.model.timeline_file import read_timeline
from tests.faults.support import connected, runner_pid
from tests.support import until


def test_the_event_log_tells_what_was_before() -> None:
    timeline = Timeline()
    job = JobId(3, 0)
    kinds = [EventKind.SUBMIT, EventKind.EXECUTE, EventKind.EVICTED, EventKind.EXECUTE, EventKind.TERMINATED]
    timeline.recall([], [JobEvent(kind, job, when) for when, kind in enumerate(kinds)], cores=2)
    told = [(point.when, point.counts.waiting, point.counts.starting) for point in timeline.points]
    assert told == [(0, 2, 0), (1, 0, 2), (2, 2, 0), (3, 0, 2), (4, 0, 0)]


def test_the_event_log_tells_only_what_the_runner_did_not_see() -> None:
    timeline = Timeline()
    job = JobId(3, 0)
    kept = [TimelinePoint(0.2, Counts(waiting=1)), TimelinePoint(1.1, Counts(connected=1))]
    kinds = [EventKind.SUBMIT, EventKind.EXECUTE, EventKind.EVICTED, EventKind.EXECUTE]
    timeline.recall(kept, [JobEvent(kind, job, when) for when, kind in enumerate(kinds)], cores=1)
    assert timeline.points[:2] == kept
    told = [(point.when, point.counts.waiting, point.counts.starting) for point in timeline.points[2:]]
    assert told == [(2, 1, 0), (3, 0, 1)]


def test_what_does_not_change_is_not_noted() -> None:
    timeline = Timeline()
    for when in range(3):
        timeline.add(when, Counts(requested=1))
    assert [point.when for point in timeline.points] == [0]


def test_a_long_time_line_gets_coarser_where_it_is_old() -> None:
    timeline = Timeline()
    for when in range(3 * POINTS):
        timeline.add(when, Counts(requested=when))
    moments = [point.when for point in timeline.points]
    assert len(moments) <= POINTS
    assert moments[0] == 0
    assert moments[-100:] == list(range(3 * POINTS - 100, 3 * POINTS))


@pytest.mark.pool
async def test_a_time_line_outlives_its_scheduler(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "times", "workers": 1}))
    info = await manager.wait_until_running("times")
    await connected(manager, "times", 1)
    job = await manager.job("times")
    file = job.files.timeline

    async def kept() -> bool:
        # The full disk below can be read without an end.
        return not file.is_symlink() and read_timeline(file) == await manager.timeline("times")

    await until(kept, "it stands in the cluster's folder")
    # The next line does not fit on the disk, and the one after that does.
    file.unlink()
    file.symlink_to("/dev/full")
    await manager.scale("times", 2)
    await connected(manager, "times", 2)
    await until(kept, "the points that did not fit stand there, too")
    assert "could not be written" in job.files.scheduler_logs()[-1].read_text()
    before = await manager.timeline("times")
    os.kill(await runner_pid(manager, "times"), signal.SIGKILL)
    with file.open("ab") as lines:
        lines.write(b"[1795737600.5, 1, 0")  # as when the machine dies
    assert recorded_timeline(job)[: len(before)] == before, "it is there while no scheduler answers"

    async def back() -> bool:
        found = await manager.get("times")
        return found.sequence > info.sequence + 1000 and found.counts.connected == 2

    await until(back, "the cluster is whole again")
    points = await manager.timeline("times")
    assert points[: len(before)] == before, "the past is not written again"
    assert any(point.counts.starting for point in points)
    assert points[-1].counts.connected == 2
    moments = [point.when for point in points]
    assert moments == sorted(moments)


def test_a_time_line_keeps_its_ends_and_gets_coarser_between_them() -> None:
    timeline = Timeline()
    for when in range(10_000):
        timeline.add(float(when), Counts(starting=when))
        timeline.add(when + 0.5, Counts(starting=when))
    assert len(timeline.points) <= 2000
    moments = [point.when for point in timeline.points]
    assert (moments[0], moments[-1]) == (0, 9999)
    assert moments == sorted(moments)
    assert all(point.counts.starting == point.when for point in timeline.points), "unchanged counts are not noted again"
