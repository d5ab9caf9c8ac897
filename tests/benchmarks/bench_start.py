"""Figures of starting, beside dask-jobqueue's HTCondorCluster on the same pool in the same run."""

from __future__ import annotations

import time

import pytest
from dask_jobqueue.htcondor import HTCondorCluster

import af_lab
from tests.benchmarks.support import PEER, alternate, empty_queue, jobs_queued, report
from tests.support import wait

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left"), pytest.mark.timeout(900)]

ROUNDS = 5
JOBS = 1000


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
        cluster.scale(JOBS)
        took = time.perf_counter() - began
        assert jobs_queued() == JOBS + 1, "and the scheduler's"
        cluster.shutdown()
        return took


def queue_by_dask_jobqueue() -> float:
    with empty_queue(), HTCondorCluster(**PEER | {"memory": "20 TB"}) as cluster:
        began = time.perf_counter()
        cluster.scale(jobs=JOBS)
        wait(lambda: jobs_queued() >= JOBS, f"{JOBS} jobs are queued", seconds=600)
        return time.perf_counter() - began


def test_creation_to_first_worker() -> None:
    ours, peers = alternate(first_worker_of_af_lab, first_worker_of_dask_jobqueue, ROUNDS)
    report("Creation to first worker", "at most 0.8 of the peer", ours, peers)


def test_a_thousand_jobs_queued() -> None:
    ours, peers = alternate(queue_by_af_lab, queue_by_dask_jobqueue, 1)
    report(f"{JOBS} worker jobs queued", "40 times faster", ours, peers)
