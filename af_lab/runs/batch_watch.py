"""Watch a batch from outside, without its futures: files and event log say what it does."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace

from af_lab.condor.eventlog import EventLog
from af_lab.model.computation import Progress, Rate
from af_lab.runs.batch_folder import BatchFolder, Submission
from af_lab.runs.run_info import RunInfo, RunState
from af_lab.runs.states import Ending, TaskId, TaskState, TaskStates
from af_lab.runs.store import load
from af_lab.runs.task_program import MARKS
from af_lab.runs.usage import read_summary
from af_lab.wording import count

__all__ = ["BatchWatch"]

SIZE_PAUSE = 20  # times as long as the files were counted, until they are counted again

FileTimes = tuple[tuple[str, int, int], ...]
"""Names, times of the last change in nanoseconds, and sizes of the files that tell of all that happens to a batch."""


CANCELLED = "cancelled"


class BatchWatch:
    """A batch as it is seen from outside; each look reads only what is new. Threads may share it.

    Parameters
    ----------
    folder
        The files of the batch.
    """

    def __init__(self, folder: BatchFolder) -> None:
        self.batch = load(folder)
        self.states = TaskStates()
        self._submissions: dict[int, Submission] = {}
        self._log = EventLog(folder.events)
        # Kept up to date event by event, because a batch may have a hundred thousand tasks.
        self._erred: dict[TaskId, tuple[int, str]] = {}
        self._running: set[TaskId] = set()
        self._marked: dict[int, float] = {}  # when tasks of a submission were cancelled last
        self._ended_calls = self._erred_calls = 0
        self._changed = self.batch.created
        self._rate = Rate()
        self._lock = threading.Lock()
        self._times: FileTimes = ()
        self._info: RunInfo | None = None
        self._is_size_old = True
        self._measure_at = 0.0

    def look(self) -> RunInfo:
        """Return the batch as it is now; `size` may lag behind while it changes, if it has very many files."""
        with self._lock:
            # Before anything is read: what changes meanwhile is read by the next look.
            times = self._file_times()
            if self._info is None or times != self._times:
                size = 0 if self._info is None else self._info.size
                self._info, self._times = self._look(size), times
                self._is_size_old = True
            began = time.monotonic()
            if self._is_size_old and began >= self._measure_at:
                self._info = replace(self._info, size=self.batch.folder.size())
                self._measure_at = began + SIZE_PAUSE * (time.monotonic() - began)
                self._is_size_old = False
            return self._info

    def _file_times(self) -> FileTimes:
        folder = self.batch.folder
        calls = folder.path / "calls"
        found = []
        submissions = list(calls.iterdir())
        for path in (calls, *submissions, *(submission / MARKS for submission in submissions), folder.events):
            with suppress(FileNotFoundError):
                at = path.stat()
                found.append((str(path.relative_to(folder.path)), at.st_mtime_ns, at.st_size))
        return tuple(sorted(found))

    def _look(self, size: int) -> RunInfo:
        self._read()
        erred, done = self._erred_calls, self._ended_calls - self._erred_calls
        running = sum(map(self._calls_of, self._running))
        total = sum(submission.calls for submission in self._submissions.values() if not submission.again)
        rate = self._rate.measure(self._changed, done + erred)
        left = total - done - erred
        progress = Progress.of(done, erred, left, running, rate)
        state = self._state(progress)
        folder = self.batch.folder
        return RunInfo(
            folder.name,
            "batch",
            state,
            self._reason(state, progress),
            progress,
            self.batch.created,
            self._changed,
            size,
        )

    def failures(self) -> list[tuple[TaskId, int, str]]:
        """Return the tasks that ended and of which calls have no result, the number of these calls, and why.

        `look` has to be called before.
        """
        with self._lock:
            return sorted((task, erred, words) for task, (erred, words) in self._erred.items() if erred)

    def unfinished(self) -> list[TaskId]:
        """Return the tasks that have not ended. `look` has to be called before."""
        with self._lock:
            return self.states.unfinished()

    def submission(self, number: int) -> Submission:
        """Return a submission by its number."""
        return self._submissions[number]

    def _read(self) -> None:
        while True:
            for submission in self.batch.folder.submissions():
                self._submissions[submission.number] = submission
                self.states.add(submission)
                for number, _ in submission.again:
                    self._note_repeated(TaskId(submission.again_of, number))
            events = self._log.read()
            for event in events:
                self._changed = max(self._changed, event.when)
                if ending := self.states.apply(event):
                    self._note_ended(ending.task, self._outcome(ending))
                if (task := self.states.task_of(event.job)) is not None:
                    is_running = self.states.state(task) == TaskState.RUNNING
                    (self._running.add if is_running else self._running.discard)(task)
            if not events:
                break
        for number in self._submissions:
            self._read_marks(number)

    def _read_marks(self, number: int) -> None:
        """End the tasks of a submission that were cancelled while they waited: the schedd may never make their jobs."""
        folder = self.batch.folder
        try:
            marked = (folder.calls_of(number) / MARKS).stat().st_mtime
        except FileNotFoundError:
            return  # It is being removed.
        if marked <= self._marked.get(number, 0.0):
            return
        self._marked[number] = marked
        for place in folder.cancelled(number):
            task = TaskId(number, place)
            if self.states.state(task) == TaskState.WAITING:
                self.states.end(task)
                self._note_ended(task, (self._calls_of(task), CANCELLED))
                self._changed = max(self._changed, marked)

    def _note_ended(self, task: TaskId, outcome: tuple[int, str]) -> None:
        self._erred[task] = outcome
        self._ended_calls += self._calls_of(task)
        self._erred_calls += outcome[0]

    def _note_repeated(self, task: TaskId) -> None:
        if (outcome := self._erred.pop(task, None)) is not None:
            self._ended_calls -= self._calls_of(task)
            self._erred_calls -= outcome[0]

    def _calls_of(self, task: TaskId) -> int:
        return self._submissions[task.submission].calls_of(task.number)

    def _outcome(self, ending: Ending) -> tuple[int, str]:
        """Return how many calls of a task have no result, and why."""
        folder, task = self.batch.folder, ending.task
        calls = self._calls_of(task)
        if folder.is_cancelled(*task):
            return calls, CANCELLED
        try:
            summary = read_summary(folder.results(*task))
        except FileNotFoundError:
            if ending.has_results:
                return calls, "the results are missing"
            return calls, f"a job gave no results: {ending.reason or 'no reason is known'}"
        except Exception as error:  # whatever stands in a file that a job has written
            return calls, f"the results cannot be read: {type(error).__name__}: {error}"
        return summary.failed, summary.words

    def _state(self, progress: Progress) -> RunState:
        unfinished = progress.total - progress.done - progress.erred
        if not unfinished:
            return "failed" if progress.erred else ("ended" if progress.total else "pending")
        held = self.states.count(TaskState.HELD)
        if held and held == self.states.left:
            return "held"
        return "running" if progress.running or progress.done or progress.erred else "pending"

    def _reason(self, state: RunState, progress: Progress) -> str | None:
        if state == "held":
            return "All jobs that it still has are on hold."
        if not progress.erred:
            return None
        words = Counter[str]()
        for erred, why in self._erred.values():
            words[why] += erred
        cancelled = words.pop(CANCELLED, 0)
        failed = sum(words.values())
        of = f"of {count(progress.total, 'call')}"
        if not failed:
            return f"{cancelled} {of} {'was' if cancelled == 1 else 'were'} cancelled."
        first = words.most_common(1)[0][0]
        if not cancelled:
            return f"{failed} {of} failed: {first}"
        were = count(cancelled, "was cancelled", "were cancelled")
        return f"{progress.erred} {of} have no result: {were}, {failed} failed: {first}"
