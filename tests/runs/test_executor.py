"""Calls as HTCondor jobs, on a real pool."""

from __future__ import annotations

import asyncio
import operator
import os
import signal
import subprocess
import sys
from concurrent.futures import CancelledError, as_completed, wait
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

import af_lab
from af_lab.errors import BatchExists, BatchNotFound, SpecError
from af_lab.model.computation import Progress
from af_lab.runs.executor import BatchExecutor, default_chunk
from tests.runs.conftest import NewBatch
from tests.runs.support import gated
from tests.support import LIMIT, jobs_left, with_queue
from tests.support import wait as wait_until

pytestmark = pytest.mark.pool


def test_map_gives_what_the_built_in_gives(executor: BatchExecutor) -> None:
    numbers = range(500)
    assert list(executor.map(pow, numbers, [2] * 500, chunksize=25)) == list(map(pow, numbers, [2] * 500))


def test_calls_are_those_of_the_standard(executor: BatchExecutor, tmp_path: Path) -> None:
    assert list(executor.map(abs, [])) == []
    future = executor.submit(sorted, [2, 3, 1], reverse=True)
    assert future.result(LIMIT) == [3, 2, 1]
    assert future.exception() is None
    assert (future.done(), future.cancelled(), future.running()) == (True, False, False)
    assert not future.cancel()
    called: list[Any] = []
    future.add_done_callback(called.append)
    assert called == [future]
    futures = {executor.submit(operator.neg, number): number for number in range(5)}
    assert {done.result(): futures[done] for done in as_completed(futures, LIMIT)} == {-n: n for n in range(5)}


def test_calls_run_in_the_folder_of_the_program(executor: BatchExecutor) -> None:
    assert executor.submit(os.getcwd).result(LIMIT) == os.getcwd()


def test_an_executor_serves_an_event_loop(executor: BatchExecutor) -> None:
    async def ask() -> int:
        return await asyncio.get_running_loop().run_in_executor(executor, operator.add, 1, 2)

    assert asyncio.run(ask()) == 3


def fail(words: str) -> None:
    raise LookupError(words)


class Unpicklable(Exception):
    """An exception whose pickle cannot be read: it needs two arguments and keeps one."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)


def raise_unpicklable() -> None:
    raise Unpicklable("this", "that")


def test_what_a_call_raises_is_raised_here(executor: BatchExecutor) -> None:
    futures = [
        executor.submit(fail, "no such thing"),
        executor.submit(raise_unpicklable),
        executor.submit(sys.exit, "the end"),
        executor.submit(lambda: (number for number in range(3))),
        executor.submit(operator.add, 1, (number for number in range(3))),
    ]
    raised = [future.exception(LIMIT) for future in futures]
    assert isinstance(raised[0], LookupError)
    assert "in fail" in str(raised[0].__cause__)
    assert isinstance(raised[1], RuntimeError)
    assert "Unpicklable: this" in str(raised[1])
    assert isinstance(raised[2], SystemExit)
    assert isinstance(raised[3], TypeError)
    assert "generator" in str(raised[3])
    assert isinstance(raised[4], TypeError)
    assert "cannot be sent to a job" in str(raised[4])


def test_a_chunk_goes_on_behind_a_call_that_raises(executor: BatchExecutor) -> None:
    results = executor.map(operator.truediv, [1, 1, 1], [1, 0, 2], chunksize=3)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert executor.futures[-1].result(LIMIT) == 0.5


def test_a_large_result_arrives(executor: BatchExecutor) -> None:
    assert len(executor.submit(bytes, 200_000_000).result(LIMIT)) == 200_000_000


def test_ten_thousand_calls_in_chunks(executor: BatchExecutor) -> None:
    numbers = range(10_000)
    results = list(executor.map(divmod, numbers, repeat(7), chunksize=500))
    assert results == list(map(divmod, numbers, repeat(7)))


def test_functions_of_modules_beside_the_program_travel(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("OFFSET = 7\ndef shift(x):\n    return x + OFFSET\n")
    program = tmp_path / "program.py"
    program.write_text(
        "import af_lab, helper, os\n"
        "if __name__ == '__main__':\n"
        "    os.rename('helper.py', 'elsewhere.py')\n"
        f"    with af_lab.BatchExecutor('beside-{tmp_path.name}', memory='200 MB') as executor:\n"
        "        print(executor.submit(helper.shift, 1).result(100))\n"
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, cwd=tmp_path, timeout=LIMIT)
    assert done.stdout.split()[-1:] == ["8"], done.stderr


def test_a_running_call_can_be_cancelled(new_batch: NewBatch, tmp_path: Path) -> None:
    executor = new_batch()
    gate = gated(tmp_path / "never")
    future = executor.submit(gate, 1)
    executor.map(gate, range(4), chunksize=2)
    wait_until(future.running, "the job runs")
    assert future.cancel()
    assert future.cancelled()
    assert not future.running()
    with pytest.raises(CancelledError):
        future.result()
    first, *others = executor.futures[1:]
    assert first.cancel()
    wait_until(lambda: others[0].running(), "the job of another call runs on")
    for other in others:
        assert other.cancel()
    executor.shutdown()
    assert all(future.cancelled() for future in executor.futures)
    wait_until(lambda: with_queue(jobs_left) == 0, "nothing stays in the queue")


def test_an_interrupt_cancels_what_nobody_waits_for(new_batch: NewBatch, tmp_path: Path) -> None:
    executor = new_batch()
    with pytest.raises(KeyboardInterrupt), executor:  # noqa: PT012
        executor.map(gated(tmp_path / "never"), range(3))
        wait_until(lambda: any(future.running() for future in executor.futures), "a job runs")
        raise KeyboardInterrupt
    assert all(future.cancelled() for future in executor.futures)
    wait_until(lambda: with_queue(jobs_left) == 0, "nothing stays in the queue")
    with pytest.raises(RuntimeError, match="shut down"):
        executor.submit(abs, 1)


def test_results_that_are_late_raise(new_batch: NewBatch, tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match="1 call"):
        list(new_batch().map(gated(tmp_path / "never"), [1], timeout=0.3))


def test_a_name_is_taken_as_long_as_its_batch_is_kept(executor: BatchExecutor) -> None:
    with pytest.raises(BatchExists, match=executor.name):
        BatchExecutor(executor.name)
    with pytest.raises(BatchNotFound, match=executor.name):
        af_lab.batch("no-such-batch")
    (found,) = (batch for batch in af_lab.batches() if batch.name == executor.name)
    assert found.progress.total == executor.progress.total
    assert found.size > 0


def test_the_default_chunk_grows_with_the_number_of_calls() -> None:
    assert [default_chunk(calls) for calls in (0, 1, 100, 1000, 10_000, 100_000)] == [1, 1, 1, 4, 10, 32]


@pytest.mark.parametrize("shape", [{"workers": 3}, {"adapt": (0, 3)}, {"idle_timeout": "1 h"}, {"name": "a/b"}])
def test_what_only_a_cluster_has_is_refused(shape: dict[str, Any]) -> None:
    before = [batch.name for batch in af_lab.batches()]
    with pytest.raises(SpecError):
        BatchExecutor(**shape)
    assert [batch.name for batch in af_lab.batches()] == before


SUBMITTER = """
import os, sys, time, af_lab
gate, record, name = sys.argv[1:]
def call(number):
    import os, time
    with open(record, "a") as calls:
        calls.write(f"{number}\\n")
    while number > 3 and not os.path.exists(gate):
        time.sleep(0.05)
    return number * number
