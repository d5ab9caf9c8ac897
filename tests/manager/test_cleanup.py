"""What gone clusters left behind goes, what living ones need stays, and what others forged counts for nothing."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import dask.config
import pytest

from af_lab.condor.description import string
from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.job import JobStatus
from af_lab.condor.queue import Queue
from af_lab.errors import ClusterNotFound
from af_lab.home import af_lab_home
from af_lab.manager import cleanup
from af_lab.manager.manager import ClusterManager
from af_lab.model import ads
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from af_lab.model.spec import make_spec
from af_lab.playground.installation import find_installation
from af_lab.playground.run import temporary_pool
from af_lab.playground.sizing import PoolSize
from tests.faults.support import connected
from tests.support import CONDOR_TIMEOUT, clean, jobs_left, until

pytestmark = pytest.mark.pool

NO_SUCH_JOB = 999_999_999
DAY = 86_400.0


def worker_like(scheduler: int) -> dict[str, str]:
    """Describe a job that says it is a worker of a scheduler job, and that no slot takes."""
    return {
        "universe": "vanilla",
        "executable": "/bin/sleep",
        "transfer_executable": "false",
        "arguments": "600",
        "requirements": "false",
        f"My.{ads.SCHEMA_ATTRIBUTE}": str(ads.SCHEMA),
        f"My.{ads.SCHEDULER}": str(scheduler),
    }


@pytest.fixture
def any_age(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job counts as an orphan at once, not only after a while."""
    monkeypatch.setattr(cleanup, "ORPHAN_AGE", -10)


async def workers_of(queue: Queue, scheduler: int) -> int:
    """Count the worker jobs of a scheduler job that nobody has removed."""
    constraint = f"{ads.SCHEDULER} =?= {scheduler} && JobStatus =!= {JobStatus.REMOVED:d}"
    return len(await queue.query(constraint, ["ClusterId"]))


async def who_lists(manager: ClusterManager) -> None:
    await manager.clusters()


async def who_creates(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "another", "workers": 0}))


@pytest.mark.usefixtures("any_age")
@pytest.mark.parametrize("somebody", [who_lists, who_creates])
async def test_orphans_are_swept_by_whoever_comes_next_and_the_workers_of_living_clusters_are_not(
    manager: ClusterManager, connection: HelperConnection, somebody: Callable[[ClusterManager], Awaitable[None]]
) -> None:
    living = (await manager.create(make_spec({"name": "living", "workers": 3}))).info
    await manager.queue.submit(worker_like(NO_SUCH_JOB), 200)
    assert await workers_of(manager.queue, NO_SUCH_JOB) == 200
    await somebody(ClusterManager(connection))
    assert await workers_of(manager.queue, NO_SUCH_JOB) == 0
    assert await workers_of(manager.queue, living.id) == 3


async def test_young_jobs_without_a_scheduler_may_be_those_of_a_cluster_that_is_being_made(
    manager: ClusterManager,
) -> None:
    await manager.queue.submit(worker_like(NO_SUCH_JOB), 5)
    assert await manager.sweep() == 0
    assert await workers_of(manager.queue, NO_SUCH_JOB) == 5


@pytest.mark.usefixtures("any_age")
async def test_a_cluster_on_hold_keeps_no_workers(manager: ClusterManager) -> None:
    # They wait: workers that run end by themselves, without their scheduler.
    info = (await manager.create(make_spec({"name": "held", "workers": 2, "memory": "900 TB"}))).info
    await manager.wait_until_running("held")
    await manager.queue.hold(f"ClusterId == {info.id}", "as a facility's policy may do")

    async def held() -> bool:
        return (await manager.get("held")).state == "held"

    await until(held, "the cluster is on hold")
    assert await workers_of(manager.queue, info.id) == 2, "HTCondor itself leaves them"
    assert await manager.sweep() == 2
    assert await workers_of(manager.queue, info.id) == 0


async def test_those_who_list_often_sweep_seldom(manager: ClusterManager, monkeypatch: pytest.MonkeyPatch) -> None:
    await manager.clusters()
    monkeypatch.setattr(cleanup, "ORPHAN_AGE", -10)
    await manager.queue.submit(worker_like(NO_SUCH_JOB), 1)
    await manager.clusters()
    assert await workers_of(manager.queue, NO_SUCH_JOB) == 1


def folder_of_age(seconds: float) -> ClusterFolder:
    folder = ClusterFolder.create(af_lab_home(), make_credentials("gone"))
    set_age(folder, seconds)
    return folder


def set_age(folder: ClusterFolder, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(folder.path, (moment, moment))


async def test_old_folders_without_a_cluster_are_removed_with_the_keys_in_them(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "used", "workers": 0}))
    used_folder = await manager.folder("used")
    old, young = folder_of_age(3 * DAY), folder_of_age(1 * DAY)
    set_age(used_folder, 3 * DAY)
    await manager.create(make_spec({"name": "next", "workers": 0}))
    assert not old.path.exists()
    assert young.scheduler_certificate.exists()
    assert used_folder.scheduler_certificate.exists()


