"""The counts of a cluster over time: as its runner saw them, and from HTCondor's event log where none did."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from af_lab.condor.eventlog import GONE, STATUS_AFTER, EventLog, JobEvent
from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import SchedulerJob
from af_lab.model.counting import count_statuses
from af_lab.model.past_events import past_events
from af_lab.model.snapshot import Counts, TimelinePoint
from af_lab.model.timeline_file import read_timeline

__all__ = ["Timeline", "recorded_timeline"]

POINTS = 2000  # of the timeline; above that, every other one of the older half is dropped


class Timeline:
    """The counts of a cluster over time; older points are thinned out when there are many."""

    def __init__(self) -> None:
        self.points: list[TimelinePoint] = []

    def add(self, when: float, counts: Counts) -> TimelinePoint | None:
        """Add the counts from a moment on; return the point, or None if the counts are as before."""
        if self.points and self.points[-1].counts == counts:
            return None
        point = TimelinePoint(when, counts)
        self.points.append(point)
        if len(self.points) > POINTS:
            half = POINTS // 2
            self.points = self.points[:half:2] + self.points[half:]
        return point

    def recall(self, kept: Iterable[TimelinePoint], events: Iterable[JobEvent], cores: int) -> None:
        """Rebuild what happened before this start of the runner.

        Parameters
        ----------
        kept
            What the runner kept at earlier starts.
        events
            Of the worker jobs; those since the last point that was kept tell what happened while no runner was there.
            Connections are not among them.
        cores
            Worker processes of each job.
        """
        for point in kept:
            self.add(point.when, point.counts)
        end = self.points[-1].when if self.points else -math.inf
        statuses: dict[JobId, JobStatus] = {}
        tally: Counter[JobStatus] = Counter()
        for event in events:
            after = STATUS_AFTER.get(event.kind)
            if after is None and event.kind not in GONE:
                continue
            if before := statuses.pop(event.job, None):
                tally[before] -= 1
            if after is not None:
                statuses[event.job] = after
                tally[after] += 1
            if event.when > end:
                self.add(event.when, count_statuses(cores * len(statuses), cores, tally))


def recorded_timeline(job: SchedulerJob) -> list[TimelinePoint]:
    """Return the counts of a cluster over time from its files; empty if they no longer exist.

    Raises
    ------
    OSError
        A file exists, but cannot be read.
    """
    timeline = Timeline()
    events = past_events(job.files, EventLog(job.files.events), job.id.cluster)
    timeline.recall(read_timeline(job.files.timeline), events, job.shape.cores)
    return timeline.points
