"""What goes wrong with a batch: jobs, memory, disk, the process that follows it."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import dask.config
import pytest

import af_lab
from af_lab.errors import AfLabError, TaskFailed
from af_lab.runs import follower
from af_lab.runs.batch_folder import BatchFolder
from tests.runs.conftest import NewBatch
from tests.runs.support import gated
from tests.support import EVERY_JOB, LIMIT, daemon_pid, jobs_left, with_queue
from tests.support import wait as wait_until

pytestmark = pytest.mark.pool

STAYS = f"{EVERY_JOB} && JobStatus =!= 3"  # what is not being removed


def test_a_job_that_is_killed_runs_again_and_then_says_so(new_batch: NewBatch, tmp_path: Path) -> None:
    record = tmp_path / "starts"
    noted = str(record)

    def once_killed() -> str:
        import os

        with open(noted, "a") as starts:
            starts.write("x")
        if os.path.getsize(noted) < 2:
            os.kill(os.getpid(), 9)
        return "alive"

    def always_killed() -> None:
        import os

        print("these are the last words", file=sys.stderr, flush=True)
        os.kill(os.getpid(), 9)

    executor = new_batch()
    futures = executor.submit(once_killed), executor.submit(always_killed)
    assert futures[0].result(LIMIT) == "alive"
    with pytest.raises(TaskFailed, match=r"signal 9.*these are the last words"):
        futures[1].result(LIMIT)
    assert record.read_text() == "xx"


def test_a_job_that_is_removed_or_held_by_hand_ends_its_future(new_batch: NewBatch, tmp_path: Path) -> None:
    executor = new_batch()
    futures = [executor.submit(gated(tmp_path / "gate"), number) for number in range(3)]
    wait_until(lambda: all(future.running() for future in futures), "the jobs run")
    batch = f'AfLabBatch =?= "{executor._engine.batch.id}"'
    with_queue(lambda queue: queue.remove(f"{batch} && ProcId == 0", "the administrator needs the slot"))
    with_queue(lambda queue: queue.hold(f"{batch} && ProcId == 1", "the administrator looks at it"))
    with pytest.raises(TaskFailed, match="it was removed"):
        futures[0].result(LIMIT)
    with pytest.raises(TaskFailed, match="put on hold"):
        futures[1].result(LIMIT)
    (tmp_path / "gate").touch()
    assert futures[2].result(LIMIT) == 4


@pytest.mark.alone  # on a machine that is full, the schedd takes minutes to find its jobs again
def test_a_schedd_that_is_killed_in_the_middle_costs_no_result(new_batch: NewBatch, tmp_path: Path) -> None:
    """Some calls have results, some run, some wait in the queue, some are submitted while it is gone."""
    gate, record = tmp_path / "gate", tmp_path / "calls"
    executor = new_batch()
    first = executor.map(gated(tmp_path, record), range(4))
    assert next(first) == 0
    waiting = executor.map(gated(gate, record), range(4, 40), chunksize=2)
    wait_until(lambda: any(future.running() for future in executor.futures[4:]), "jobs run")
    schedd = daemon_pid("schedd")
    os.kill(schedd, signal.SIGKILL)
    late = [executor.submit(gated(gate, record), number) for number in (40, 41)]
    wait_until(lambda: daemon_pid("schedd") != schedd, "the master started the schedd again")
    gate.touch()
    assert [*first, *waiting] == [number * number for number in range(1, 40)]
    assert [future.result(LIMIT) for future in late] == [1600, 1681]
    executor.shutdown()
    assert (executor.progress.done, executor.progress.erred) == (42, 0)
    # HTCondor keeps a job whose start it has missed for a while after its removal.
    wait_until(lambda: with_queue(lambda queue: queue.query(STAYS, [])) == [], "nothing stays in the queue")
    # The next test begins with an empty queue.
    subprocess.run(["condor_rm", "-forcex", "-constraint", f"{EVERY_JOB} && JobStatus == 3"], check=False)
    # Jobs that run are found again; one that had been matched a moment before may be started a second time.
    folder = executor._engine.batch.folder
    assert len(list((folder.path / "results").glob("*/*.results"))) == 4 + 18 + 2
    assert executor.statistics().tasks == 4 + 18 + 2, "the results of each task are used once"
    assert set(record.read_text().split()) == set(map(str, range(42)))


def test_results_that_are_there_without_an_event_are_taken(
    new_batch: NewBatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after the death of a schedd that did not see the job begin, and so not end."""
    monkeypatch.setattr(follower, "RESULTS_SILENCE", 1.0)
    executor = new_batch()
    futures = [executor.submit(gated(tmp_path / "gate"), number) for number in (7, 8)]
    wait_until(lambda: all(future.running() for future in futures), "the jobs run")
    folder = executor._engine.batch.folder
    other = new_batch()
    assert other.submit(abs, -49).result(LIMIT) == 49
    (folder.path / "results" / "0" / "0.results").hardlink_to(other._engine.batch.folder.results(0, 0))
    assert futures[0].result(LIMIT) == 49
    wait_until(lambda: with_queue(jobs_left) == 1, "its job is removed")
    (tmp_path / "gate").touch()
    assert futures[1].result(LIMIT) == 64
    executor.shutdown()
    (seen,) = (batch for batch in af_lab.batches() if batch.name == executor.name)
    assert (seen.state, seen.progress.done, seen.progress.erred) == ("ended", 2, 0)


