"""What a runner sees of its worker jobs: queries of the queue, kept up to date by HTCondor's event log."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from af_lab.condor.eventlog import EventKind, JobEvent
from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.model.snapshot import Counts, TimelinePoint, Trouble, WorkerInfo, WorkerState

__all__ = ["Observed", "Timeline", "count", "worker_infos"]

RUNNING = (JobStatus.RUNNING, JobStatus.TRANSFERRING_OUTPUT)
TROUBLES = 20  # that are told; the log has all
POINTS = 2000  # of the time line; beyond that every other one is dropped

STATUS_AFTER = {
    EventKind.SUBMIT: JobStatus.IDLE,
    EventKind.EXECUTE: JobStatus.RUNNING,
    EventKind.EVICTED: JobStatus.IDLE,
    EventKind.HELD: JobStatus.HELD,
    EventKind.RELEASED: JobStatus.IDLE,
    EventKind.RECONNECT_FAILED: JobStatus.IDLE,
    EventKind.SHADOW_EXCEPTION: JobStatus.IDLE,
    EventKind.SUSPENDED: JobStatus.SUSPENDED,
    EventKind.UNSUSPENDED: JobStatus.RUNNING,
}
GONE = (EventKind.TERMINATED, EventKind.ABORTED)
TROUBLESOME = {
    EventKind.EVICTED: "was evicted from {host}{reason}; it runs again",
    EventKind.HELD: "was put on hold{reason}",
    EventKind.SHADOW_EXCEPTION: "lost its connection to {host}{reason}; it runs again",
    EventKind.RECONNECT_FAILED: "lost {host}{reason}; it runs again",
    EventKind.TERMINATED: "ended{reason}; another takes its place",
    EventKind.ABORTED: "was removed{reason}; another takes its place",
}


@dataclass
class Observed:
    """The worker jobs of one cluster as far as its runner knows.

    Attributes
    ----------
    jobs
        The jobs in the queue.
    dismissed
        Jobs that the runner itself removes: their end is no trouble.
    ever_connected
        Jobs of which a worker has connected.
    executions
        How often each job was started, by the event log: the queue counts a start only some seconds later.
    gone
        Jobs whose end the event log told, while queries may still find them.
    last_seen
        When the last connected worker of a job went, in seconds since the epoch.
    troubles
        What went wrong, the newest last.
    """

    jobs: dict[JobId, WorkerJob] = field(default_factory=dict)
    dismissed: set[JobId] = field(default_factory=set)
    ever_connected: set[JobId] = field(default_factory=set)
    executions: Counter[JobId] = field(default_factory=Counter)
    gone: set[JobId] = field(default_factory=set)
    last_seen: dict[JobId, float] = field(default_factory=dict)
    troubles: deque[Trouble] = field(default_factory=lambda: deque(maxlen=TROUBLES))

    def replace(self, jobs: Iterable[WorkerJob]) -> None:
        """Take over what a query found."""
        found = {job.id: replace(job, starts=max(job.starts, self.executions[job.id])) for job in jobs}
        self.jobs = {id_: job for id_, job in found.items() if id_ not in self.gone}
        self.gone &= found.keys()
        self.last_seen = {id_: moment for id_, moment in self.last_seen.items() if id_ in self.jobs}

    def recall(self, events: Iterable[JobEvent]) -> None:
        """Take over what the event log told before, of which only the number of starts is not in the queue."""
        for event in events:
            if event.kind in GONE:
                self._forget(event.job)
            elif event.kind == EventKind.EXECUTE:
                self.executions[event.job] += 1

    def apply(self, event: JobEvent, memory: int) -> JobId | None:
        """Take over what the event log tells.

        Parameters
        ----------
        event
            Of a worker job.
        memory
            Bytes that a job asks for at its submission.

        Returns
        -------
        The job, if it ended or was held before a worker of it ever connected.
        """
        failed = event.kind in (EventKind.TERMINATED, EventKind.HELD) and event.job not in (
            self.ever_connected | self.dismissed
        )
        # A query may have seen more already than the log has told so far; what happened is told all the same.
        self._note(event)
        self.executions[event.job] += event.kind == EventKind.EXECUTE
        job = self.jobs.get(event.job)
        if event.kind in GONE:
            self._forget(event.job)
        elif job is None:
            if event.kind == EventKind.SUBMIT:
                self.jobs[event.job] = WorkerJob(event.job, JobStatus.IDLE, 0, event.when, memory_asked=memory)
        elif event.when >= int(job.since):
            self._change(event, job)
        return event.job if failed else None

    def asks_for(self, id_: JobId, memory: int) -> None:
        """Note that a job asks for other memory (bytes) than before: the event log does not tell."""
        if job := self.jobs.get(id_):
            self.jobs[id_] = replace(job, memory_asked=memory)

    def statuses(self) -> Mapping[JobStatus, int]:
        """Count the jobs of each status."""
        return Counter(job.status for job in self.jobs.values())

    def trouble(self, when: float, id_: JobId | str, text: str) -> None:
        """Note that something went wrong with a worker."""
        self.troubles.append(Trouble(when, str(id_), text))

    def _change(self, event: JobEvent, job: WorkerJob) -> None:
        if status := STATUS_AFTER.get(event.kind):
            leaves = event.kind == EventKind.EVICTED and event.job in self.dismissed
            self.jobs[event.job] = replace(
                job,
                status=JobStatus.REMOVED if leaves else status,
                since=event.when,
                starts=max(job.starts, self.executions[event.job]),
                host=event.host or job.host,
                hold_reason=event.reason if event.kind == EventKind.HELD else None,
                hold_code=event.hold_code if event.kind == EventKind.HELD else None,
            )
        elif event.memory is not None:
            self.jobs[event.job] = replace(job, memory_used=max(event.memory, job.memory_used or 0))

    def _forget(self, id_: JobId) -> None:
        self.gone.add(id_)
        self.jobs.pop(id_, None)
        self.executions.pop(id_, None)
        for forgotten in (self.dismissed, self.ever_connected):
            forgotten.discard(id_)

    def _note(self, event: JobEvent) -> None:
        text = TROUBLESOME.get(event.kind)
        if text and event.job not in self.dismissed:
            job = self.jobs.get(event.job)
            host = job.host if job and job.host else "its slot"
            reason = f" ({event.reason.rstrip('.')})" if event.reason else ""
            self.trouble(event.when, event.job, text.format(host=host, reason=reason))


def count(
    requested: int, cores: int, statuses: Mapping[JobStatus, int], connected: Mapping[JobId, int], lost: int
) -> Counts:
    """Count a cluster's worker processes.

    Parameters
    ----------
    requested
        Workers wanted.
    cores
        Worker processes of each job.
    statuses
        How many worker jobs have each status.
    connected
        Connected workers of each job.
    lost
        Jobs that run, but whose workers have not been connected for long.
    """
    return Counts(
        requested=requested,
        idle=cores * statuses.get(JobStatus.IDLE, 0),
        running=cores * sum(statuses.get(status, 0) for status in RUNNING),
        connected=sum(connected.values()),
        held=cores * statuses.get(JobStatus.HELD, 0),
        lost=cores * lost,
    )


def worker_infos(
    jobs: Iterable[WorkerJob],
    connected: Mapping[JobId, int],
    busy: Mapping[JobId, int],
    lost: set[JobId],
    leaving: Callable[[JobId], bool],
) -> list[WorkerInfo]:
    """Describe each worker's job, by its id; see `WorkerInfo`."""

    def state(job: WorkerJob) -> WorkerState:
        match job.status:
            case JobStatus.HELD:
                return "held"
            case JobStatus.IDLE | JobStatus.SUSPENDED:
                return "idle"
            case JobStatus.REMOVED | JobStatus.COMPLETED:
                return "leaving"
        if leaving(job.id):
            return "leaving"
        if job.id in lost:
            return "lost"
        return "connected" if connected.get(job.id) else "running"

    return [
        WorkerInfo(
            id=str(job.id),
            state=state(job),
            connected=connected.get(job.id, 0),
            site=job.site,
            host=job.host,
            since=job.since,
            memory_asked=job.memory_asked,
            memory_used=job.memory_used,
            tasks=busy.get(job.id, 0),
            starts=job.starts,
            reason=job.hold_reason,
        )
        for job in sorted(jobs, key=lambda job: job.id)
    ]


class Timeline:
    """How the counts of a cluster went over time; old ones get coarser when there are many."""

    def __init__(self) -> None:
        self.points: list[TimelinePoint] = []

    def add(self, when: float, counts: Counts) -> None:
        """Note the counts from a moment on."""
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
            self.add(event.when, count(cores * len(statuses), cores, tally, {}, 0))
