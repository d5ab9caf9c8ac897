"""A cluster survives an upgrade of af_lab; those of a newer version are left to it, in words."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from af_lab.condor.description import string
from af_lab.condor.job import JobId, JobStatus
from af_lab.home import af_lab_home
from af_lab.jobs.versions import own_versions
from af_lab.manager import cleanup
from af_lab.manager.manager import ClusterManager
from af_lab.model import ads
from af_lab.model.ads import SchemaMismatch
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from af_lab.model.spec import make_spec
from af_lab.notebook.version_check import check_cluster
from tests.faults.support import connected
from tests.support import jobs_left, until

pytestmark = pytest.mark.pool

NEWER = ads.SCHEMA + 1

# What schema 3 has in the queue and in a cluster's folder, word for word but for paths and the owner's name. Whatever a
# later version of af_lab writes: it has to run, scale and end the clusters that were made so.
SCHEDULER_JOB_3 = {
    "universe": "scheduler",
    "executable": "FOLDER/scheduler.sh",
    "transfer_executable": "false",
    "initialdir": "FOLDER",
    "output": "FOLDER/logs/scheduler.out",
    "error": "FOLDER/logs/scheduler.out",
    "log": "FOLDER/events.log",
    "getenv": "false",
    "on_exit_remove": "(ExitBySignal =?= false) && (ExitCode =?= 0)",
    "on_exit_hold": "(ExitBySignal =?= false) && (ExitCode =!= 0)",
    "on_exit_hold_reason": '"The Dask scheduler cannot run; its log says why."',
    "remove_kill_sig": "SIGKILL",
    "leave_in_queue": "(JobStatus == 4) && ((time() - CompletionDate) < 86400)",
    "batch_name": "af_lab n",
    "My.DisableCoolDown": "true",
    "My.OtherJobRemoveRequirements": '"(Owner =?= \\"OWNER\\") && AfLabScheduler =?= $(ClusterId)"',
    "My.AfLabWorkers": "2",
    "My.AfLabGeneration": "1",
    "My.AfLabMinimum": "undefined",
    "My.AfLabMaximum": "undefined",
}
WORKER_JOB_3 = {
    "MY.DaskWorkerCores": "1",
    "MY.DaskWorkerMemory": "2000000000",
    "MY.DaskWorkerDisk": "1000000000",
    "universe": "vanilla",
    "executable": "/bin/sh",
    "transfer_executable": "false",
    "arguments": (
        "\"-c 'exec 2>&1; . ./environment.sh; exec PYTHON -P -m af_lab.worker contact.json --name worker --nthreads 1 "
        "--memory-limit 1.86GiB --death-timeout 60'\""
    ),
    "initialdir": "FOLDER",
    "output": "FOLDER/logs/worker-$(ClusterId).$(ProcId).out",
    "error": "FOLDER/logs/worker-$(ClusterId).$(ProcId).out",
    "stream_output": "true",
    "stream_error": "true",
    "log": "FOLDER/events.log",
    "getenv": "false",
    "should_transfer_files": "IF_NEEDED",
    "when_to_transfer_output": "ON_EXIT",
    "transfer_output_files": '""',
    "transfer_input_files": ("FOLDER/contact.json, FOLDER/authority.pem, FOLDER/worker.pem, FOLDER/environment.sh"),
    "encrypt_input_files": "worker.pem, environment.sh",
    "request_cpus": "1",
    "request_memory": "1908",
    "request_disk": "976563",
    "retry_request_memory_increase": "RequestMemory * 2",
    "retry_request_memory_max": "7632",
    "on_exit_hold": "(ExitBySignal =?= false) && (ExitCode =?= 34)",
    "on_exit_hold_subcode": "102",
    "on_exit_hold_reason": '"The worker outgrew the memory of its job."',
    "remove_kill_sig": "SIGKILL",
    "batch_name": "af_lab n",
    "My.AfLabSchema": "3",
}


SETTINGS_3 = {
    "scheduler": {
        "starts": 5,
        "starts-within": "10 min",
        "start-timeout": "60 s",
        "poll": "30 s",
        "interface": None,
        "ports": None,
        "contact-host": None,
    },
    "adaptive": {"patience": "30 s"},
    "worker": {"connect-timeout": "120 s"},
}
SPEC_3: dict[str, Any] = {
    "name": "n",
    "workers": 2,
    "adapt": None,
    "cores": 1,
    "memory": 2_000_000_000,
    "disk": 1_000_000_000,
    "gpus": 0,
    "arch": None,
    "sites": [],
    "environment": {"path": "PYTHON"},
    "variables": {},
    "submit": {},
    "idle_timeout": None,
}


def folder_3() -> ClusterFolder:
    """Make the folder of a cluster as schema 3 has it."""
    folder = ClusterFolder.create(af_lab_home(), make_credentials("old"))
    inherited = {
        name: os.environ[name] for name in ("CONDOR_CONFIG", "AF_LAB_HOME", "PYTHONPATH") if name in os.environ
    }
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in inherited.items())
    folder.write(folder.environment, f"{exports}export OMP_NUM_THREADS=1\nexport PATH=/usr/bin:/bin\n".encode())
    folder.write(
        folder.scheduler_program,
        f"#!/bin/sh\n. {folder.environment}\nexport HOME=/tmp\nexec {sys.executable} -P -m af_lab.runner\n".encode(),
        mode=0o700,
    )
    folder.write(folder.worker_description, json.dumps(filled_in(WORKER_JOB_3, folder, "")).encode())
    folder.write(folder.settings, json.dumps(SETTINGS_3).encode())
    return folder


def filled_in(description: dict[str, str], folder: ClusterFolder, owner: str) -> dict[str, str]:
    return {
        key: value.replace("FOLDER", str(folder.path)).replace("PYTHON", sys.executable).replace("OWNER", owner)
        for key, value in description.items()
    }


async def submit(manager: ClusterManager, folder: ClusterFolder, name: str, schema: int) -> JobId:
    """Submit a scheduler job that says it is of some schema."""
    spec = SPEC_3 | {"name": name, "environment": {"path": sys.executable}}
    versions = {name: getattr(own_versions(), name) for name in ("python", "dask", "distributed", "af_lab")}
    description = filled_in(SCHEDULER_JOB_3, folder, manager.queue.owner) | {
        "My.AfLabName": string(name),
        "My.AfLabSpec": string(ads.encode(spec)),
        "My.AfLabVersions": string(ads.encode(versions)),
        "My.AfLabSchema": str(schema),
    }
    (id_,) = await manager.queue.submit(description)
    return id_


async def test_a_cluster_of_the_oldest_schema_is_listed_restarted_scaled_and_stopped(manager: ClusterManager) -> None:
    assert ads.OLDEST_SCHEMA == 3, "what is submitted here is no cluster that has to be understood"
    folder = folder_3()
    id_ = await submit(manager, folder, "old", 3)
    worker = json.loads(folder.worker_description.read_text())
    await manager.queue.submit({**worker, "My.AfLabScheduler": str(id_.cluster)}, 2)
    info = await manager.wait_until_running("old")
    await connected(manager, "old", 2)
    (listed,) = await manager.clusters()
    assert (listed.name, listed.state, listed.workers, listed.adapt) == ("old", "running", 2, None)
    assert (listed.spec.idle_timeout, listed.spec.sites, listed.spec.gpus) == (None, (), 0)
    assert listed.environment.path == sys.executable
    check_cluster(listed)

    (log,) = folder.logs.glob("scheduler-*.log")
    os.kill(int(log.stem.rpartition("-")[2]), signal.SIGKILL)
    await until(lambda: len(list(folder.logs.glob("scheduler-*.log"))) == 2, "the scheduler is started again")
    await connected(manager, "old", 2)
    assert (await manager.get("old")).scheduler_address == info.scheduler_address

    more = (await manager.scale("old", 3)).info
    assert (more.workers, more.generation, more.observed_generation) == (3, 2, 2)
    await connected(manager, "old", 3)
    assert (await manager.adapt("old", 0, 5)).info.adapt is not None

    await manager.shutdown("old")

    async def gone() -> bool:
        return await jobs_left(manager.queue) == 0

    await until(gone, "all its jobs are gone")


async def test_a_schema_that_is_too_old_is_refused_in_words(manager: ClusterManager) -> None:
    folder = folder_3()
    folder.write(folder.scheduler_program, b"#!/bin/sh\nexec sleep 600\n", mode=0o700)
    id_ = await submit(manager, folder, "old", ads.OLDEST_SCHEMA - 1)
    remedy = rf"made by an older version of af_lab .* End it with `condor_rm {id_.cluster}`, then create it again"
    with pytest.raises(SchemaMismatch, match=remedy):
        await manager.get("old")


async def test_a_newer_schema_is_refused_in_words_and_hides_nothing(
    manager: ClusterManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "ORPHAN_AGE", -10)
    folder = folder_3()
    folder.write(folder.scheduler_program, b"#!/bin/sh\nexec sleep 600\n", mode=0o700)
    newer = await submit(manager, folder, "newer", NEWER)
    worker = json.loads(folder.worker_description.read_text())
    await manager.queue.submit({**worker, "requirements": "false", "My.AfLabScheduler": str(newer.cluster)})
    long_ago = time.time() - 3 * 86_400
    os.utime(folder.path, (long_ago, long_ago))

    refused = rf"'newer' \(job {newer.cluster}\) was made by a newer version .* Upgrade with `pip install -U af-lab`"
    before = await jobs_left(manager.queue)
    for ask in (
        manager.get("newer"),
        manager.scale("newer", 1),
        manager.adapt("newer", 0, 1),
        manager.shutdown("newer"),
        manager.create(make_spec({"name": "newer"})),
    ):
        with pytest.raises(SchemaMismatch, match=refused):
            await ask
    assert await jobs_left(manager.queue) == before

    # Whoever makes a cluster removes what gone ones left behind, and that is not what he cannot read.
    await manager.create(make_spec({"name": "present", "workers": 0}))
    assert [info.name for info in await manager.clusters()] == ["present"]
    assert await jobs_left(manager.queue) == before + 1
    assert folder.scheduler_certificate.exists()


async def test_a_runner_that_meets_a_newer_schema_fails_in_words(manager: ClusterManager) -> None:
    folder = folder_3()
    id_ = await submit(manager, folder, "newer", NEWER)

    async def failed() -> bool:
        (job,) = await manager.queue.query(f"ClusterId == {id_.cluster}", ["JobStatus"])
        return bool(job["JobStatus"] == JobStatus.HELD)

    await until(failed, "the scheduler job is on hold")
    reason = await asyncio.to_thread(Path.read_text, folder.reason)
    assert f"The Python of this cluster ({sys.executable}) cannot run it." in reason
    assert "was made by a newer version of af_lab" in reason