def test_results_that_were_cut_end_the_calls_of_their_task_alone(
    new_batch: NewBatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "RESULTS_SILENCE", 1.0)
    monkeypatch.setattr(follower, "FILE_PATIENCE", 1.0)
    executor = new_batch()
    futures = [executor.submit(gated(tmp_path / "gate"), number) for number in (7, 8)]
    wait_until(lambda: all(future.running() for future in futures), "the jobs run")
    (executor._engine.batch.folder.path / "results" / "0" / "0.results").write_bytes(b"\x80\x05cut")
    with pytest.raises(TaskFailed, match="its results cannot be read"):
        futures[0].result(LIMIT)
    (tmp_path / "gate").touch()
    assert futures[1].result(LIMIT) == 64


def test_calls_that_htcondor_never_had_are_submitted_by_the_next_process(new_batch: NewBatch) -> None:
    """The submitter died between the files of its calls and HTCondor's answer."""
    executor = new_batch()
    executor.submit(abs, -1).result(LIMIT)
    folder = executor._engine.batch.folder
    first = folder.path / "calls" / "0"
    second = folder.path / "calls" / "1"
    subprocess.run(["cp", "-a", first, second], check=True)
    for kind in ("results", "logs"):
        (folder.path / kind / "1").mkdir(mode=0o700)
    record = second / "submission.json"
    record.write_text(
        record.read_text()
        .replace('"number": 0', '"number": 1')
        .replace(f'"cluster": {executor._engine.states.cluster_of(0)}', '"cluster": null')
    )
    attached = af_lab.batch(executor.name, quiet=True)
    assert [future.result(LIMIT) for future in attached.futures] == [1, 1]
    attached.shutdown()


def test_a_job_that_outgrows_its_memory_gets_more_while_nobody_follows(new_batch: NewBatch, tmp_path: Path) -> None:
    enforced = {"periodic_hold": "JobStatus == 2 && MemoryUsage > RequestMemory", "periodic_hold_subcode": "102"}
    record = tmp_path / "starts"
    noted = str(record)

    def allocate() -> int:
        import os

        with open(noted, "a") as starts:
            starts.write("x")
        content = b"x" * (300 * 2**20)
        if os.path.getsize(noted) == 1:
            time.sleep(600)  # HTCondor puts the job on hold.
        return len(content) // 2**20

    with dask.config.set({"jobqueue.htcondor.job-extra-directives": enforced}):
        executor = new_batch(memory="200 MB")
    executor.submit(allocate)
    wait_until(record.exists, "the job runs")
    executor._engine.stop()
    wait_until(lambda: record.read_text() == "xx", "the job runs again")
    attached = af_lab.batch(executor.name, quiet=True)
    assert attached.futures[0].result(LIMIT) == 300
    attached.shutdown()


def test_a_full_disk_ends_the_calls_and_nothing_is_submitted(
    new_batch: NewBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = new_batch()
    folder = executor._engine.batch.folder

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(BatchFolder, "write_submission", full)
    with pytest.raises(AfLabError, match=f"The disk of {folder.path} is full"):
        executor.submit(abs, -1).result(LIMIT)
    assert not list((folder.path / "calls").glob("*/*")), "nothing half made"
    monkeypatch.undo()
    assert executor.submit(abs, -1).result(LIMIT) == 1


def test_an_error_of_the_follower_ends_all_futures(new_batch: NewBatch, tmp_path: Path) -> None:
    executor = new_batch()
    futures = [executor.submit(gated(tmp_path / "gate"), number) for number in range(2)]
    wait_until(futures[0].running, "the jobs run")

    def fail_to_read() -> None:
        raise ValueError("nobody foresaw this line")

    executor._engine.follower._log.read = fail_to_read  # type: ignore[method-assign, assignment]
    for future in futures:
        with pytest.raises(TaskFailed, match=r"nobody foresaw this line.*attaches to it again"):
            future.result(LIMIT)
    (tmp_path / "gate").touch()
    attached = af_lab.batch(executor.name, quiet=True)
    assert [future.result(LIMIT) for future in attached.futures] == [0, 1]
    attached.shutdown()
