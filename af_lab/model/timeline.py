"""The counts of a cluster over time, from its runner or from HTCondor's event log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from af_lab.condor.eventlog import GONE, STATUS_AFTER, EventLog, JobEvent
from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import SchedulerJob
from af_lab.model.counting import count_statuses
from af_lab.model.snapshot import Counts, TimelinePoint

__all__ = ["Timeline", "past_events", "recorded_timeline"]

POINTS = 2000  # of the timeline; above that, every other one of the older half is dropped


class Timeline:
    """The counts of a cluster over time; older points are thinned out when there are many."""

    def __init__(self) -> None:
        self.points: list[TimelinePoint] = []

    def add(self, when: float, counts: Counts) -> None:
        """Add the counts from a moment on."""
        if self.points and self.points[-1].counts == counts:
            return
        self.points.append(TimelinePoint(when, counts))
        if len(self.points) > POINTS:
            half = POINTS // 2
            self.points = self.points[:half:2] + self.points[half:]

    def recall(self, events: Iterable[JobEvent], cores: int) -> None:
        """Rebuild what happened before this start of the runner; connections are not in the event log.

        Parameters
        ----------
        events
            Of the worker jobs.
        cores
            Worker processes of each job.
        """
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
            self.add(event.when, count_statuses(cores * len(statuses), cores, tally))


def past_events(log: EventLog, scheduler: int) -> list[JobEvent]:
    """Return all events of worker jobs in a log so far; `scheduler` is the ``ClusterId`` of the scheduler job."""
    events = log.read()
    while log.behind:
        events += log.read()
    return [event for event in events if event.job.cluster != scheduler]


def recorded_timeline(job: SchedulerJob) -> list[TimelinePoint]:
    """Return the counts of a cluster over time, without connections; empty if the log no longer exists."""
    timeline = Timeline()
    events = past_events(EventLog(job.files.events), job.id.cluster)
    timeline.recall(events, job.shape.cores)
    return timeline.points