async def test_the_folder_of_a_running_cluster_stays_young_for_those_who_do_not_see_it_in_their_queue(
    manager: ClusterManager,
) -> None:
    with dask.config.set({"af-lab.scheduler.poll": "1 s"}):
        await manager.create(make_spec({"name": "elsewhere", "workers": 0}))
    await manager.wait_until_running("elsewhere")
    folder = await manager.folder("elsewhere")
    set_age(folder, 3 * DAY)
    await until(lambda: folder.path.stat().st_mtime > time.time() - DAY, "the folder is young again")


@pytest.fixture
def pool_of_two(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A pool of the test's own, whose schedd believes whatever a job says of its owner."""
    installation = find_installation()
    assert installation is not None
    with temporary_pool(installation, PoolSize(4, 8 * 2**30)) as pool:
        with pool.config.open("a") as config:
            config.write("QUEUE_ALL_USERS_TRUSTED = True\n")
        monkeypatch.setenv("CONDOR_CONFIG", str(pool.config))
        subprocess.run(["condor_reconfig", "-schedd"], check=True, capture_output=True, timeout=60)
        yield pool.config


async def forge(connection: HelperConnection, description: dict[str, str]) -> int:
    """Submit a job that belongs to somebody else."""
    forged = {**description, "My.Owner": string("mallory")}
    return int((await connection.acall("submit", description=forged, count=1))["cluster"])


async def forged_jobs(connection: HelperConnection) -> list[int]:
    constraint = f'Owner =?= "mallory" && JobStatus =?= {JobStatus.IDLE:d}'
    found = await connection.acall("query", constraint=constraint, projection=["ClusterId"], limit=-1)
    return sorted(ad["ClusterId"] for ad in found)


@pytest.mark.usefixtures("any_age", "pool_of_two")
async def test_forged_ads_of_another_owner_change_no_list_count_or_removal() -> None:
    connection = HelperConnection(CONDOR_TIMEOUT)
    manager = ClusterManager(connection)

    def cluster_like(name: str) -> dict[str, str]:
        spec = make_spec({"name": name, "workers": 7})
        described = {
            ads.SCHEMA_ATTRIBUTE: str(ads.SCHEMA),
            ads.NAME: string(name),
            ads.SPEC: string(ads.encode(spec.model_dump(mode="json"))),
            ads.WORKERS: "7",
            ads.GENERATION: "1",
        }
        return worker_like(NO_SUCH_JOB) | {f"My.{name}": value for name, value in described.items()}

    try:
        await until_trusted(connection)
        # An older job of that name would win, and one of another name would be listed.
        forged = [await forge(connection, cluster_like("mine")), await forge(connection, cluster_like("foreign"))]
        made = (await manager.create(make_spec({"name": "mine", "workers": 1}))).info
        await manager.wait_until_running("mine")
        await connected(manager, "mine", 1)
        # One more worker, and an orphan.
        forged += [await forge(connection, worker_like(id_)) for id_ in (made.id, NO_SUCH_JOB)]

        assert [info.name for info in await manager.clusters()] == ["mine"]
        with pytest.raises(ClusterNotFound):
            await manager.get("foreign")
        with pytest.raises(ClusterNotFound):
            await manager.shutdown("foreign")
        more = (await manager.scale("mine", 2)).info
        assert more.counts.requested == 2
        await connected(manager, "mine", 2)
        assert len(await manager.workers("mine")) == 2
        fewer = (await manager.scale("mine", 0)).info
        assert fewer.counts.waiting == 0
        with pytest.raises(ClusterNotFound, match="no worker"):
            await manager.remove_worker("mine", f"{forged[2]}.0")
        assert await manager.sweep() == 0
        await manager.scale("mine", 1)
        await connected(manager, "mine", 1)
        await manager.shutdown("mine")

        async def gone() -> bool:
            return await jobs_left(manager.queue) == 0

        # The schedd removes the workers of a cluster in one go; a forged one would be among them.
        await until(gone, "the cluster has left with its worker")
        assert await forged_jobs(connection) == forged
    finally:
        await clean(manager.queue)
        connection.close()


async def until_trusted(connection: HelperConnection) -> None:
    """Wait until the schedd has taken over its new setting."""

    async def taken() -> bool:
        try:
            id_ = await forge(connection, worker_like(NO_SUCH_JOB))
        except Exception:
            return False
        await connection.acall("act", action="Remove", constraint=f"ClusterId == {id_}", reason="only tried")
        return True

    await until(taken, "the schedd believes what a job says of its owner")
