"""A Dask scheduler that dies: it comes back with its workers, or says why it does not."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.config
import pytest
from distributed import Scheduler
from distributed.client import FutureCancelledError

from af_lab.errors import ClusterFailed
from af_lab.manager.manager import ClusterManager
from af_lab.model.runner_calls import RunnerCall
from af_lab.model.spec import make_spec
from tests.faults.support import client_of, connected, noted_task, runner_pid, whole_again, worker_jobs
from tests.support import until

pytestmark = pytest.mark.pool


KILLS = 3


@pytest.mark.slow
async def test_kills_in_a_row_under_a_computation_that_is_resubmitted(
    manager: ClusterManager, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    with dask.config.set({"af-lab.scheduler.starts": 1 + KILLS}):
        made = (await manager.create(make_spec({"name": "phoenix", "workers": 2}))).info
    async with client_of(manager, "phoenix") as client:
        await connected(manager, "phoenix", 2)
        address = (await manager.get("phoenix")).scheduler_address
        task, took = noted_task(tmp_path / "executions", 0.2), []
        for _ in range(KILLS):
            lost = client.map(task, range(100), pure=False)
            old = await runner_pid(manager, "phoenix")
            os.kill(old, signal.SIGKILL)
            killed = time.monotonic()
            await whole_again(manager, "phoenix", 2, old)
            took.append(time.monotonic() - killed)
            with pytest.raises(FutureCancelledError):
                await client.gather(lost)
            # The client is the same all the time: the scheduler came back to its address.
            assert await client.gather(client.map(task, range(6), pure=False)) == [0, 1, 4, 9, 16, 25]
        figure(f"whole again after {' '.join(f'{seconds:.1f}' for seconds in took)} s (aim 8)")
    info = await manager.get("phoenix")
    assert (info.id, info.state, info.scheduler_address) == (made.id, "running", address)
    assert await worker_jobs(manager, made.id) == 2
    folder = await manager.folder("phoenix")
    assert len(list(folder.logs.glob("scheduler-*.log"))) == 1 + KILLS, "each start has a log of its own"
    async with client_of(manager, "phoenix") as another:
        assert await another.submit(sum, [1, 2]) == 3


@pytest.mark.slow
async def test_a_scheduler_that_does_not_stay_up_is_given_up_until_somebody_releases_it(
    manager: ClusterManager,
) -> None:
    with dask.config.set({"af-lab.scheduler.starts": 2}):
        made = (await manager.create(make_spec({"name": "falls", "workers": 2}))).info
    sources: list[str] = []
    for _ in range(2):

        async def another() -> bool:
            return (await manager.logs("falls")).source not in sources

        await manager.wait_until_running("falls")
        await until(another, "the scheduler has been started again")
        sources.append((await manager.logs("falls")).source)
        os.kill(await runner_pid(manager, "falls"), signal.SIGKILL)

    async def given_up() -> bool:
        return (await manager.get("falls")).state == "failed"

    await until(given_up, "the cluster is given up")
    with pytest.raises(ClusterFailed, match="more than 2 times"):
        await manager.wait_until_running("falls")

    info = await manager.get("falls")
    assert info.state == "failed"
    assert re.search(rf"started more than 2 times within 10 minutes.*condor_release {made.id}\b", info.reason or ""), (
        info.reason
    )
    assert await worker_jobs(manager, made.id) == 0
    last = (await manager.logs("falls")).source
    assert last == sources[-1], "the start that was one too many wrote nothing"
    starts = (await manager.logs("falls")).starts
    assert [start.source for start in starts[:2]] == sources
    assert (len(starts), starts[2].size) == (3, 0)
    first = await manager.logs("falls", start=1)
    assert (first.source, "Scheduler at" in first.text) == (sources[0], True)

    assert (await manager.release("falls")).info.state in ("pending", "running")
    again = await manager.wait_until_running("falls")
    assert (again.state, again.reason) == ("running", None)
    await connected(manager, "falls", 2)


async def test_client_restart_gives_new_workers_and_is_no_trouble(manager: ClusterManager, tmp_path: Path) -> None:
    await manager.create(make_spec({"name": "anew", "workers": 2}))
    async with client_of(manager, "anew") as client:
        await connected(manager, "anew", 2)
        before = set((await client.run(os.getpid)).values())
        lost = client.map(noted_task(tmp_path / "executions", 0.2), range(100))
        await until((tmp_path / "executions").exists, "the computation is under way")
        await client.restart()
        with pytest.raises(FutureCancelledError):
            await client.gather(lost)
        await connected(manager, "anew", 2)
        assert not before & set((await client.run(os.getpid)).values())
        assert await client.submit(sum, [1, 2]) == 3
        info = await manager.get("anew")
        assert (info.counts.in_slots, info.troubles) == (2, ())


async def test_an_error_in_a_loop_of_the_runner_is_logged_and_the_scheduler_starts_again(
    manager: ClusterManager,
) -> None:
    def fail_in_a_loop(call: str, dask_scheduler: Scheduler) -> None:
        def read() -> None:
            raise RuntimeError("the event log has a line that nobody foresaw")

        nudged: Any = dask_scheduler.handlers[call]
        nudged.__self__._workers.read_events = read

    await manager.create(make_spec({"name": "stumbles", "workers": 1}))
    async with client_of(manager, "stumbles") as client:
        await connected(manager, "stumbles", 1)
        old = await runner_pid(manager, "stumbles")
        await client.run_on_scheduler(fail_in_a_loop, RunnerCall.NUDGE.value)
        await whole_again(manager, "stumbles", 1, old)
    assert "a line that nobody foresaw" in (await manager.logs("stumbles", start=1)).text
