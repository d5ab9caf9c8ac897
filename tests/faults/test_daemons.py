"""HTCondor's daemons die or freeze: nobody blocks, and all is well once they are back."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from af_lab.errors import CondorUnavailable
from af_lab.manager.manager import ClusterManager
from af_lab.model.cluster_view import ClusterView
from af_lab.model.runner_calls import RunnerCall
from af_lab.model.spec import make_spec
from tests.faults.support import client_of, connected, noted_task, runner_pid, stall_probe, whole_again, worker_jobs
from tests.support import CONDOR_TIMEOUT, LIMIT, daemon_pid, until

pytestmark = pytest.mark.pool

SUBMISSION = "submitting 2 worker jobs"
# Seconds that a daemon stands still; what the runner asked a schedd is given up in this time.
FROZEN_FOR = {"schedd": CONDOR_TIMEOUT + 2, "collector": 8.0, "startd": 8.0}
# Seconds that an event loop may stand still beside other tests; a call that blocks it does so for CONDOR_TIMEOUT.
STALL = 5.0


async def test_a_killed_schedd_comes_back_to_whole_clusters(
    manager: ClusterManager, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    made = (await manager.create(make_spec({"name": "survives", "workers": 2}))).info
    async with client_of(manager, "survives") as client:
        await connected(manager, "survives", 2)
        runner, schedd = await runner_pid(manager, "survives"), daemon_pid("schedd")
        log = await runner_log(manager, "survives")
        scaling = await submission(manager, "survives", 4, log)
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
        figure(f"whole again {took:.1f} s after the return of the schedd; the aim is 60 s")
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


async def submission(manager: ClusterManager, name: str, workers: int, log: Path) -> asyncio.Task[ClusterView]:
    """Wait until a runner submits two more jobs; some milliseconds later they are in the queue."""
    already = log.read_text().count(SUBMISSION)
    scaling = asyncio.create_task(manager.scale(name, workers))
    deadline = time.monotonic() + LIMIT
    while log.read_text().count(SUBMISSION) == already:
        assert time.monotonic() < deadline, "nothing is submitted"
        await asyncio.sleep(0.002)
    return scaling


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.slow
@pytest.mark.parametrize("daemons", [("schedd",), ("collector", "startd")], ids=" and ".join)
async def test_a_frozen_daemon_blocks_nobody_and_nothing_is_submitted_twice(
    manager: ClusterManager, tmp_path: Path, daemons: tuple[str, ...], figure: Callable[[str], None]
) -> None:
    made = (await manager.create(make_spec({"name": "calm", "workers": 2}))).info
    probe, workers = stall_probe(), 2
    async with client_of(manager, "calm") as client:
        await connected(manager, "calm", workers)
        log = await runner_log(manager, "calm")
        for daemon in daemons:
            pid, duration = daemon_pid(daemon), FROZEN_FOR[daemon]
            workers += 2
            scaling = await submission(manager, "calm", workers, log)
            with frozen(pid):
                probes = asyncio.gather(probe(duration), client.run_on_scheduler(probe, duration))
                nudged = asyncio.create_task(getattr(client.scheduler, RunnerCall.NUDGE)())
                # The workers that are there compute on.
                computation = client.map(noted_task(tmp_path / "executions", 0.2), range(20), pure=False)
                began = time.monotonic()
                calls = (manager.get("calm"), manager.workers("calm"), manager.clusters())
                answers = await asyncio.gather(scaling, *calls, return_exceptions=True)
                took = time.monotonic() - began
                assert await client.gather(computation) == [number * number for number in range(20)]
                worst = await probes
                await nudged
            errors = [type(answer) for answer in answers if isinstance(answer, BaseException)]
            # A schedd may wait for the others itself.
            assert set(errors) <= {CondorUnavailable}, answers
            assert daemon != "schedd" or len(errors) >= len(calls)
            assert took < 2 * CONDOR_TIMEOUT, "calls that wait for others keep their own deadline"
            said = "af_lab.runner WARNING HTCondor does not answer"
            assert daemon != "schedd" or said in log.read_text(), "the log tells what the runner was refused"
            await until(lambda: scales(manager, "calm", workers), "the schedd answers again")  # noqa: B023
            await connected(manager, "calm", workers)
            for where, stalled in zip(("this process", "the runner"), worst, strict=True):
                figure(f"{daemon} frozen: {where} stood still for {stalled * 1e3:.0f} ms at worst")
                assert stalled < STALL
            # The runner looks at the queue each time, and would submit what it believes to be missing.
            for _ in range(2):
                await manager.scale("calm", workers)
            assert await worker_jobs(manager, made.id) == workers
        assert "Traceback" not in (await manager.logs("calm", lines=1000)).text
