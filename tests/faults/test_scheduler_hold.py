"""A scheduler job that somebody or a policy puts on hold: the cluster exists, says so, and starts again."""

from __future__ import annotations

import subprocess

import dask.config
import pytest

from af_lab.errors import ClusterExists, ClusterFailed, ClusterNotFound, LimitExceeded
from af_lab.manager import cleanup
from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from tests.faults.support import connected, worker_jobs
from tests.support import until

pytestmark = pytest.mark.pool


async def _held(manager: ClusterManager, by: str) -> None:
    async def held() -> bool:
        info = await manager.get("paused")
        return info.state == "held" and f"was put on hold {by}" in (info.reason or "")

    await until(held, f"the cluster is on hold {by}")


async def test_a_cluster_on_hold_keeps_its_name_loses_its_workers_and_starts_again(manager: ClusterManager) -> None:
    made = (await manager.create(make_spec({"name": "paused", "workers": 2}))).info
    await connected(manager, "paused", 2)
    assert (await manager.release("paused")).info.state == "running", "there is nothing to release"

    command = ["condor_hold", "-reason", "for a look", str(made.id)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    await _held(manager, "by hand: for a look")

    async def without_workers() -> bool:
        return await worker_jobs(manager, made.id) == 0

    await until(without_workers, "its workers end by themselves")
    remedy = r"'paused' is on hold\. .*for a look \(by user \w+\)\. .*`af-lab cluster release paused`"
    with pytest.raises(ClusterFailed, match=remedy):
        await manager.wait_until_running("paused")
    with pytest.raises(ClusterExists, match="does not run; start it again with `af-lab cluster release paused`"):
        await manager.create(make_spec({"name": "paused"}))
    with (
        dask.config.set({"af-lab.limits.clusters": 1}),
        pytest.raises(LimitExceeded, match="and you have 1: paused"),
    ):
        await manager.create(make_spec({"name": "another"}))
    assert [(info.name, info.state) for info in await manager.clusters()] == [("paused", "held")]

    assert (await manager.scale("paused", 1)).info.state == "held", "what is wanted counts from the next start on"
    assert (await manager.release("paused")).info.state in ("pending", "running")
    await connected(manager, "paused", 1)
    info = await manager.get("paused")
    assert (info.id, info.state, info.reason) == (made.id, "running", None)


async def test_a_hold_by_policy_is_told_and_workers_that_wait_are_removed(
    manager: ClusterManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "ORPHAN_AGE", -10)
    made = (await manager.create(make_spec({"name": "paused", "workers": 2, "memory": "900 TB"}))).info
    await manager.wait_until_running("paused")
    # As a facility's JOB_TRANSFORM may add it.
    policy = {"PeriodicHold": "true", "PeriodicHoldReason": '"The facility is being repaired."'}
    await manager.queue.edit(f"ClusterId == {made.id}", policy)
    await _held(manager, "by a policy that the facility adds to jobs: The facility is being repaired. Its")
    assert await worker_jobs(manager, made.id) == 2
    await manager.sweep()
    assert await worker_jobs(manager, made.id) == 0

    await manager.queue.edit(f"ClusterId == {made.id}", {"PeriodicHold": "false"})
    await manager.release("paused")
    assert (await manager.wait_until_running("paused")).state == "running"

    await manager.queue.hold(f"ClusterId == {made.id}", "again")
    await _held(manager, "by hand: again")
    await manager.shutdown("paused")

    async def gone() -> bool:
        return not await manager.clusters()

    await until(gone, "a cluster on hold can be stopped")
    with pytest.raises(ClusterNotFound):
        await manager.release("paused")
