"""Jobs that outgrew their memory."""

from __future__ import annotations

from typing import Any

import pytest

from af_lab.condor.job import JobId, JobStatus
from af_lab.model.ads import WorkerJob
from af_lab.model.memory_growth import grown_memory, outgrew_memory
from af_lab.worker.protocol import MEGABYTE

JOB = JobId(10, 0)


def job(status: JobStatus = JobStatus.RUNNING, **more: Any) -> WorkerJob:
    fields: dict[str, Any] = {"id": JOB, "status": status, "starts": 1, "since": 100.0} | more
    return WorkerJob(**fields)


def held(code: int, subcode: int = 0) -> WorkerJob:
    return job(JobStatus.HELD, hold_code=(code, subcode))


@pytest.mark.parametrize(
    ("one", "outgrew"),
    [
        (held(34), True),  # HTCondor: "memory usage exceeds a memory limit"
        (held(34, 104), False),  # HTCondor: the disk
        (held(3, 102), True),  # by the worker's own exit code
        (held(26, 102), True),
        (held(3), False),
        (held(1), False),  # by a user
        (job(hold_code=(34, 0)), False),
        (job(JobStatus.HELD), False),
    ],
)
def test_a_job_on_hold_outgrew_its_memory_or_something_else(one: WorkerJob, outgrew: bool) -> None:
    assert outgrew_memory(one) is outgrew


def test_memory_doubles_until_it_is_four_times_what_was_asked_for() -> None:
    asked, given_, steps = 300 * MEGABYTE, 300 * MEGABYTE, []
    while (more := grown_memory(job(memory_asked=given_), asked)) is not None:
        steps.append(more // MEGABYTE)
        given_ = more
    assert steps == [600, 1200]


def test_memory_that_was_raised_by_hand_is_never_lowered() -> None:
    assert grown_memory(job(memory_asked=900 * MEGABYTE), 300 * MEGABYTE) == 1200 * MEGABYTE
    assert grown_memory(job(memory_asked=5000 * MEGABYTE), 300 * MEGABYTE) is None
    assert grown_memory(job(memory_asked=0), 300 * MEGABYTE) == 600 * MEGABYTE
