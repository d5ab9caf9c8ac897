"""What clusters cost the schedd and the access point, beside dask-jobqueue's HTCondorCluster on the same pool."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import dask.config
import psutil
import pytest
from dask_jobqueue.htcondor import HTCondorCluster

import af_lab
from tests.benchmarks.support import PEER, empty_queue, jobs_queued, schedd_work, table

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left"), pytest.mark.timeout(1800)]

CLUSTERS = 5
IDLE_SECONDS = 65.0
SCALINGS = (6, 2, 8, 1, 5, 0)
EACH_FOR = 5.0
MANY = 5000


def test_a_cluster_of_five_thousand_jobs_answers() -> None:
    with empty_queue():
        cluster = af_lab.cluster("bench", workers=0, memory="20 TB")
        began = time.perf_counter()
        # The limit of a facility is not what is measured here.
        with dask.config.set({"af-lab.limits.workers": MANY}):
            cluster.scale(MANY)
        rows = [["scale(5000), all queued", f"{1000 * (time.perf_counter() - began):.0f} ms"]]
        assert cluster.info().counts.idle == MANY
        for what, ask in (("info()", cluster.info), ("af_lab.clusters()", af_lab.clusters), ("condor_q", jobs_queued)):
            rows.append([what, f"{1000 * _median_time(ask):.0f} ms"])
        table(f"A cluster with {MANY} waiting jobs", ["", "median"], rows)
        cluster.shutdown()


def test_work_of_the_schedd() -> None:
    rows = []
    with empty_queue():
        clusters = [af_lab.cluster(f"bench-{index}", workers=1) for index in range(CLUSTERS)]
        for cluster in clusters:
            cluster.wait_for_workers(1, timeout=180)
        rows.append(_work("af_lab, idle", CLUSTERS, lambda: time.sleep(IDLE_SECONDS)))
        rows.append(_work("af_lab, scaling", 1, lambda: _scale(lambda n: clusters[0].scale(n))))
        memory = _memory_of_runner(clusters[0])
        for cluster in clusters:
            cluster.shutdown()
    with empty_queue(), HTCondorCluster(**PEER, n_workers=1) as peer:
        peer.wait_for_workers(1, timeout=180)
        rows.append(_work("dask-jobqueue, idle", 1, lambda: time.sleep(IDLE_SECONDS)))
        rows.append(_work("dask-jobqueue, scaling", 1, lambda: _scale(lambda n: peer.scale(jobs=n))))
    columns = ["per cluster", "queries/s", "transactions/s", "schedd busy"]
    table("Commands at the schedd", columns, rows, "scaling: " + " -> ".join(map(str, SCALINGS)))
    table("Memory on the access point per cluster", ["", "unique (USS)", "resident (RSS)"], memory, "aim: 200 MB")


def _work(what: str, clusters: int, during: Callable[[], None]) -> list[str]:
    before = schedd_work()
    during()
    queries, transactions, busy = schedd_work().since(before)
    return [
        what,
        f"{queries / clusters:.3f}",
        f"{transactions / clusters:.3f}",
        f"{100 * busy / clusters:.3f} %",
    ]


def _scale(scale: Callable[[int], object]) -> None:
    for number in SCALINGS:
        scale(number)
        time.sleep(EACH_FOR)


def _memory_of_runner(cluster: af_lab.Cluster) -> list[list[str]]:
    """Return the megabytes of a runner and its helpers, as they see themselves: nobody else may look."""
    client = cluster.get_client()
    seen: list[tuple[str, int, int]] = client.run_on_scheduler(_own_memory)
    client.close()
    return [[what, f"{unique / 1e6:.0f} MB", f"{resident / 1e6:.0f} MB"] for what, unique, resident in seen]


def _own_memory() -> list[tuple[str, int, int]]:
    runner = psutil.Process()
    infos = [("runner", runner.memory_full_info())]
    infos += [("its helper", child.memory_full_info()) for child in runner.children()]
    return [(what, info.uss, info.rss) for what, info in infos]


def _median_time(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(7):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    return statistics.median(times)
