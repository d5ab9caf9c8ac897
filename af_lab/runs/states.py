"""What the tasks of a batch do, from the events of their jobs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from af_lab.condor.eventlog import EventKind, JobEvent
from af_lab.condor.job import JobId
from af_lab.runs.batch_folder import Submission

__all__ = ["Ending", "TaskId", "TaskState", "TaskStates"]

NOTE = re.compile(r"submission (\d+)")


class TaskId(NamedTuple):
    """The submission of a task, and its number in it, which is the ProcId of its job."""

    submission: int
    number: int


class TaskState(StrEnum):
    """What a task does."""

    WAITING = "waiting"
    RUNNING = "running"
    HELD = "held"
    ENDED = "ended"


@dataclass(frozen=True)
class Ending:
    """How the job of a task ended.

    Attributes
    ----------
    has_results
        Whether its program came to its end.
    reason
        How it ended otherwise, in words.
    """

    task: TaskId
    job: JobId
    has_results: bool
    reason: str | None = None


STATE_AFTER = {
    EventKind.SUBMIT: TaskState.WAITING,
    EventKind.EXECUTE: TaskState.RUNNING,
    EventKind.EVICTED: TaskState.WAITING,
    EventKind.SHADOW_EXCEPTION: TaskState.WAITING,
    EventKind.RECONNECT_FAILED: TaskState.WAITING,
    EventKind.HELD: TaskState.HELD,
    EventKind.RELEASED: TaskState.WAITING,
}


class TaskStates:
    """The tasks of a batch; what a submission has that no event named is waiting."""

    def __init__(self) -> None:
        self.executions = 0  # starts of jobs
        self._submissions: dict[int, Submission] = {}
        self._submission_of: dict[int, int] = {}
        self._cluster_of: dict[int, int] = {}
        self._states: dict[TaskId, TaskState] = {}
        self._counts: Counter[TaskState] = Counter()
        self._hold_reasons: dict[TaskId, str] = {}

    def add(self, submission: Submission) -> None:
        """Add a submission, or the ClusterId of one; the tasks that it runs again count no more."""
        if submission.number not in self._submissions:
            self._counts[TaskState.WAITING] += submission.tasks
            for number, _ in submission.again:
                self._set(TaskId(submission.again_of, number), TaskState.ENDED)
        self._submissions[submission.number] = submission
        if submission.cluster is not None:
            self._note_cluster(submission.cluster, submission.number)

    def cluster_of(self, number: int) -> int | None:
        """Return the ClusterId of a submission, from its record or its first event."""
        return self._cluster_of.get(number)

    def task_of(self, job: JobId) -> TaskId | None:
        """Return the task of a job."""
        number = self._submission_of.get(job.cluster)
        return None if number is None else TaskId(number, job.proc)

    def state(self, task: TaskId) -> TaskState:
        """Return the state of a task."""
        return self._states.get(task, TaskState.WAITING)

    def count(self, state: TaskState) -> int:
        """Return how many tasks are in a state."""
        return self._counts[state]

    @property
    def left(self) -> int:
        """How many tasks have not ended; unlike `unfinished`, it costs nothing."""
        return sum(self._counts[state] for state in TaskState if state != TaskState.ENDED)

    def unfinished(self) -> list[TaskId]:
        """Return the tasks that have not ended."""
        if not self.left:
            return []
        return [
            task
            for submission in self._submissions.values()
            for number in range(submission.tasks)
            if self.state(task := TaskId(submission.number, number)) != TaskState.ENDED
        ]

    def apply(self, event: JobEvent) -> Ending | None:
        """Take an event; returns how the task ended, if it did.

        A task that ended stays so: an event that HTCondor writes twice changes nothing. Events of submissions that
        were not added are of another process.
        """
        if event.kind == EventKind.SUBMIT and event.note and (note := NOTE.match(event.note)):
            self._note_cluster(event.job.cluster, int(note[1]))
        task = self.task_of(event.job)
        if task is None or task.submission not in self._submissions or self.state(task) == TaskState.ENDED:
            return None
        ending = self._ending(task, event)
        if ending is not None:
            self._set(task, TaskState.ENDED)
        elif event.kind in STATE_AFTER:
            self.executions += event.kind == EventKind.EXECUTE
            self._set(task, STATE_AFTER[event.kind])
            if event.kind == EventKind.HELD:
                self._hold_reasons[task] = event.reason or "HTCondor gave no reason"
        return ending

    def end(self, task: TaskId) -> None:
        """End a task whose job gives no event any more."""
        self._set(task, TaskState.ENDED)

    def _ending(self, task: TaskId, event: JobEvent) -> Ending | None:
        if event.kind == EventKind.TERMINATED:
            return Ending(task, event.job, event.exit_code == 0, event.reason)
        if event.kind == EventKind.ABORTED:
            held = self._hold_reasons.get(task) if self.state(task) == TaskState.HELD else None
            said = f"it was put on hold: {held}" if held else f"it was removed: {event.reason or 'no reason was given'}"
            return Ending(task, event.job, has_results=False, reason=said)
        return None

    def _note_cluster(self, cluster: int, number: int) -> None:
        self._submission_of[cluster] = number
        self._cluster_of.setdefault(number, cluster)

    def _set(self, task: TaskId, state: TaskState) -> None:
        self._counts[self.state(task)] -= 1
        self._counts[state] += 1
        self._states[task] = state
