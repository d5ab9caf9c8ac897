"""HTCondor's daemons die or freeze: nobody blocks, and all is well once they are back."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from af_lab.errors import CondorUnavailable
from af_lab.manager.manager import ClusterManager
from af_lab.manager.spec import make_spec
from tests.faults.support import client_of, connected, noted_task, runner_pid, stall_probe, whole_again, worker_jobs
from tests.support import CONDOR_TIMEOUT, daemon_pid, until

pytestmark = pytest.mark.pool

FROZEN_FOR = 40.0  # seconds
AIM = 0.05  # seconds that an event loop may stand still, beyond what the idle machine shows
# Other tests may use the machine at the same time; a call that blocks the loop takes seconds.
GENEROUS = 0.5


async def test_a_killed_schedd_comes_back_to_whole_clusters(manager: ClusterManager, tmp_path: Path) -> None:
    made = await manager.create(make_spec({"name": "survives", "workers": 2}))
    async with client_of(manager, "survives") as client:
        await connected(manager, "survives", 2)
        runner, schedd = await runner_pid(manager, "survives"), daemon_pid("schedd")
        log = await runner_log(manager, "survives")
        scaling = asyncio.create_task(manager.scale("survives", 4))
        await submission(log)
        os.kill(schedd, signal.SIGKILL)
        with pytest.raises(CondorUnavailable):
            await manager.get("survives")
        (scaled,) = await asyncio.gather(scaling, return_exceptions=True)
        await until(lambda: daemon_pid("schedd") != schedd, "the master started the schedd again")
        returned = time.monotonic()
        assert not isinstance(scaled, BaseException) or isinstance(scaled, CondorUnavailable)
        await until(lambda: scales(manager, "survives", 4), "the schedd answers again")
        await whole_again(manager, "survives", 4, runner)
        took = time.monotonic() - returned
        print(f"whole again {took:.1f} s after the return of the schedd; the aim is 60 s")
        assert await client.gather(client.map(noted_task(tmp_path / "executions", 0), range(4))) == [0, 1, 4, 9]
        await until(lambda: has_jobs(manager, made.id, 4), "there are as many worker jobs as wanted, and no more")


async def scales(manager: ClusterManager, name: str, workers: int) -> bool:
    try:
        await manager.scale(name, workers)
    except CondorUnavailable:
        return False
    return True


async def has_jobs(manager: ClusterManager, id_: int, workers: int) -> bool:
    return await worker_jobs(manager, id_) == workers


async def runner_log(manager: ClusterManager, name: str) -> Path:
    return (await manager.folder(name)).logs / f"scheduler-{await runner_pid(manager, name)}.log"


async def submission(log: Path) -> None:
    """Wait until a runner submits two more jobs; some milliseconds later they are in the queue."""
    deadline = time.monotonic() + 20
    while "submitting 2 worker jobs" not in log.read_text():
        assert time.monotonic() < deadline, "nothing is submitted"
        await asyncio.sleep(0)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.slow
@pytest.mark.parametrize("daemon", ["schedd", "collector", "startd"])
async def test_a_frozen_daemon_blocks_nobody_and_nothing_is_submitted_twice(
    manager: ClusterManager, tmp_path: Path, daemon: str
) -> None:
    made = await manager.create(make_spec({"name": "calm", "workers": 2}))
    probe = stall_probe()
    async with client_of(manager, "calm") as client:
        await connected(manager, "calm", 2)
        idle = await asyncio.gather(probe(4), client.run_on_scheduler(probe, 4))
        log, pid = await runner_log(manager, "calm"), daemon_pid(daemon)
        scaling = asyncio.create_task(manager.scale("calm", 4))
        await submission(log)
        with frozen(pid):
            probes = asyncio.gather(probe(FROZEN_FOR), client.run_on_scheduler(probe, FROZEN_FOR))
            # The workers that are there compute on.
            computation = client.map(noted_task(tmp_path / "executions", 0.5), range(40))
            began = time.monotonic()
            calls = (manager.get("calm"), manager.workers("calm"), manager.clusters())
            answers = await asyncio.gather(scaling, *calls, return_exceptions=True)
            took = time.monotonic() - began
            assert await client.gather(computation) == [number * number for number in range(40)]
            worst = await probes
        errors = [type(answer) for answer in answers if isinstance(answer, BaseException)]
        # A schedd may wait for the others itself.
        assert set(errors) <= {CondorUnavailable}, answers
        assert daemon != "schedd" or len(errors) >= len(calls)
        assert took < CONDOR_TIMEOUT + 5
        await until(lambda: scales(manager, "calm", 4), "the schedd answers again")
        await connected(manager, "calm", 4)
        for where, calm, stalled in zip(("this process", "the runner"), idle, worst, strict=True):
            print(f"{daemon} frozen: {where} stood still for {stalled * 1e3:.0f} ms at worst, {calm * 1e3:.0f} ms idle")
            assert stalled < calm + GENEROUS
        print(f"the aim is {AIM * 1e3:.0f} ms more than idle")
        # Once more than enough time for a second submission.
        await asyncio.sleep(3)
        assert "Traceback" not in (await manager.logs("calm", lines=1000)).text
        assert await worker_jobs(manager, made.id) == 4
