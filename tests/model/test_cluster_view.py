"""The one merge of what the queue and a runner tell of a cluster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from af_lab.condor.job import JobStatus
from af_lab.model.ads import SchedulerJob
from af_lab.model.cluster_view import ClusterView
from af_lab.model.scheduler_hold import OWN_SUBCODE, OWN_WORDS
from af_lab.model.snapshot import STARTS_APART, Counts, Snapshot
from tests.model.jobs import scheduler_job

RUNNING = Counts(requested=1, connected=1)


def snapshot(number: int = 1, *, start: int = 1, generation: int = 1, counts: Counts = RUNNING) -> Snapshot:
    return Snapshot(generation, counts, sequence=start * STARTS_APART + number)


@pytest.fixture
def job(tmp_path: Path) -> SchedulerJob:
    return scheduler_job(tmp_path, address="tls://10.0.0.1:8786")


def test_queue_and_runner_are_merged(job: SchedulerJob) -> None:
    view = ClusterView.of(job, snapshot())
    assert (view.info.state, view.info.reason, view.info.counts) == ("running", None, RUNNING)
    assert (view.is_running, view.is_over) == (True, False)


def test_without_an_answer_the_queue_says_that_the_scheduler_runs(job: SchedulerJob) -> None:
    info = ClusterView.of(job, is_silent=True).info
    assert info.state == "running"
    assert info.reason is not None
    assert "did not answer" in info.reason
    assert info.counts == Counts(requested=1)


def test_what_a_runner_told_stays_while_it_is_silent(job: SchedulerJob) -> None:
    view = ClusterView.of(job, snapshot()).heard(None)
    assert (view.info.counts, view.is_silent) == (RUNNING, True)
    looked = view.merged(ClusterView.of(job))
    assert (looked.info.counts, looked.is_silent) == (RUNNING, True), "a look at the queue alone does not hear it"
    again = looked.heard(snapshot(2))
    assert (again.is_silent, again.info.reason) == (False, None)


def test_of_two_snapshots_the_newer_counts(job: SchedulerJob) -> None:
    newer = snapshot(5, counts=Counts(requested=1, starting=1))
    view = ClusterView.of(job, newer)
    assert view.heard(snapshot(4)).snapshot is newer
    assert ClusterView.of(job, snapshot(4)).merged(view).snapshot is newer
    assert view.merged(ClusterView.of(job, snapshot(4))).snapshot is newer


def test_the_snapshot_of_an_earlier_start_counts_no_more(job: SchedulerJob) -> None:
    view = ClusterView.of(job, snapshot(9))
    ended = replace(job, status=JobStatus.IDLE, ready=False)
    assert (view.merged(ClusterView.of(ended)).info.state, view.sequence) == ("pending", STARTS_APART + 9)
    restarted = view.merged(ClusterView.of(replace(job, starts=2)))
    assert (restarted.snapshot, restarted.info.counts) == (None, Counts(requested=1))
    assert restarted.heard(snapshot(1, start=1)).snapshot is None
    assert restarted.heard(snapshot(1, start=2)).info.counts == RUNNING


def test_a_runner_that_started_after_the_last_look_runs(job: SchedulerJob) -> None:
    starting = replace(job, status=JobStatus.IDLE, ready=False)
    view = ClusterView.of(starting).heard(snapshot(start=2))
    assert (view.info.state, view.info.counts) == ("running", RUNNING)


def test_a_look_from_before_a_change_does_not_take_it_back(job: SchedulerJob) -> None:
    scaled = ClusterView.of(replace(job, workers=7, generation=2))
    view = scaled.merged(ClusterView.of(replace(job, status=JobStatus.HELD, ready=False)))
    assert (view.info.workers, view.info.generation, view.info.state) == (7, 2, "held")
    later = replace(job, workers=3, generation=3)
    assert scaled.merged(ClusterView.of(later)).info.workers == 3


@pytest.mark.parametrize(
    ("status", "state"),
    [(JobStatus.HELD, "failed"), (JobStatus.COMPLETED, "ended"), (JobStatus.REMOVED, "stopping")],
)
def test_a_cluster_that_is_over_is_not_followed(job: SchedulerJob, status: JobStatus, state: str) -> None:
    later = replace(job, status=status, ready=False, hold_code=(3, OWN_SUBCODE), hold_reason=OWN_WORDS)
    view = ClusterView.of(job, snapshot()).merged(ClusterView.of(later))
    assert (view.info.state, view.is_over, view.is_running) == (state, True, False)


def test_a_cluster_on_hold_exists_and_is_followed_until_it_is_released(job: SchedulerJob) -> None:
    held = replace(job, status=JobStatus.HELD, ready=False, hold_code=(1, 0), hold_reason="via condor_hold")
    view = ClusterView.of(job, snapshot()).merged(ClusterView.of(held))
    assert (view.info.state, view.info.exists, view.is_over, view.is_running) == ("held", True, False, False)
    again = view.merged(ClusterView.of(replace(job, starts=2)))
    assert (again.info.state, again.info.reason) == ("running", None)
