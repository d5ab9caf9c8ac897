"""What the Jupyter server and the schedd bear for clusters and panels."""

from __future__ import annotations

import asyncio
import math
import statistics
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from tests.benchmarks.support import empty_queue, schedd_work, table
from tests.server.live import Server, served
from tests.server.support import Panel
from tests.support import until

pytestmark = [pytest.mark.pool, pytest.mark.timeout(1800)]

CLUSTERS = 10
SECONDS = 60.0
CHANGES = 20


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


async def test_scaling_is_told(tmp_path: Path) -> None:
    """What a panel waits for after a click: the answer to it, and the event that tells the new number."""
    with empty_queue(), served(tmp_path / "server") as server:
        panel = await Panel.open(lambda *_: server.listen())
        await asyncio.to_thread(server, "POST", "clusters", {"name": "scaled", "workers": 0})
        await panel.until(lambda: panel.state("scaled") == "running", "it runs", 180)
        answered, told = [], []
        for workers in [1, 2] * (CHANGES // 2):
            # The server's rest after the messages before is over.
            await asyncio.sleep(2)
            begun = time.perf_counter()
            answer = asyncio.create_task(asyncio.to_thread(server, "PATCH", "clusters/scaled", {"workers": workers}))
            answer.add_done_callback(lambda _, begun=begun: answered.append(time.perf_counter() - begun))  # type: ignore[misc]
            await panel.until(lambda n=workers: panel.clusters["scaled"]["workers"] == n, "it is told")  # type: ignore[misc]
            told.append(time.perf_counter() - begun)
            await answer
        panel.close()
        rows = [_spread("the answer to the PATCH", answered), _spread("the event", told)]
        columns = ["from the PATCH to", "p50", "p95", "worst"]
        table(f"Scaling a cluster at rest ({CHANGES} times)", columns, rows, "aim: 100 ms for the event")


def _spread(what: str, seconds: list[float]) -> list[str]:
    in_order = sorted(seconds)
    figures = statistics.median(in_order), in_order[math.ceil(0.95 * len(in_order)) - 1], in_order[-1]
    return [what, *(f"{1000 * figure:.0f} ms" for figure in figures)]


def _connected(server: Server) -> int:
    return sum(cluster["counts"]["connected"] for cluster in server("GET", "clusters")["clusters"])


def _running(server: Server) -> int:
    return sum(cluster["state"] == "running" for cluster in server("GET", "clusters")["clusters"])


def _duty_cycle() -> str:
    ask = ["condor_status", "-schedd", "-af", "RecentDaemonCoreDutyCycle"]
    told = subprocess.run(ask, capture_output=True, text=True, check=True, timeout=60).stdout.split()
    return f"{100 * float(told[0]):.2f} %" if told else "not told"
