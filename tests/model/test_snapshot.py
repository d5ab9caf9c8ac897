"""Snapshots as messages between versions of af_lab."""

from __future__ import annotations

from dataclasses import asdict

from af_lab.model.computation import Progress
from af_lab.model.snapshot import Counts, Failing, Snapshot, Trouble, WorkerInfo, from_message


def test_a_snapshot_survives_its_message_and_newer_fields() -> None:
    troubles = (Trouble(4.0, "1.0", "was evicted"),)
    failing = Failing(3, "1.2", "No such option.", 9.5)
    progress = Progress(5, 9, 2, 1, 0.5, 6.0)
    snapshot = Snapshot(3, Counts(requested=2, waiting=1), 9, 0.35, 1.5, 61.5, 4, 2**40, troubles, failing, progress)
    message = snapshot.to_message()
    message["newer"] = True
    message["counts"]["newer"] = 1
    message["troubles"][0]["newer"] = 1
    message["failing"]["newer"] = 1
    message["progress"]["newer"] = 1
    assert Snapshot.from_message(message) == snapshot


def test_the_snapshot_of_an_older_runner_is_understood() -> None:
    counts = {"requested": 2, "waiting": 1, "connected": 1}
    assert Snapshot.from_message({"generation": 3, "counts": counts}) == Snapshot(3, from_message(Counts, counts))


def test_the_workers_of_a_newer_runner_are_understood() -> None:
    info = WorkerInfo("1.0", "connected", 1, None, "one", 5.0, 2**31, None, 0, 1, None)
    assert from_message(WorkerInfo, {**asdict(info), "newer": 1}) == info
