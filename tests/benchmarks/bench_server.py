"""What the Jupyter server and the schedd bear for clusters and panels."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import psutil
import pytest

from tests.benchmarks.support import empty_queue, schedd_work, table
from tests.server.live import Server, served
from tests.support import until

pytestmark = [pytest.mark.pool, pytest.mark.timeout(1800)]

CLUSTERS = 10
SECONDS = 60.0


async def test_clusters_and_panels(tmp_path: Path) -> None:
    with empty_queue(), served(tmp_path / "server") as server:
        process = psutil.Process(server.process.pid)
        server("GET", "clusters")
        panels = [await server.listen()]
        server("POST", "clusters", {"name": "first", "workers": 1})
        await until(lambda: _connected(server) == 1, "the first worker connects", 180)
        before = process.memory_full_info().uss, process.num_threads(), len(process.children())
        for number in range(CLUSTERS):
            server("POST", "clusters", {"name": f"c{number}", "workers": 0})
        await until(lambda: _running(server) == CLUSTERS + 1, "all run", 300)
        time.sleep(10)
        after = process.memory_full_info().uss, process.num_threads(), len(process.children())
        memory, threads, processes = ((then - now) / CLUSTERS for then, now in zip(after, before, strict=True))
        rows = [[f"{memory / 1e3:.0f} kB", f"{threads:.1f}", f"{processes:.1f}"]]
        table(f"The server per cluster ({CLUSTERS})", ["memory", "threads", "processes"], rows, "aim: 100 kB, 0, 0")

        rows = []
        panels.pop().close()
        for number in (0, 1, 50):
            while len(panels) < number:
                panels.append(await server.listen())
            time.sleep(10)
            work = schedd_work()
            time.sleep(SECONDS)
            queries, transactions, busy = schedd_work().since(work)
            rows.append([str(number), f"{queries:.3f}", f"{transactions:.3f}", f"{100 * busy:.3f} %", _duty_cycle()])
        columns = ["panels", "queries/s", "transactions/s", "busy with them", "RecentDaemonCoreDutyCycle"]
        table(f"The schedd, with {CLUSTERS + 1} clusters at rest", columns, rows, "aim: not growing with panels")
        for panel in panels:
            panel.close()


def _connected(server: Server) -> int:
    return sum(cluster["counts"]["connected"] for cluster in server("GET", "clusters")["clusters"])


def _running(server: Server) -> int:
    return sum(cluster["state"] == "running" for cluster in server("GET", "clusters")["clusters"])


def _duty_cycle() -> str:
    ask = ["condor_status", "-schedd", "-af", "RecentDaemonCoreDutyCycle"]
    told = subprocess.run(ask, capture_output=True, text=True, check=True, timeout=60).stdout.split()
    return f"{100 * float(told[0]):.2f} %" if told else "not told"
