"""What it costs the Dask scheduler that an open panel shows how far 20,000 short tasks are."""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from af_lab.runner.task_tally import TaskTally
from tests.benchmarks.support import table
from tests.faults.support import connected, runner_pid
from tests.server.conftest import api, jp_base_url, jp_server_config, open_panel  # noqa: F401 - fixtures
from tests.server.support import Panel

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left"), pytest.mark.timeout(1800)]

TASKS = 20_000
WORKERS = 4
ROUNDS = 5
MOST_LOSS = 0.03  # of the scheduler's throughput
MOST_MESSAGES = 3.0  # a second

# In a process of its own, as a kernel is. It runs the tasks once for each line that it reads.
CLIENT = """
import sys, time
from pathlib import Path
from distributed import Client, wait
from af_lab.model.folder import ClusterFolder

def main():
    with Client(sys.argv[1], security=ClusterFolder(Path(sys.argv[2])).security()) as client:
        for line in sys.stdin:
            begun = time.perf_counter()
            futures = client.map(abs, range(int(line)), pure=False)
            wait(futures)
            print(time.perf_counter() - begun, flush=True)
            del futures

if __name__ == "__main__":
    main()
"""


class Round(NamedTuple):
    """What one computation took: seconds, and seconds of the scheduler's CPU."""

    wall: float
    cpu: float


async def test_a_panel_that_shows_the_progress_does_not_slow_the_scheduler(
    open_panel: Callable[[], Awaitable[Panel]],  # noqa: F811
    jp_serverapp: Any,
) -> None:
    manager: ClusterManager = jp_serverapp.web_app.settings["af_lab_manager"]
    await manager.create(make_spec({"name": "short", "workers": WORKERS}))
    info = await manager.wait_until_running("short")
    await connected(manager, "short", WORKERS)
    pid = await runner_pid(manager, "short")
    folder = (await manager.folder("short")).path
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CLIENT, str(info.scheduler_address), str(folder)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    lines, answers = client.stdin, client.stdout
    assert lines is not None
    assert answers is not None

    async def computed(tasks: int) -> Round:
        begun = _cpu_seconds(pid)
        lines.write(f"{tasks}\n".encode())
        wall = float(await answers.readline())
        return Round(wall, _cpu_seconds(pid) - begun)

    await computed(TASKS // 4)
    without: list[Round] = []
    beside: list[Round] = []
    messages: list[float] = []
    for _ in range(ROUNDS):
        without.append(await computed(TASKS))
        await asyncio.sleep(2.0)
        panel = await open_panel()
        reading = asyncio.create_task(_read(panel))
        before = panel.received
        beside.append(await computed(TASKS))
        messages.append((panel.received - before) / beside[-1].wall)
        reading.cancel()
        panel.close()
        await asyncio.sleep(2.0)
    # A tab that is hidden has closed its socket: the server does not follow the cluster.
    asked = panel.received
    hidden = await computed(TASKS)
    assert panel.received == asked
    lines.close()
    await client.wait()
    rows = [
        _row("without a panel", without, 0.0),
        _row("with a panel", beside, statistics.median(messages)),
        _row("with a hidden tab", [hidden], 0.0),
    ]
    titles = ["", "tasks/s, best", "tasks/s, median", "CPU of the scheduler, us a task", "messages/s"]
    loss = 1 - _cpu(without) / _cpu(beside)
    caption = f"the panel takes {100 * loss:.1f} % of the throughput by CPU; counting takes {_counting():.2f} us a task"
    table(f"{TASKS} short tasks on {WORKERS} workers", titles, rows, caption)
    assert loss < MOST_LOSS
    assert statistics.median(messages) < MOST_MESSAGES


def _row(name: str, runs: list[Round], messages: float) -> list[str]:
    best, median = min(run.wall for run in runs), statistics.median(run.wall for run in runs)
    return [
        *(name, f"{TASKS / best:.0f}", f"{TASKS / median:.0f}"),
        *(f"{1e6 * _cpu(runs) / TASKS:.0f}", f"{messages:.1f}"),
    ]


async def _read(panel: Panel) -> None:
    with contextlib.suppress(AssertionError):
        while True:
            await panel.read(600.0)


def _cpu(runs: list[Round]) -> float:
    """Return the CPU of the cheapest run: other processes of the machine only add to it."""
    return min(run.cpu for run in runs)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _counting() -> float:
    """Return the microseconds that it takes to count the moves of one task."""
    tally, number = TaskTally(), 100_000
    states = ("released", "waiting", "queued", "processing", "memory", "released", "forgotten")
    begun = time.perf_counter()
    for key in range(number):
        for start, finish in pairwise(states):
            tally.transition(key, start, finish)
    return 1e6 * (time.perf_counter() - begun) / number
