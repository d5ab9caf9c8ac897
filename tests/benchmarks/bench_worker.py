"""The start of a worker taken apart, and what imports that workers of one job share save."""

from __future__ import annotations

import datetime
import importlib.util
import os
import re
import statistics
import time

import dask.config
import psutil
import pytest

import af_lab
from af_lab.home import af_lab_home
from tests.benchmarks.support import empty_queue, table

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left"), pytest.mark.timeout(1800)]

ROUNDS = 5
PROCESSES = 4
LIBRARY = "coffea.processor"


def test_the_start_of_a_worker_taken_apart() -> None:
    parts: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        with empty_queue(), af_lab.cluster("bench", workers=0) as cluster:
            cluster.scale(1)
            cluster.wait_for_workers(1, timeout=180)
            for part, seconds in _parts_of_the_start(cluster).items():
                parts.setdefault(part, []).append(seconds)
    rows = [[part, f"{statistics.median(seconds):.2f} s", f"{min(seconds):.2f} s"] for part, seconds in parts.items()]
    table("From the start of a job to its connected worker", ["", "median", "best"], rows)


@pytest.mark.skipif(importlib.util.find_spec("coffea") is None, reason="coffea is not installed")
def test_what_shared_imports_save() -> None:
    rows = []
    for what, preload in (("each worker for itself", []), (f"af-lab.worker.preload: {LIBRARY}", [LIBRARY])):
        with (
            empty_queue(),
            dask.config.set({"af-lab.worker.preload": preload}),
            af_lab.cluster("bench", workers=0, cores=PROCESSES, memory="8 GB") as cluster,
        ):
            began = time.perf_counter()
            cluster.scale(PROCESSES)
            cluster.wait_for_workers(PROCESSES, timeout=300)
            connected = time.perf_counter() - began
            client = cluster.get_client()
            client.run(importlib.import_module, LIBRARY, on_error="ignore")
            ready = time.perf_counter() - began
            unique = sum(psutil.Process(pid).memory_full_info().uss for pid in client.run(os.getpid).values())
            client.close()
        rows.append([what, f"{connected:.1f} s", f"{ready:.1f} s", f"{unique / 1e6:.0f} MB"])
    columns = ["", "connected", "library ready", "unique memory of the workers"]
    table(f"A job of {PROCESSES} workers that use {LIBRARY}", columns, rows)


def _parts_of_the_start(cluster: af_lab.Cluster) -> dict[str, float]:
    """Return the seconds of each part, from the ages of the processes and the times in the logs."""
    client = cluster.get_client()
    (worker,) = client.run(os.getpid).values()
    (nanny,) = client.run(os.getpid, nanny=True).values()
    client.close()
    born = {"job": psutil.Process(nanny).create_time(), "worker": psutil.Process(worker).create_time()}
    (info,) = cluster.workers()
    folder = max((af_lab_home() / "clusters").glob("*/logs"), key=lambda path: path.stat().st_mtime_ns)
    log = (folder / f"worker-{info.id}.out").read_text()
    scheduler = max(folder.glob("scheduler-*.log"), key=lambda path: path.stat().st_mtime_ns).read_text()
    asks, registered = _when(log, "Waiting to connect"), _when(log, "Registered to")
    welcomed = _when(scheduler, "Register worker addr")
    return {
        "imports, until the worker is forked": born["worker"] - born["job"],
        "set-up of the worker": asks - born["worker"],
        "connection and TLS": welcomed - asks,
        "registration": registered - welcomed,
        "in all": registered - born["job"],
    }


def _when(log: str, text: str) -> float:
    found = re.search(rf"^(\S+ \S+?),(\d+) .*{text}", log, re.MULTILINE)
    assert found is not None, f"{text!r} is not in the log:\n{log}"
    return datetime.datetime.fromisoformat(found[1]).timestamp() + int(found[2]) / 1000
