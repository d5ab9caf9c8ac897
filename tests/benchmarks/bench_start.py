"""Figures of starting, beside dask-jobqueue's HTCondorCluster on the same pool in the same run."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from dask_jobqueue.htcondor import HTCondorCluster
from rich.console import Console
from rich.table import Table

import af_lab
from tests.support import wait

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left"), pytest.mark.timeout(900)]

ROUNDS = 5
JOBS = 1000
PEER: dict[str, Any] = {"cores": 1, "processes": 1, "memory": "2 GB", "disk": "1 GB"}


def jobs_queued() -> int:
    done = subprocess.run(["condor_q", "-af", "ClusterId"], capture_output=True, text=True, check=True)
    return len(done.stdout.split())


@contextmanager
def empty_queue() -> Iterator[None]:
    """Leave a queue without jobs, so that one measurement does not weigh on the next."""
    yield
    subprocess.run(["condor_rm", "-all"], capture_output=True, check=False)
    wait(lambda: jobs_queued() == 0, "the queue is empty", seconds=300)


def first_worker_of_af_lab() -> float:
    with empty_queue():
        began = time.perf_counter()
        cluster = af_lab.cluster("bench", workers=1)
        cluster.wait_for_workers(1, timeout=120)
        took = time.perf_counter() - began
        cluster.shutdown()
        return took


def first_worker_of_dask_jobqueue() -> float:
    with empty_queue():
        began = time.perf_counter()
        with HTCondorCluster(**PEER, n_workers=1) as cluster:
            cluster.wait_for_workers(1, timeout=120)
            return time.perf_counter() - began


def queue_by_af_lab() -> float:
    with empty_queue():
        cluster = af_lab.cluster("bench", workers=0, cores=1, memory="20 TB")
        began = time.perf_counter()
        queued = cluster.scale(JOBS).counts.idle
        took = time.perf_counter() - began
        assert queued == JOBS
        cluster.shutdown()
        return took


def queue_by_dask_jobqueue() -> float:
    with empty_queue(), HTCondorCluster(**PEER | {"memory": "20 TB"}) as cluster:
        began = time.perf_counter()
        cluster.scale(jobs=JOBS)
        wait(lambda: jobs_queued() >= JOBS, f"{JOBS} jobs are queued", seconds=600)
        return time.perf_counter() - began


def report(title: str, aim: str, ours: list[float], peers: list[float]) -> None:
    table = Table(title=title, caption=f"aim: {aim}")
    for column in ("", "median", "best", "worst", "rounds"):
        table.add_column(column, justify="right" if column else "left")
    for name, figures in (("af_lab", ours), ("dask-jobqueue HTCondorCluster", peers)):
        spread = (statistics.median(figures), min(figures), max(figures))
        table.add_row(name, *(f"{figure:.2f} s" for figure in spread), str(len(figures)))
    ratio = statistics.median(ours) / statistics.median(peers)
    table.add_row("af_lab / peer", f"{ratio:.2f}", "", "", "")
    Console().print(table)


def alternate(ours: Callable[[], float], peers: Callable[[], float], rounds: int) -> tuple[list[float], list[float]]:
    """Measure in turns: a noisy machine is then as noisy for both."""
    pairs = [(ours(), peers()) for _ in range(rounds)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def test_creation_to_first_worker() -> None:
    ours, peers = alternate(first_worker_of_af_lab, first_worker_of_dask_jobqueue, ROUNDS)
    report("Creation to first worker", "at most 0.8 of the peer", ours, peers)


def test_a_thousand_jobs_queued() -> None:
    ours, peers = alternate(queue_by_af_lab, queue_by_dask_jobqueue, 1)
    report(f"{JOBS} worker jobs queued", "40 times faster", ours, peers)
