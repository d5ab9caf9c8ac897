"""A hundred thousand tasks: HTCondor and this process serve others while they are submitted and cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import af_lab
from tests.runs.conftest import NewBatch
from tests.support import jobs_left, with_queue
from tests.support import wait as wait_until

pytestmark = [pytest.mark.pool, pytest.mark.system, pytest.mark.timeout(1800)]

TASKS = 100_000
PATIENCE = 20.0  # seconds; HTCondor's clients give up after as many
# Each of ten submissions has a thousand jobs that wait; while these are removed, the schedd makes some more.
MOST_IN_QUEUE = 20_000


@contextmanager
def questions() -> Iterator[tuple[list[float], list[int]]]:
    """Ask the schedd for the jobs again and again; yields the seconds of each answer, and the jobs in it."""
    took: list[float] = []
    found: list[int] = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            began = time.monotonic()
            found.append(with_queue(jobs_left))
            took.append(time.monotonic() - began)
            is_over.wait(0.5)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield took, found
    finally:
        is_over.set()
        asking.join()


@contextmanager
def heartbeat() -> Iterator[list[float]]:
    """Beat every 10 ms in a thread; yields how long this process stood still each time."""
    late: list[float] = []
    is_over = threading.Event()

    def beat() -> None:
        while not is_over.is_set():
            began = time.monotonic()
            time.sleep(0.01)
            late.append(time.monotonic() - began - 0.01)

    beating = threading.Thread(target=beat)
    beating.start()
    try:
        yield late
    finally:
        is_over.set()
        beating.join()


def test_a_hundred_thousand_tasks_are_submitted_and_cancelled(new_batch: NewBatch) -> None:
    executor = new_batch(memory="20 TB")  # No slot is so large: none of them runs.
    with questions() as (answers, jobs), heartbeat() as late:
        began, cpu = time.monotonic(), time.process_time()
        results = executor.map(abs, range(TASKS), chunksize=1)
        wait_until(lambda: submitted(executor) == TASKS, "all are queued", seconds=600)
        queued, queued_cpu = time.monotonic() - began, time.process_time() - cpu
        began, cpu = time.monotonic(), time.process_time()
        results.close()  # type: ignore[attr-defined] # who reads no further cancels what is left
        executor.shutdown(cancel_futures=True)
        assert all(future.cancelled() for future in executor.futures)
        wait_until(lambda: with_queue(jobs_left) == 0, "nothing stays in the queue")
        cancelled, cancelled_cpu = time.monotonic() - began, time.process_time() - cpu
    assert len(executor.futures) == TASKS
    folder = executor._engine.batch.folder
    assert sum(len(folder.cancelled(made.number)) for made in folder.submissions()) == TASKS
    size = folder.size()
    print(
        f"\n{TASKS:,} tasks: queued in {queued:.1f} s ({queued_cpu:.1f} s of the CPU), "
        f"cancelled in {cancelled:.1f} s ({cancelled_cpu:.1f} s); "
        f"{len(list(folder.path.rglob('*'))):,} files, {size / 1e6:.1f} MB; the schedd answered {len(answers)} times, "
        f"in {max(answers):.1f} s at worst, and had {max(jobs):,} jobs at most; this process stood still for "
        f"{1000 * max(late):.0f} ms at worst"
    )
    assert max(answers) < PATIENCE
    assert max(jobs) <= MOST_IN_QUEUE
    info = next(info for info in af_lab.batches() if info.name == executor.name)
    assert (info.progress.total, info.progress.erred) == (TASKS, TASKS)


def submitted(executor: af_lab.BatchExecutor) -> int:
    """Return how many tasks the schedd has taken."""
    folder = executor._engine.batch.folder
    return sum(made.tasks for made in folder.submissions() if made.cluster is not None)
