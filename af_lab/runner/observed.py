"""The worker jobs as a runner sees them: queries of the queue, kept up to date by HTCondor's event log."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from af_lab.condor.eventlog import GONE, STATUS_AFTER, EventKind, JobEvent
from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.model.snapshot import Trouble

__all__ = ["Observed"]

TROUBLES = 20  # that are published; the log has all

# Seconds for which a removed job without a connected worker is still leaving. The schedd keeps it for up to 20 minutes
# if its machine does not answer any more.
LEAVES_WITHIN = 60.0

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
        Jobs that the runner itself removes; their end is not a trouble.
    ever_connected
        Jobs of which a worker has connected.
    executions
        How often each job was started, by the event log: the queue counts a start only some seconds later.
    from_before
        Jobs that ran when this runner started; their workers end by themselves with the scheduler before.
    gone
        Jobs that ended according to the event log; queries may still find them.
    last_seen
        When the last connected worker of a job disconnected, in seconds since the epoch.
    troubles
        What went wrong, the newest last.
    """

    jobs: dict[JobId, WorkerJob] = field(default_factory=dict)
    dismissed: set[JobId] = field(default_factory=set)
    ever_connected: set[JobId] = field(default_factory=set)
    executions: Counter[JobId] = field(default_factory=Counter)
    from_before: set[JobId] = field(default_factory=set)
    gone: set[JobId] = field(default_factory=set)
    last_seen: dict[JobId, float] = field(default_factory=dict)
    troubles: deque[Trouble] = field(default_factory=lambda: deque(maxlen=TROUBLES))

    def site_of(self, job: JobId) -> str | None:
        """Return the site at which a job runs; None if it is not known."""
        return self.jobs[job].site if job in self.jobs else None

    def replace(self, jobs: Iterable[WorkerJob], now: float) -> None:
        """Replace the jobs with those that a query found, but for those that left although the schedd keeps them.

        Parameters
        ----------
        jobs
            All worker jobs in the queue.
        now
            Seconds since the epoch.
        """
        found = {job.id: replace(job, starts=max(job.starts, self.executions[job.id])) for job in jobs}
        self.jobs = {id_: job for id_, job in found.items() if id_ not in self.gone and not self._has_left(job, now)}
        self.gone &= found.keys()
        self.last_seen = {id_: moment for id_, moment in self.last_seen.items() if id_ in found}

    def recall(self, events: Iterable[JobEvent]) -> None:
        """Apply earlier events of the log; the queue has all their results except the number of starts."""
        for event in events:
            if event.kind in GONE:
                self._forget(event.job)
            elif event.kind == EventKind.EXECUTE:
                self.executions[event.job] += 1

    def apply(self, event: JobEvent, memory: int, words: str = "") -> JobId | None:
        """Apply an event of the log.

        Parameters
        ----------
        event
            Of a worker job.
        memory
            Bytes that a job asks for at its submission.
        words
            The last words in the log of a job that ended, see `af_lab.runner.last_words`.

        Returns
        -------
        The job, if it ended or was held before a worker of it ever connected.
        """
        failed = event.kind in (EventKind.TERMINATED, EventKind.HELD) and event.job not in (
            self.ever_connected | self.dismissed
        )
        # A query may have been ahead of the event log; the event is reported nevertheless.
        self._note(event, words)
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
        """Note the new memory request of a job, in bytes: the event log does not show it."""
        if job := self.jobs.get(id_):
            self.jobs[id_] = replace(job, memory_asked=memory)

    def trouble(self, when: float, id_: JobId | str, text: str) -> None:
        """Note that something went wrong with a worker; the same again only raises the number of times."""
        before = next((trouble for trouble in self.troubles if trouble.text == text), None)
        if before is not None:
            self.troubles.remove(before)
        self.troubles.append(Trouble(when, str(id_), text, 1 if before is None else before.count + 1))

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

    def _has_left(self, job: WorkerJob, now: float) -> bool:
        last_seen = self.last_seen.get(job.id, 0.0)
        is_connected = job.id in self.ever_connected and not last_seen
        return job.status == JobStatus.REMOVED and not is_connected and max(job.since, last_seen) + LEAVES_WITHIN <= now

    def _forget(self, id_: JobId) -> None:
        self.gone.add(id_)
        self.jobs.pop(id_, None)
        self.executions.pop(id_, None)
        for forgotten in (self.dismissed, self.ever_connected, self.from_before):
            forgotten.discard(id_)

    def _note(self, event: JobEvent, words: str) -> None:
        text = TROUBLESOME.get(event.kind)
        ends_with_scheduler = (
            event.kind == EventKind.TERMINATED and event.exit_code == 0 and event.job in self.from_before
        )
        if text and event.job not in self.dismissed and not ends_with_scheduler:
            job = self.jobs.get(event.job)
            host = job.host if job and job.host else "its slot"
            reason = f" ({event.reason.rstrip('.')})" if event.reason else ""
            said = f". Its log says: {words}" if words else ""
            self.trouble(event.when, event.job, text.format(host=host, reason=reason) + said)
