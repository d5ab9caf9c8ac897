"""How a cluster's workers fared, as HTCondor's event log tells it, for clusters whose runner is gone."""

from __future__ import annotations

from af_lab.condor.eventlog import EventLog, JobEvent
from af_lab.model import ads
from af_lab.model.ads import SchedulerJob
from af_lab.model.folder import ClusterFolder
from af_lab.model.snapshot import TimelinePoint
from af_lab.runner.observed import Timeline

__all__ = ["past_events", "recorded_timeline"]


def past_events(log: EventLog, scheduler: int) -> list[JobEvent]:
    """Return all that an event log tells of worker jobs so far; `scheduler` is the ``ClusterId`` of another job."""
    events = log.read()
    while log.behind:
        events += log.read()
    return [event for event in events if event.job.cluster != scheduler]


def recorded_timeline(job: SchedulerJob) -> list[TimelinePoint]:
    """Return how the counts of a cluster went over time, without connections; empty where the log is gone."""
    timeline = Timeline()
    events = past_events(EventLog(ClusterFolder(job.folder).events), job.id.cluster)
    timeline.recall(events, ads.decode(job.encoded_spec)["cores"])
    return timeline.points
