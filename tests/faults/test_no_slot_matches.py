"""Jobs that no slot can ever run do not keep the user's other jobs from slots."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import dask.config
import pytest

from af_lab.condor.explain import Cause
from af_lab.manager.manager import ClusterManager
from af_lab.model import ads
from af_lab.model.spec import make_spec
from af_lab.runner.outlook import FEW
from tests.faults.support import connected, runner_pid, worker_jobs
from tests.support import until

pytestmark = [pytest.mark.pool, pytest.mark.slow]

WANTED = 40
# Slots of the pool have it only after `give_slots`.
LATER = "AfLabTestHasLater"


@pytest.fixture
def pool_settings() -> Iterator[Path]:
    """The configuration of the pool; it is restored after the test."""
    path = Path(os.environ["CONDOR_CONFIG"])
    before = path.read_text()
    yield path
    path.write_text(before)
    reconfigure()


def reconfigure() -> None:
    for daemon in ("-startd", "-negotiator"):
        subprocess.run(["condor_reconfig", daemon], check=True, capture_output=True, timeout=60)


async def test_a_few_wait_for_a_slot_that_matches_and_the_others_follow(
    manager: ClusterManager, pool_settings: Path
) -> None:
    # As at a facility: HTCondor's default.
    with pool_settings.open("a") as settings:
        settings.write("USE_RESOURCE_REQUEST_COUNTS = True\n")
    reconfigure()
    site = {"af-lab.sites": {"later": {"requirements": f"TARGET.{LATER} =?= true"}}}
    with dask.config.set(site):
        hopeless = (await manager.create(make_spec({"name": "hopeless", "workers": WANTED, "sites": ["later"]}))).info
        await until(lambda: _has_jobs(manager, hopeless.id, WANTED), "all jobs are queued at first")
        await until(lambda: _has_jobs(manager, hopeless.id, FEW), "only a few stay")
        told = await manager.explain("hopeless")
        assert (told.cause, told.waiting) == (Cause.NEVER, FEW)
        follow = f"no slot of the pool can ever run them ({WANTED - FEW} more follow once one starts)"
        assert told.why_waiting == follow
        assert any(f"Only {FEW} of {WANTED} jobs are in the queue" in reason for reason in told.reasons)
        assert (await manager.get("hopeless")).counts.requested == WANTED

        # They would have waited behind the 40.
        await manager.create(make_spec({"name": "modest", "workers": 2}))
        await connected(manager, "modest", 2)

        # A new start of the runner knows that, and does not submit them again.
        old = await runner_pid(manager, "hopeless")
        os.kill(old, 9)
        await until(lambda: _other_runner(manager, old), "the runner is back")
        submitted = (await manager.folder("hopeless")).events.read_text().count("\n000 (")
        assert (submitted, await worker_jobs(manager, hopeless.id)) == (WANTED, FEW)

        with pool_settings.open("a") as settings:
            settings.write(f"{LATER} = True\nSTARTD_ATTRS = $(STARTD_ATTRS) {LATER}\n")
        reconfigure()
        await until(lambda: _has_jobs(manager, hopeless.id, WANTED), "the others are queued")
        await until(lambda: _some_connected(manager), "workers connect")


async def _has_jobs(manager: ClusterManager, id_: int, number: int) -> bool:
    return await worker_jobs(manager, id_) == number


async def _other_runner(manager: ClusterManager, old: int) -> bool:
    info = await manager.get("hopeless")
    return info.state == "running" and info.counts.waiting == FEW and await runner_pid(manager, "hopeless") != old


async def _some_connected(manager: ClusterManager) -> bool:
    return (await manager.get("hopeless")).counts.connected > FEW


CLUSTERS, JOBS = 200, 50
STAND_INS = "AfLabTestStandIn =?= true"


@pytest.mark.system
@pytest.mark.timeout(1800)
async def test_a_cluster_beside_ten_thousand_hopeless_jobs_says_so_and_works_when_they_are_gone(
    manager: ClusterManager,
) -> None:
    """Jobs that sleep stand for the workers of 200 clusters whose runners have not removed all but a few of them yet.

    HTCondor offers the pool only the first jobs of a user, so that these delay all others.
    """
    began = time.monotonic()
    for number in range(CLUSTERS):
        stand_in = {
            "executable": "/bin/sleep",
            "arguments": "600",
            "transfer_executable": "false",
            "request_memory": str(20_000_000 + 200 * number),
            "My.AfLabTestStandIn": "true",
            "My.AfLabSchema": str(ads.SCHEMA),
        }
        await manager.queue.submit(stand_in, JOBS)
    queued = time.monotonic() - began
    began = time.monotonic()
    await manager.create(make_spec({"name": "modest", "workers": 2}))
    created = time.monotonic() - began

    async def explained() -> bool:
        return f"behind {CLUSTERS * JOBS} other jobs of yours" in (await manager.explain("modest")).why_waiting

    await until(explained, "the cluster says what its workers wait for")
    began = time.monotonic()
    await manager.explain("modest")
    explaining = time.monotonic() - began
    began = time.monotonic()
    await manager.queue.remove(STAND_INS, "the test goes on")
    await connected(manager, "modest", 2, seconds=300)
    print(
        f"\n{CLUSTERS * JOBS:,} hopeless jobs of {CLUSTERS} kinds queued in {queued:.1f} s; beside them a cluster was "
        f"made in {created:.1f} s, explained itself in {explaining:.2f} s, and had its 2 workers "
        f"{time.monotonic() - began:.1f} s after they were removed"
    )