executor = af_lab.BatchExecutor(name, memory="200 MB", quiet=True)
futures = [executor.submit(call, number) for number in range(8)]
for future in futures[:3]:
    future.result()
print("half", flush=True)
time.sleep(600)
"""


def test_a_batch_outlives_its_submitter(tmp_path: Path) -> None:
    gate, record, name = tmp_path / "gate", tmp_path / "calls", f"outlives-{tmp_path.name}"
    submitter = subprocess.Popen(
        [sys.executable, "-c", SUBMITTER, gate, record, name], stdout=subprocess.PIPE, text=True
    )
    try:
        assert submitter.stdout is not None
        assert submitter.stdout.readline() == "half\n"
    finally:
        submitter.send_signal(signal.SIGKILL)
        submitter.communicate()
    attached = af_lab.batch(name, quiet=True)
    assert [future.result(LIMIT) for future in attached.futures[:3]] == [0, 1, 4]
    gate.touch()
    assert [future.result(LIMIT) for future in attached.futures] == [number * number for number in range(8)]
    assert attached.submit(abs, -3).result(LIMIT) == 3, "it takes further calls"
    attached.shutdown()
    assert sorted(record.read_text().split(), key=int) == [str(number) for number in range(8)], "none ran twice"
    again = af_lab.batch(name, quiet=True)
    assert again.futures[-1].result(0) == 3
    assert again.progress == Progress(9, 9, 0, 0)


def test_progress_is_told(new_batch: NewBatch, tmp_path: Path) -> None:
    executor = new_batch(quiet=False)
    futures = [executor.submit(gated(tmp_path / "gate"), number) for number in range(2)]
    wait_until(lambda: executor.progress.running == 2, "both run")
    assert (executor.progress.done, executor.progress.total) == (0, 2)
    (tmp_path / "gate").touch()
    wait(futures, LIMIT)
    assert repr(executor) == f"<BatchExecutor {executor.name!r}: 2 of 2 calls done>"
    assert executor.progress.remaining is None
    used = executor.statistics()
    assert (used.tasks, used.starts) == (2, 2)
    assert used.wall > 0
    assert 0 < used.cpu < 60
    assert 10**6 < used.memory < 10**9
    assert list(executor.map(gated(tmp_path / "gate"), [3])) == [9]
    executor.shutdown()
