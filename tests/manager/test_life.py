"""The life of a cluster, on a real pool."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import dask.config
import pytest
from distributed import Client
from distributed.security import Security

from af_lab.condor.helper_connection import HelperConnection
from af_lab.errors import ClusterExists, ClusterFailed, ClusterNotFound
from af_lab.manager.dashboard import Dashboard
from af_lab.manager.manager import ClusterManager
from af_lab.model import ads
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from af_lab.model.runner_calls import SECRET_HEADER
from af_lab.model.spec import make_spec
from tests.faults.support import connected, runner_pid
from tests.support import CONDOR_TIMEOUT, page_status, processes_with, until

pytestmark = pytest.mark.pool


async def test_created_listed_scaled_and_ended(manager: ClusterManager) -> None:
    made = (await manager.create(make_spec({"name": "life", "workers": 2}))).info
    assert (made.state, made.workers, made.counts.requested) == ("pending", 2, 2)
    running = await manager.wait_until_running("life")
    assert running.state == "running"
    assert (running.scheduler_address or "").startswith("tls://")
    await connected(manager, "life", 2)

    more = (await manager.scale("life", 4)).info
    assert (more.workers, more.generation, more.observed_generation) == (4, 2, 2)
    await connected(manager, "life", 4)
    await manager.scale("life", 1)
    await connected(manager, "life", 1)

    async def fitting() -> bool:
        counts = (await manager.get("life")).counts
        return (counts.connected, counts.submitted, counts.leaving) == (1, 1, 0)

    await until(fitting, "one worker job is left")
    assert [info.name for info in await manager.clusters()] == ["life"]

    await manager.shutdown("life")

    async def gone() -> bool:
        return not await manager.clusters()

    await until(gone, "no cluster is left")
    with pytest.raises(ClusterNotFound, match="no cluster 'life'"):
        await manager.get("life")


async def test_the_wanted_number_may_be_written_by_condor_qedit(manager: ClusterManager) -> None:
    # Nothing tells the runner of it.
    with dask.config.set({"af-lab.scheduler.poll": "2 s"}):
        await manager.create(make_spec({"name": "qedit", "workers": 0}))
    info = await manager.wait_until_running("qedit")
    subprocess.run(["condor_qedit", str(info.id), ads.WORKERS, "1"], check=True, capture_output=True, timeout=60)
    await connected(manager, "qedit", 1)


async def test_a_port_that_was_taken_meanwhile_is_given_up(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "port", "workers": 0}))
    before = await manager.wait_until_running("port")
    folder = await manager.folder("port")
    with socket.socket() as thief:
        thief.bind(("", 0))
        thief.listen()
        folder.write_address(f"tls://127.0.0.1:{thief.getsockname()[1]}")
        os.kill(await runner_pid(manager, "port"), signal.SIGKILL)

        async def back() -> bool:
            info = await manager.get("port")
            return info.state == "running" and info.scheduler_address != before.scheduler_address

        await until(back, "the cluster is back at another address")


async def test_condor_rm_of_the_scheduler_job_removes_the_workers(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "cascade", "workers": 2, "memory": "10 GB"}))
    info = await manager.wait_until_running("cascade")
    await connected(manager, "cascade", 2)
    assert (await manager.scale("cascade", 200)).info.counts.waiting > 0, "some run and some wait"
    subprocess.run(["condor_rm", str(info.id)], check=True, capture_output=True, timeout=60)

    async def empty() -> bool:
        return not await manager.queue.query(f"{ads.SCHEMA_ATTRIBUTE} =!= undefined", ["ClusterId"])

    await until(empty, "no job is left")


async def test_a_client_may_end_the_scheduler_and_the_list_says_so(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "ended", "workers": 1}))
    info = await manager.wait_until_running("ended")
    security = (await manager.folder("ended")).security()
    async with Client(info.scheduler_address, security=security, asynchronous=True) as client:
        await client.shutdown()

    async def ended() -> bool:
        found = await manager.get("ended")
        return found.state == "ended" and "shut down by a client" in (found.reason or "")

    await until(ended, "the cluster is listed as ended")
    assert not (await manager.get("ended")).exists
    await manager.create(make_spec({"name": "ended", "workers": 0}))
    assert (await manager.get("ended")).exists, "the name is free again"


async def test_a_python_that_lacks_something_is_told_with_its_name(manager: ClusterManager, tmp_path: Path) -> None:
    python = tmp_path / "python"
    # The same Python, but without distributed.
    python.write_text(f'#!/bin/sh\nexport PYTHONPATH={tmp_path}/lacks:$PYTHONPATH\nexec {sys.executable} "$@"\n')
    python.chmod(0o700)
    lacks = tmp_path / "lacks" / "distributed"
    lacks.mkdir(parents=True)
    # It was there when the cluster was made.
    (lacks / "__init__.py").write_text(
        "import sys\n__version__ = '2026.8.0'\n"
        "if sys.argv[0] != '-c':\n    raise ModuleNotFoundError(\"No module named 'distributed'\")\n"
    )
    await manager.create(make_spec({"name": "lacking", "environment": {"path": str(python)}}))
    with pytest.raises(ClusterFailed, match="No module named 'distributed'"):
        await manager.wait_until_running("lacking")
    assert (await manager.get("lacking")).state == "failed"

    # The next start does not come so far as to give a reason.
    folder = await manager.folder("lacking")
    folder.environment.unlink()
    await manager.release("lacking")

    async def failed_in_the_shell() -> bool:
        info = await manager.get("lacking")
        return info.state == "failed" and str(folder.environment) in (info.reason or "")

    await until(failed_in_the_shell, "what the shell said is the reason")
    part = await manager.logs("lacking")
    assert (str(folder.environment) in part.text, part.source) == (True, "scheduler.out")


async def test_of_creations_at_one_moment_one_wins(manager: ClusterManager) -> None:
    others = [HelperConnection(CONDOR_TIMEOUT) for _ in range(2)]
    try:
        managers = [manager, *(ClusterManager(other) for other in others)]
        spec = make_spec({"name": "contested", "workers": 0})
        made = await asyncio.gather(*(one.create(spec) for one in managers), return_exceptions=True)
    finally:
        for other in others:
            other.close()
    refused = [one for one in made if isinstance(one, ClusterExists)]
    assert len(refused) == len(managers) - 1, made
    await manager.wait_until_running("contested")
    (info,) = [info for info in await manager.clusters() if info.exists]
    assert info.name == "contested"


async def test_a_cluster_is_closed_to_all_who_do_not_have_its_keys(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "closed", "workers": 1}))
    info = await manager.wait_until_running("closed")
    await connected(manager, "closed", 1)
    folder = await manager.folder("closed")
    assert json.loads(folder.contact.read_text()) == {"address": info.scheduler_address}
    assert_nothing_secret_can_be_read_by_others(folder)
    await assert_the_http_side_answers_to_the_secret_alone(await manager.dashboard("closed"))
    with pytest.raises(ClusterNotFound):
        await manager.dashboard("none-such")
    # Their folder is removed, because all that the tests leave is searched for keys.
    with TemporaryDirectory() as keys, pytest.raises(OSError, match=r"Timed out|certificate|ssl"):
        await Client(info.scheduler_address, security=foreign_keys(Path(keys)), asynchronous=True, timeout="2 s")


def assert_nothing_secret_can_be_read_by_others(folder: ClusterFolder) -> None:
    secrets = [folder.http_secret.read_text()]
    for certificate in (folder.scheduler_certificate, folder.worker_certificate):
        secrets.append(certificate.read_text().split("PRIVATE KEY-----")[1].split()[0])
    readable = subprocess.run(["condor_q", "-long"], check=True, capture_output=True, text=True, timeout=60).stdout
    for pid in [*processes_with("af_lab.runner"), *processes_with("af_lab.worker"), *processes_with("distributed")]:
        # It may be one of another pool, and have ended.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            readable += Path(f"/proc/{pid}/cmdline").read_text()
            # The daemons may run in a user namespace of their own, whose processes keep theirs to themselves.
            with contextlib.suppress(PermissionError):
                readable += Path(f"/proc/{pid}/environ").read_text(errors="replace")
    readable += "".join(log.read_text() for log in folder.logs.iterdir())
    assert "AfLabName" in readable
    assert not [secret for secret in secrets if secret in readable]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in [folder.path]} == {0}


async def assert_the_http_side_answers_to_the_secret_alone(dashboard: Dashboard) -> None:
    key = {SECRET_HEADER: dashboard.secret}
    for route in ("/", "/status", "/health", "/metrics", "/info/main/workers.html", "/none-such", "/sitemap.json"):
        assert await page_status(dashboard, route) == 403, route
    for route in ("/health", "/status", "/individual-task-stream", "/individual-plots.json"):
        assert await page_status(dashboard, route, **key) == 200, route


def foreign_keys(folder: Path) -> Security:
    """Return what a client of another cluster has."""
    credentials = make_credentials("other")
    authority, member = folder / "authority.pem", folder / "member.pem"
    authority.write_bytes(credentials.authority)
    member.write_bytes(credentials.scheduler)
    return Security(
        require_encryption=True,
        tls_ca_file=str(authority),
        tls_client_cert=str(member),
        tls_client_key=str(member),
    )
