"""The files of a submission's calls."""

from __future__ import annotations

from pathlib import Path

import cloudpickle
import pytest

from af_lab.runs.batch_folder import BatchFolder
from af_lab.runs.call_files import MOST_BYTES, MOST_TASKS, tasks_in_a_file
from af_lab.runs.futures import BatchFuture, read_answers
from af_lab.runs.store import Task, write_tasks
from af_lab.runs.task_program import run
from af_lab.runs.usage import read_summary


@pytest.mark.parametrize(
    ("sizes", "together"),
    [([], MOST_TASKS), ([0], MOST_TASKS), ([60] * 5, MOST_TASKS), ([60, MOST_BYTES // 3], 3), ([10**9, 1], 1)],
)
def test_a_file_has_as_many_tasks_as_a_transfer_bears(sizes: list[int], together: int) -> None:
    assert tasks_in_a_file(sizes) == together


@pytest.fixture
def folder(tmp_path: Path) -> BatchFolder:
    return BatchFolder.create(tmp_path / "home", "files")


def tasks(number: int, size: int) -> list[Task]:
    """Return tasks with one call each."""
    function = cloudpickle.dumps(len)
    calls = [cloudpickle.dumps(((b"x" * (size + index % 11),), {})) for index in range(number)]
    return [Task(function, [call], [BatchFuture(lambda _: None)]) for call in calls]


@pytest.mark.parametrize("size", [1, MOST_BYTES // 2 - 1000, MOST_BYTES])
@pytest.mark.parametrize("is_shared", [True, False])
def test_each_task_finds_its_own_calls(folder: BatchFolder, size: int, is_shared: bool, tmp_path: Path) -> None:
    made = write_tasks(folder, tasks(5, size), 1)
    assert made.in_a_file == {1: MOST_TASKS, MOST_BYTES: 1}.get(size, 2)
    folder.cancel([(0, 3)])
    for task in range(5):
        place, results = folder.path, folder.results(0, task)
        if not is_shared:
            place = tmp_path / f"scratch-{task}"  # HTCondor brings the files of one task, without their folders.
            place.mkdir()
            calls = folder.calls_of(0)
            for file in (*calls.glob("*.pickle"), calls / "tasks.cancelled", calls / f"{task // made.in_a_file}.calls"):
                (place / file.name).hardlink_to(file)
            results = place / results.name
        run(str(place), "0", task, made.in_a_file)
        if task == 3:
            assert not results.exists(), "a cancelled task computes nothing"
        else:
            assert read_summary(results).failed == 0
            assert read_answers(results, 1) == [(size + task, None)]


def test_cancelled_tasks_are_known_and_their_calls_are_kept(folder: BatchFolder) -> None:
    made = write_tasks(folder, tasks(2500, 1), 1)
    before = [folder.read_task(made, task) for task in (0, 999, 1000, 2499)]
    assert len(set(before)) == 4
    folder.cancel([(0, 1000), (0, 2499)])
    folder.cancel([(0, 1000)])
    assert folder.cancelled(0) == {1000, 2499}
    assert [folder.is_cancelled(0, task) for task in (999, 1000, 2499)] == [False, True, True]
    assert [folder.read_task(made, task) for task in (0, 999, 1000, 2499)] == before
    assert len(list(folder.calls_of(0).iterdir())) == 3 + 3  # calls; function, marks, record
    folder.remove()
    assert folder.cancelled(0) == set()
    assert not folder.is_cancelled(0, 1000)


def test_the_number_of_a_submission_that_was_not_made_is_not_used_again(folder: BatchFolder) -> None:
    """HTCondor may have taken its jobs after all; their names in the event log would be those of others."""
    dropped = write_tasks(folder, tasks(2, 10), 1)
    folder.drop_submission(dropped)
    assert folder.submissions() == []
    folder.cancel([(dropped.number, 0)])
    assert write_tasks(folder, tasks(1, 10), 1).number != dropped.number
