"""Decisions about worker jobs that fail: functions of data, without HTCondor."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from af_lab.condor.eventlog import EventKind, JobEvent
from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.model.snapshot import Failing

__all__ = ["Backoff", "ended_in_failure", "failing_after", "lost_jobs", "next_offer"]

HELD_FOR = 600.0  # seconds that a job on hold stays in the queue for people to look at
FREE_FAILURES = 3  # in a row, before submissions are delayed
FIRST_DELAY, LONGEST_DELAY = 5.0, 300.0  # seconds
FIRST_OFFER, LONGEST_OFFER = 15.0, 300.0  # seconds that jobs wait until they are offered again


def lost_jobs(
    jobs: Iterable[WorkerJob],
    connected: Mapping[JobId, int],
    last_seen: Mapping[JobId, float],
    now: float,
    patience: float,
) -> set[JobId]:
    """Return the jobs that have run without a worker for too long; others replace them.

    Parameters
    ----------
    jobs
        The worker jobs.
    connected
        Connected workers of each job.
    last_seen
        When the last worker of a job disconnected, in seconds since the epoch.
    now
        Seconds since the epoch.
    patience
        Seconds that a job may run without a connected worker.
    """
    return {
        job.id
        for job in jobs
        if job.status == JobStatus.RUNNING
        and not connected.get(job.id)
        and now - max(job.since, last_seen.get(job.id, 0)) > patience
    }


def ended_in_failure(event: JobEvent, has_connected: bool) -> bool:
    """Return whether an event is the end of a job by itself, with an error or before any of its workers connected."""
    return event.kind == EventKind.TERMINATED and (event.exit_code != 0 or not has_connected)


def failing_after(before: Failing | None, failed: Iterable[JobId], words: Mapping[JobId, str]) -> Failing | None:
    """Return which jobs fail after some more ended before any of their workers connected.

    Parameters
    ----------
    before
        What was known of those since the last worker that connected.
    failed
        The jobs.
    words
        Their last words, as far as they have any.
    """
    for id_ in failed:
        jobs, known = (0, "") if before is None else (before.jobs, before.words)
        before = Failing(jobs + 1, str(id_), words.get(id_) or known)
    return before


def next_offer(waiting_since: float, offered: float) -> float:
    """Return when to offer waiting jobs to the pool again, less and less often.

    The schedd does not offer a job again after a match until it rebuilds its list of jobs; in a quiet queue that takes
    up to 20 minutes. A match can fail: another user was faster, or the negotiator did not know yet that the slot was
    taken (seen with HTCondor 25.14, after a job that ran for less than a second).

    Parameters
    ----------
    waiting_since
        When the first of them began to wait, in seconds since the epoch.
    offered
        When jobs were offered again last.
    """
    if offered < waiting_since:
        return waiting_since + FIRST_OFFER
    return offered + min(LONGEST_OFFER, max(FIRST_OFFER, offered - waiting_since))


@dataclass(frozen=True)
class Backoff:
    """A delay that keeps a cluster whose jobs all fail from filling the queue: it submits less often after failures.

    Attributes
    ----------
    streak
        Failures since the last worker that connected.
    not_before
        Seconds since the epoch before which nothing is submitted.
    """

    streak: int = 0
    not_before: float = 0.0

    def failed(self, jobs: Collection[JobId], now: float) -> Backoff:
        """Return the delay after jobs failed before any of their workers connected."""
        if not jobs:
            return self
        streak = self.streak + 1
        if streak < FREE_FAILURES:
            return Backoff(streak)
        return Backoff(streak, now + min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** (streak - FREE_FAILURES)))

    def allowance(self, missing: int, untried: int, now: float) -> int:
        """Return how many jobs may be submitted now.

        Parameters
        ----------
        missing
            Jobs that are missing.
        untried
            Jobs in the queue of which no worker has connected yet.
        now
            Seconds since the epoch.
        """
        if now < self.not_before:
            return 0
        if self.streak < FREE_FAILURES:
            return missing
        # One at a time, until a worker connects.
        return min(missing, 1) if not untried else 0
