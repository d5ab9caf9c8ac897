"""Batches from outside: the command line lists, cancels, repeats and removes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import af_lab
from af_lab.cli.main import cli
from af_lab.condor.eventlog import EventLog
from af_lab.condor.queue import Queue
from af_lab.errors import TaskFailed
from af_lab.home import af_lab_home
from af_lab.runs.batch_folder import find_batch
from af_lab.runs.follower import Follower
from af_lab.runs.futures import BatchFuture
from af_lab.runs.states import TaskId, TaskStates
from af_lab.runs.store import load
from tests.runs.conftest import NewBatch
from tests.support import LIMIT, jobs_left, wait, with_queue

pytestmark = pytest.mark.pool


def command(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli, ["batch", *words])
    assert done.exit_code == code, done.output
    return done.output


def as_json(*words: str) -> Any:
    return json.loads(command(*words, "--json"))


def test_life_of_a_batch_on_the_command_line(new_batch: NewBatch, tmp_path: Path) -> None:
    gate, mended = str(tmp_path / "gate"), str(tmp_path / "mended")

    def call(number: int) -> int:
        import os
        import time

        if number == 1 and not os.path.exists(mended):
            raise ValueError("not mended yet")
        while number == 2 and not os.path.exists(gate):
            time.sleep(0.05)
        return number

    executor = new_batch()
    name = executor.name
    futures = [executor.submit(call, number) for number in range(3)]
    assert futures[0].result(LIMIT) == 0
    assert isinstance(futures[1].exception(LIMIT), ValueError)
    wait(futures[2].running, "the third call runs")

    shown = as_json("show", name)
    assert shown["state"] == "running"
    assert [shown["progress"][key] for key in ("done", "total", "running", "erred")] == [1, 3, 1, 1]
    assert "1 of 3 calls done, 1 runs, 1 failed" in command("show", name)
    assert name in command("list")
    assert as_json("logs", name) == [{"task": "0.1", "calls": 1, "words": "ValueError: not mended yet"}]

    cancelled = as_json("cancel", name)
    wait(futures[2].done, "the call ends")
    assert futures[2].cancelled()
    wait(lambda: as_json("show", name)["state"] == "failed", "the batch has ended")
    assert as_json("show", name)["progress"]["erred"] == 2
    assert cancelled["name"] == name

    Path(mended).touch()
    Path(gate).touch()
    assert as_json("again", name)["progress"]["total"] == 3
    wait(lambda: as_json("show", name)["state"] == "ended", "all calls have results")
    assert as_json("show", name)["reason"] is None
    attached = af_lab.batch(name, quiet=True)
    assert [future.result(LIMIT) for future in attached.futures] == [0, 1, 2]
    attached.shutdown()
    assert "nothing to repeat" in command("again", name, code=1)

    assert name not in as_json("clean")["removed"]
    assert name in as_json("clean", "--older", "0 s")["removed"]
    command("show", name, code=3)


async def test_a_batch_that_is_removed_while_its_end_is_read(new_batch: NewBatch, queue: Queue) -> None:
    executor = new_batch()
    executor.submit(divmod, 1, 0).exception(LIMIT)
    batch = load(find_batch(af_lab_home(), executor.name))
    follower = Follower(batch, queue, TaskStates())
    (submission,) = batch.folder.submissions()
    follower.states.add(submission)
    future = BatchFuture(lambda _: None)
    follower.futures_of[TaskId(0, 0)] = [future]
    for event in EventLog(batch.folder.events).read():
        follower._take(event)
    batch.folder.remove()
    await follower.catch_up()
    assert not future.done(), "the results may be late"
    for task, (ending, _) in follower._ended.items():
        follower._ended[task] = (ending, 0.0)
    await follower.catch_up()
    assert isinstance(future.exception(0), TaskFailed)


def test_removing_a_batch_takes_its_jobs(new_batch: NewBatch, tmp_path: Path) -> None:
    never = str(tmp_path / "never")

    def call() -> None:
        import os
        import time

        while not os.path.exists(never):
            time.sleep(0.05)

    executor = new_batch()
    future = executor.submit(call)
    wait(future.running, "the call runs")
    command("remove", executor.name, code=130)
    command("remove", executor.name, "--yes")
    wait(lambda: with_queue(jobs_left) == 0, "its job is gone")
    assert isinstance(future.exception(LIMIT), TaskFailed)
    assert executor.name not in [batch.name for batch in af_lab.batches()]


def test_tasks_whose_jobs_were_never_made_count_as_cancelled(new_batch: NewBatch) -> None:
    """The schedd makes a thousand jobs of a submission at a time."""
    executor = new_batch(memory="20 TB")
    executor.map(abs, range(1500), chunksize=1)
    wait(lambda: executor._engine.states.cluster_of(0) is not None, "they are submitted")
    command("cancel", executor.name)

    def shown() -> tuple[str, int]:
        told = as_json("show", executor.name)
        return told["state"], told["progress"]["erred"]

    wait(lambda: shown() == ("failed", 1500), "all are cancelled")
    wait(lambda: with_queue(jobs_left) == 0, "nothing stays in the queue")
    assert as_json("show", executor.name)["reason"] == "1500 of 1500 calls were cancelled."
    attached = af_lab.batch(executor.name, quiet=True)
    assert all(future.cancelled() for future in attached.futures)
    attached.shutdown()
