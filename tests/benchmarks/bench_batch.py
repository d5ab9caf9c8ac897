"""Figures of batches, beside a loop of condor_submit, dask-jobqueue's cluster, and a warm Dask cluster of ours."""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dask_jobqueue.htcondor import HTCondorCluster
from distributed import Client, wait

import af_lab
from tests.benchmarks.support import PEER, alternate, empty_queue, jobs_queued, report, table
from tests.support import wait as wait_until

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left"), pytest.mark.timeout(1800)]

SLOTS = 2  # workers of the clusters; the machine has as many cores
CHUNK = 50
SINGLE = 20  # calls of condor_submit; more take the same each


@contextmanager
def batch(memory: str = "200 MB") -> Iterator[af_lab.BatchExecutor]:
    executor = af_lab.BatchExecutor(f"bench-{uuid.uuid4().hex[:8]}", memory=memory, quiet=True)
    try:
        yield executor
    finally:
        for future in executor.futures:
            future.cancel()
        executor.shutdown()


def queue_by_af_lab(tasks: int) -> float:
    """Return the seconds until the schedd has the tasks; none of them can run."""
    with empty_queue(), batch("20 TB") as executor:
        began = time.perf_counter()
        executor.map(abs, range(tasks), chunksize=1)
        wait_until(lambda: executor._engine.states.cluster_of((tasks - 1) // 10_000) is not None, "all are queued")
        return time.perf_counter() - began


def queue_by_condor_submit(tasks: int, folder: Path) -> float:
    """Return the seconds of a loop of condor_submit, from some of its turns."""
    description = folder / "sleep.sub"
    description.write_text("executable=/bin/sleep\narguments=60\nrequest_memory=20TB\nlog=log\nqueue\n")
    with empty_queue():
        began = time.perf_counter()
        for _ in range(SINGLE):
            subprocess.run(["condor_submit", description], check=True, capture_output=True, cwd=folder)
        return (time.perf_counter() - began) / SINGLE * tasks


def queue_by_dask_jobqueue(tasks: int) -> float:
    with empty_queue(), HTCondorCluster(**PEER | {"memory": "20 TB"}) as cluster:
        began = time.perf_counter()
        cluster.scale(jobs=tasks)
        wait_until(lambda: jobs_queued() >= tasks, f"{tasks} jobs are queued", seconds=600)
        return time.perf_counter() - began


def test_tasks_queued(tmp_path: Path) -> None:
    rows = []
    for tasks in (1_000, 10_000, 100_000):
        ours = queue_by_af_lab(tasks)
        loop = queue_by_condor_submit(tasks, tmp_path)
        peer = f"{queue_by_dask_jobqueue(tasks):.2f} s" if tasks == 1_000 else ""
        rows.append([f"{tasks:,}", f"{ours:.2f} s", f"{loop:.0f} s", peer])
    table(
        "Tasks queued",
        ["tasks", "af_lab", f"condor_submit (from {SINGLE})", "dask-jobqueue's workers"],
        rows,
        "aim: 1,000 in under 0.5 s",
    )


def short(number: int) -> int:
    return number


def second(number: int) -> int:
    import time

    time.sleep(1)
    return number


def by_batch(function: Callable[[int], int], calls: int, chunk: int) -> float:
    with batch() as executor:
        began = time.perf_counter()
        assert len(list(executor.map(function, range(calls), chunksize=chunk))) == calls
        return time.perf_counter() - began


def by_cluster(client: Client, function: Callable[[int], int], calls: int) -> float:
    began = time.perf_counter()
    wait(client.map(function, range(calls), pure=False))
    return time.perf_counter() - began


def test_calls_beside_a_warm_cluster() -> None:
    """The batch has as many jobs as the cluster has workers."""
    calls = CHUNK * SLOTS
    with empty_queue():
        cluster = af_lab.cluster("bench", workers=SLOTS, memory="400 MB")
        cluster.wait_for_workers(SLOTS, timeout=120)
        with cluster.get_client() as client:
            ours, peers = alternate(
                lambda: by_batch(second, calls, CHUNK), lambda: by_cluster(client, second, calls), 1
            )
            report(f"{calls} calls of one second, {CHUNK} in each job", "at most 1.3", ours, peers, "a warm cluster")
            figures = {f"batch, {chunk} in each job": by_batch(short, calls, chunk) for chunk in (1, 10, CHUNK)}
            figures["warm Dask cluster"] = by_cluster(client, short, calls)
        cluster.shutdown()
    rows = [[name, f"{took:.2f} s", f"{1000 * took / calls:.0f} ms"] for name, took in figures.items()]
    table(f"{calls} short calls", ["", "all", "each"], rows)
