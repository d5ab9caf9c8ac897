"""Queries of the queue and HTCondor's event log, taken over in whatever order, end in what is true."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from af_lab.condor.eventlog import EventKind, JobEvent
from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.model.snapshot import Trouble
from af_lab.runner.observed import Observed

ONE, OTHER = JobId(10, 0), JobId(10, 1)
MEMORY = 2**31

# What may happen to a job, by what it is.
NEXT = {
    JobStatus.IDLE: [EventKind.EXECUTE, EventKind.HELD, EventKind.ABORTED],
    JobStatus.RUNNING: [EventKind.EVICTED, EventKind.HELD, EventKind.TERMINATED, EventKind.ABORTED],
    JobStatus.HELD: [EventKind.RELEASED, EventKind.ABORTED],
}
AFTER = {
    EventKind.EXECUTE: JobStatus.RUNNING,
    EventKind.HELD: JobStatus.HELD,
    EventKind.EVICTED: JobStatus.IDLE,
    EventKind.RELEASED: JobStatus.IDLE,
}
TOLD = (EventKind.EVICTED, EventKind.HELD, EventKind.TERMINATED, EventKind.ABORTED)


@dataclass
class Truth:
    """The queue and the log of a schedd."""

    now: int = 1000
    jobs: dict[JobId, WorkerJob] = field(default_factory=dict)
    starts: Counter[JobId] = field(default_factory=Counter)
    log: list[JobEvent] = field(default_factory=list)

    def happen(self, id_: JobId, kind: EventKind, seconds: int = 0) -> None:
        self.now += seconds
        self.log.append(JobEvent(kind, id_, float(self.now)))
        self.starts[id_] += kind == EventKind.EXECUTE
        if kind in (EventKind.TERMINATED, EventKind.ABORTED):
            del self.jobs[id_]
        else:
            # HTCondor counts a start some seconds after the job came to run.
            starts = self.starts[id_] - (kind == EventKind.EXECUTE)
            status = AFTER.get(kind, JobStatus.IDLE)
            self.jobs[id_] = WorkerJob(id_, status, starts, self.now, memory_asked=MEMORY)

    def now_there(self) -> dict[JobId, tuple[JobStatus, int]]:
        """Return the status of each job, and how often it was started."""
        return {id_: (job.status, self.starts[id_]) for id_, job in self.jobs.items()}


@dataclass
class Runner:
    """Reads the log and asks the queue; an answer may come late."""

    truth: Truth
    observed: Observed = field(default_factory=Observed)
    read: int = 0
    failed: list[JobId] = field(default_factory=list)
    asked: list[WorkerJob] | None = None

    def read_log(self, events: int | None = None) -> None:
        end = len(self.truth.log) if events is None else min(self.read + events, len(self.truth.log))
        for event in self.truth.log[self.read : end]:
            if failed := self.observed.apply(event, MEMORY):
                self.failed.append(failed)
        self.read = end

    def ask(self) -> None:
        if self.asked is None:
            self.asked = list(self.truth.jobs.values())

    def hear(self) -> None:
        if self.asked is not None:
            self.observed.replace(self.asked, self.truth.now)
            self.asked = None

    def seen(self) -> dict[JobId, tuple[JobStatus, int]]:
        return {id_: (job.status, job.starts) for id_, job in self.observed.jobs.items()}


def live(data: st.DataObject, truth: Truth, submitted: list[JobId]) -> None:
    """Let one thing happen to a job."""
    id_ = data.draw(st.sampled_from([ONE, OTHER]))
    if id_ in truth.jobs:
        truth.happen(id_, data.draw(st.sampled_from(NEXT[truth.jobs[id_].status])), data.draw(st.integers(0, 1)))
    elif id_ not in submitted:
        submitted.append(id_)
        truth.happen(id_, EventKind.SUBMIT, data.draw(st.integers(0, 1)))


@given(st.data(), st.lists(st.sampled_from(["live", "live", "read one", "read", "ask", "hear"]), max_size=40))
def test_any_interleaving_ends_in_what_is_true(data: st.DataObject, steps: list[str]) -> None:
    truth, submitted = Truth(), list[JobId]()
    runner = Runner(truth)
    for step in steps:
        match step:
            case "live":
                live(data, truth, submitted)
            case "read one":
                runner.read_log(1)
            case "read":
                runner.read_log()
            case "ask":
                runner.ask()
            case "hear":
                runner.hear()
    # An event is followed by a look at the queue, which comes to its end.
    runner.hear()
    runner.read_log()
    runner.ask()
    runner.hear()
    assert runner.seen() == truth.now_there()
    told = [event for event in truth.log if event.kind in TOLD]
    counted = sum(trouble.count for trouble in runner.observed.troubles)
    assert counted == len(told), "each trouble is told, and once"
    assert len({trouble.text for trouble in runner.observed.troubles}) == len(runner.observed.troubles)
    assert len(runner.failed) == sum(event.kind in (EventKind.TERMINATED, EventKind.HELD) for event in truth.log)


@given(st.data(), st.lists(st.sampled_from(["live", "live", "read one", "read", "look"]), max_size=40))
def test_the_log_alone_leads_from_any_look_to_what_is_true(data: st.DataObject, steps: list[str]) -> None:
    truth, submitted = Truth(), list[JobId]()
    runner = Runner(truth)
    for step in steps:
        match step:
            case "live":
                live(data, truth, submitted)
            case "read one":
                runner.read_log(1)
            case "read":
                runner.read_log()
            case "look":
                runner.ask()
                runner.hear()
    runner.read_log()
    assert runner.seen() == truth.now_there()


def test_a_late_answer_does_not_bring_back_a_job_whose_end_the_log_told() -> None:
    truth = Truth()
    runner = Runner(truth)
    truth.happen(ONE, EventKind.SUBMIT)
    truth.happen(ONE, EventKind.EXECUTE)
    runner.ask()
    truth.happen(ONE, EventKind.TERMINATED)
    runner.read_log()
    runner.hear()
    assert runner.seen() == {}


def test_the_log_does_not_lead_back_behind_what_a_query_found() -> None:
    truth = Truth()
    runner = Runner(truth)
    for kind in (EventKind.SUBMIT, EventKind.EXECUTE, EventKind.EVICTED, EventKind.EXECUTE):
        truth.happen(ONE, kind, seconds=5)
    runner.ask()
    runner.hear()
    for _ in truth.log:
        runner.read_log(1)
        assert runner.seen()[ONE][0] == JobStatus.RUNNING
    assert len(runner.observed.troubles) == 1


def test_the_end_of_a_job_is_told_though_a_query_missed_it_first() -> None:
    truth = Truth()
    runner = Runner(truth)
    truth.happen(ONE, EventKind.SUBMIT)
    truth.happen(ONE, EventKind.EXECUTE)
    runner.read_log()
    truth.happen(ONE, EventKind.TERMINATED)
    runner.ask()
    runner.hear()
    runner.read_log()
    assert [trouble.worker for trouble in runner.observed.troubles] == [str(ONE)]
    assert runner.failed == [ONE]


@pytest.mark.parametrize("kind", [EventKind.ABORTED, EventKind.TERMINATED, EventKind.EVICTED])
@pytest.mark.parametrize("missed", [True, False])
def test_what_the_runner_itself_removes_is_no_trouble(kind: EventKind, missed: bool) -> None:
    truth = Truth()
    runner = Runner(truth)
    truth.happen(ONE, EventKind.SUBMIT)
    truth.happen(ONE, EventKind.EXECUTE)
    runner.read_log()
    runner.observed.dismissed.add(ONE)
    truth.happen(ONE, kind)
    if missed:
        runner.ask()
        runner.hear()
    runner.read_log()
    assert not runner.observed.troubles
    assert runner.failed == []


@pytest.mark.parametrize(("exit_code", "is_told"), [(0, False), (1, True)])
def test_a_job_that_ends_with_the_scheduler_before_is_no_trouble(exit_code: int, is_told: bool) -> None:
    observed = Observed(from_before={ONE}, ever_connected={ONE})
    observed.replace([WorkerJob(ONE, JobStatus.RUNNING, 1, 1000.0, memory_asked=MEMORY)], 1000.0)
    observed.apply(JobEvent(EventKind.TERMINATED, ONE, 1001.0, exit_code=exit_code), MEMORY)
    assert bool(observed.troubles) == is_told
    assert not observed.from_before


def test_a_job_whose_worker_connected_did_not_fail_before() -> None:
    truth = Truth()
    runner = Runner(truth)
    truth.happen(ONE, EventKind.SUBMIT)
    truth.happen(ONE, EventKind.EXECUTE)
    runner.read_log()
    runner.observed.ever_connected.add(ONE)
    truth.happen(ONE, EventKind.TERMINATED)
    runner.read_log()
    assert runner.failed == []
    assert len(runner.observed.troubles) == 1


def test_starts_before_the_runners_own_are_counted() -> None:
    truth = Truth()
    runner = Runner(truth)
    for kind in (EventKind.SUBMIT, EventKind.EXECUTE, EventKind.EVICTED, EventKind.EXECUTE):
        truth.happen(ONE, kind)
    for kind in (EventKind.SUBMIT, EventKind.EXECUTE, EventKind.TERMINATED):
        truth.happen(OTHER, kind)
    runner.observed.recall(truth.log)
    runner.read = len(truth.log)
    runner.ask()
    runner.hear()
    truth.happen(ONE, EventKind.EVICTED)
    truth.happen(ONE, EventKind.EXECUTE)
    runner.read_log()
    assert runner.seen() == {ONE: (JobStatus.RUNNING, 3)}
    assert set(runner.observed.executions) == {ONE}


def test_nothing_is_remembered_of_jobs_that_are_gone() -> None:
    truth = Truth()
    runner = Runner(truth)
    for proc in range(100):
        id_ = JobId(11, proc)
        for kind in (EventKind.SUBMIT, EventKind.EXECUTE, EventKind.EVICTED, EventKind.EXECUTE):
            truth.happen(id_, kind)
        runner.read_log()
        runner.observed.ever_connected.add(id_)
        runner.observed.dismissed.add(id_)
        runner.observed.last_seen[id_] = 1.0
        truth.happen(id_, EventKind.ABORTED)
        runner.read_log()
    runner.ask()
    runner.hear()
    observed = runner.observed
    kept = (observed.jobs, observed.dismissed, observed.ever_connected, observed.last_seen, observed.executions)
    assert not any(kept)
    assert not observed.gone


def test_a_trouble_names_the_reason_and_the_host() -> None:
    observed = Observed()
    observed.apply(JobEvent(EventKind.SUBMIT, ONE, 1), MEMORY)
    observed.apply(JobEvent(EventKind.EXECUTE, ONE, 2, host="node7"), MEMORY)
    observed.apply(JobEvent(EventKind.EVICTED, ONE, 3, reason="preempted by the owner."), MEMORY)
    observed.apply(JobEvent(EventKind.HELD, ONE, 4, reason="no disk", hold_code=(12, 0)), MEMORY)
    assert [trouble.text for trouble in observed.troubles] == [
        "was evicted from node7 (preempted by the owner); it runs again",
        "was put on hold (no disk)",
    ]
    job = observed.jobs[ONE]
    assert (job.host, job.hold_reason, job.hold_code, job.starts) == ("node7", "no disk", (12, 0), 1)


def test_a_hundred_jobs_that_die_with_the_same_words_are_one_trouble() -> None:
    observed = Observed()
    observed.trouble(1, "", "No more jobs.")
    for proc in range(100):
        end = JobEvent(EventKind.TERMINATED, JobId(7, proc), proc, reason="exit code 2", exit_code=2)
        observed.apply(end, MEMORY, "No such option.")
    observed.apply(JobEvent(EventKind.TERMINATED, JobId(7, 100), 200, reason="exit code 2"), MEMORY, "No such file.")
    text = "ended (exit code 2); another takes its place. Its log says: No such"
    assert list(observed.troubles) == [
        Trouble(1, "", "No more jobs."),
        Trouble(99, "7.99", f"{text} option.", 100),
        Trouble(200, "7.100", f"{text} file."),
    ]
    assert [trouble.in_words() for trouble in observed.troubles] == [
        "No more jobs.",
        f"worker 7.99 (the last of 100) {text} option.",
        f"worker 7.100 {text} file.",
    ]


def test_the_memory_used_is_the_most_that_was_seen() -> None:
    observed = Observed()
    for event in [
        JobEvent(EventKind.SUBMIT, ONE, 1),
        JobEvent(EventKind.IMAGE_SIZE, ONE, 2, memory=5),
        JobEvent(EventKind.IMAGE_SIZE, ONE, 3, memory=3),
    ]:
        observed.apply(event, MEMORY)
    assert observed.jobs[ONE].memory_used == 5


@pytest.mark.parametrize(
    ("connected", "left_at", "gone_at"),
    [
        pytest.param(False, None, 1060, id="no worker of it ever connected"),
        pytest.param(True, 1030.0, 1090, id="its worker disconnected later"),
        pytest.param(True, 990.0, 1060, id="its worker disconnected before"),
        pytest.param(True, None, None, id="its worker is still connected"),
    ],
)
def test_a_removed_job_of_a_silent_machine_has_left(
    connected: bool, left_at: float | None, gone_at: int | None
) -> None:
    observed = Observed()
    removed = WorkerJob(ONE, JobStatus.REMOVED, 1, 1000, memory_asked=MEMORY)
    running = WorkerJob(OTHER, JobStatus.RUNNING, 1, 1000, memory_asked=MEMORY)
    if connected:
        observed.ever_connected.add(ONE)
    if left_at is not None:
        observed.last_seen[ONE] = left_at
    # The schedd keeps it for 20 minutes.
    for now in range(1000, 2200, 10):
        observed.replace([removed, running], now)
        expected = {OTHER} if gone_at is not None and now >= gone_at else {ONE, OTHER}
        assert set(observed.jobs) == expected, now
    observed.replace([running], 2200)
    assert not observed.last_seen
