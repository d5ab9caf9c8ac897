"""Why the jobs of a batch wait."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from af_lab.errors import CondorUnavailable
from af_lab.model.computation import Progress, progress_line
from af_lab.runs.waiting_jobs import WaitingJobs
from tests.runs.conftest import NewBatch
from tests.support import wait


class Clock:
    now = 100.0


def test_htcondor_is_asked_only_while_nothing_runs() -> None:
    clock, asked = Clock(), list[Future[str]]()

    def ask(waiting: int) -> Future[str]:
        asked.append(Future())
        return asked[-1]

    jobs = WaitingJobs(ask, lambda: clock.now)
    assert jobs.look(5, 1) == ""
    clock.now += 10
    assert (jobs.look(5, 0), len(asked)) == ("", 0), "they have only begun to wait"
    clock.now += 3
    assert (jobs.look(5, 0), len(asked)) == ("", 1)
    clock.now += 60
    assert (jobs.look(5, 0), len(asked)) == ("", 1), "one question at a time"
    asked[0].set_result("all slots are busy")
    assert (jobs.look(5, 0), len(asked)) == ("all slots are busy", 2)
    asked[1].set_exception(CondorUnavailable("HTCondor does not answer"))
    assert jobs.look(5, 0) == "HTCondor does not answer"
    assert jobs.look(5, 1) == jobs.look(0, 0) == ""


def test_the_line_says_why() -> None:
    line = progress_line(Progress(1, 8, 0, 0), "call", "no slot has so much memory")
    assert line == "1 of 8 calls done, 7 wait (no slot has so much memory)"


@pytest.mark.pool
def test_a_batch_that_no_slot_can_run_says_so(new_batch: NewBatch) -> None:
    executor = new_batch(memory="20 TB")
    executor.submit(abs, -1)
    wait(lambda: "no slot" in executor._progress_line(), "the line says that no slot matches")
