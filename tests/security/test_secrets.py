"""Nothing that others can read holds a key, a token or a secret: no ad, command line, log, or text of an object."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client

import af_lab
from af_lab.condor.helper_connection import HelperConnection
from af_lab.errors import ClusterFailed, SpecError
from af_lab.manager.manager import ClusterManager
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from af_lab.model.runner_calls import SECRET_HEADER
from af_lab.model.spec import make_spec
from af_lab.playground.sizing import PoolSize
from tests.condor.support import configured_pool, use_pool
from tests.faults.support import client_of, connected
from tests.jobs.pythons import bare_python
from tests.security.plugin import MARKER, found_below, found_in, pool_folders, secrets_of
from tests.security.processes import Seen, all_processes, processes_of
from tests.support import CONDOR_TIMEOUT, page_status, until

SESSION = re.compile(rb"CONDOR_SECURITY_SESSION=([^\0]{20,})")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for clusters whose maker lets everybody read and write whatever is made, and has a token."""
    before = os.umask(0)
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TOKEN_OF_THE_MAKER", f"{MARKER}-of-the-maker")
    yield tmp_path / "home"
    os.umask(before)


def of_runner(folder: ClusterFolder, processes: list[Seen]) -> Seen:
    (runner,) = [seen for seen in processes if b"af_lab.runner" in seen.command]
    return runner


def queue_shown() -> bytes:
    """Return all that HTCondor tells anybody about jobs: those in the queue, and those that were in it."""
    shown = (["condor_q", "-allusers", "-long"], ["condor_history", "-long"], ["condor_status", "-any", "-long"])
    return b"".join(subprocess.run(ask, capture_output=True, check=True, timeout=60).stdout for ask in shown)


@pytest.mark.pool
async def test_a_cluster_that_went_through_everything_gave_nothing_away(
    manager: ClusterManager, home: Path, tmp_path: Path
) -> None:
    variables = {"API_TOKEN": f"{MARKER} $HOME 'quoted'\n{MARKER}"}
    await manager.create(make_spec({"name": "full", "workers": 2, "variables": variables}))
    await connected(manager, "full", 2)
    folder = await manager.folder("full")
    secrets = secrets_of([home])
    assert len(secrets) == 6, "the keys of scheduler and workers, and the HTTP secret, are looked for"

    # A life with work, failures, strangers, and changes of size.
    async with client_of(manager, "full") as client:
        assert sorted(await client.gather(client.map(_square, range(20)))) == sorted(n * n for n in range(20))
        with pytest.raises(ZeroDivisionError):
            await client.submit(_divide, 1, 0)
    dashboard = await manager.dashboard("full")
    for secret, answer in ((dashboard.secret, 200), (dashboard.secret[:-1], 403), ("", 403)):
        assert await page_status(dashboard, f"/health?x={MARKER[:3]}", **{SECRET_HEADER: secret}) == answer
    stranger = ClusterFolder.create(tmp_path / "stranger", make_credentials("stranger"))
    address = str(folder.read_address())
    with pytest.raises(OSError, match=r"Timed out|certificate|ssl"):
        await Client(address, security=stranger.security(), asynchronous=True, timeout="2 s")
    # Seen while all processes live.
    processes = processes_of(folder.path)
    runner = of_runner(folder, processes)
    of_workers = {seen.pid: seen for seen in processes if b"af_lab.worker" in seen.command}
    nannies = [seen for seen in of_workers.values() if seen.parent not in of_workers]
    assert len(nannies) == 2
    assert runner.environment is None or f"{MARKER} $HOME".encode() in runner.environment
    look_at(all_processes(), {seen.pid for seen in processes}, secrets)
    shown = queue_shown()

    os.kill(nannies[0].pid, signal.SIGKILL)
    os.kill(runner.pid, signal.SIGKILL)

    async def restarted() -> bool:
        return len(list(folder.logs.glob("scheduler-*.log"))) == 2

    await until(restarted, "the scheduler was started again")
    await connected(manager, "full", 2)
    processes = processes_of(folder.path)
    look_at(all_processes(), {seen.pid for seen in processes}, secrets)
    await manager.scale("full", 3)
    await connected(manager, "full", 3)
    await manager.adapt("full", 0, 1)
    shown += queue_shown()
    modes_are_closed(home)
    await manager.shutdown("full")

    # Another one fails.
    environment = {"path": bare_python(tmp_path)}
    with contextlib.suppress(ClusterFailed):
        await manager.create(make_spec({"name": "bad", "variables": variables}))
        broken = await manager.folder("bad")
        broken.write(broken.scheduler_program, b"#!/bin/sh\nexit 3\n", mode=0o700)
        await manager.wait_until_running("bad")
    with pytest.raises(Exception, match="python") as refused:
        await manager.create(make_spec({"name": "worse", "variables": variables, "environment": environment}))
    shown += queue_shown() + str(refused.value).encode()

    secrets = secrets_of([home])
    assert b"AfLabSpec" in shown
    assert b"API_TOKEN" not in shown, "even the names of variables stand in the encoded specification only"
    assert not found_in(shown, secrets)
    assert not found_below([*pool_folders(), home], secrets)
    modes_are_closed(home)


def look_at(processes: list[Seen], own: set[int], secrets: dict[str, bytes]) -> None:
    """Look for secrets in all processes; those in `own` may have the values of the cluster's variables."""
    environments = [seen.environment or b"" for seen in processes if seen.pid in own]
    sessions = {found[1] for environment in environments for found in SESSION.finditer(environment)}
    for seen in processes:
        assert not found_in(seen.command, secrets), seen.command
        assert not [session for session in sessions if session in seen.command]
        # What this process started has what it was given itself.
        if seen.environment is None or seen.parent == os.getpid():
            continue
        found = set(found_in(seen.environment, secrets))
        assert found <= ({"the marker of variables"} if seen.pid in own else set()), seen.command
        assert f"{MARKER}-of-the-maker".encode() not in seen.environment
        if b"af_lab.worker" in seen.command:
            assert not SESSION.search(seen.environment), "HTCondor's session stays with the runner"


def modes_are_closed(home: Path) -> None:
    """Check that others get at nothing of a cluster: files are closed, and so are the folders of HTCondor's logs."""
    clusters = home / "clusters"
    for path in [clusters, *clusters.rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        by_htcondor = path.suffix == ".out" or path.name == "events.log"
        assert by_htcondor or mode & 0o077 == 0, (path, oct(mode))


def _square(number: int) -> int:
    return number * number


def _divide(number: int, by: int) -> float:
    return number / by


def test_the_text_of_an_object_does_not_show_what_is_secret_in_it() -> None:
    credentials = make_credentials("x")
    spec = make_spec({"variables": {"TOKEN": MARKER}})
    for shown in (repr(credentials), str(credentials), repr(spec), str(spec), f"{spec!r:s}", spec.model_dump_json()):
        assert MARKER not in shown
        assert credentials.http_secret not in shown
        assert "PRIVATE" not in shown


@pytest.mark.parametrize(
    "fields",
    [
        {"variables": {"TOKEN": f"{MARKER}\0"}},
        {"variables": {"TOKEN": [MARKER]}},
        {"variables": {"TOKEN": MARKER, "A B": MARKER}},
        {"variables": f"TOKEN={MARKER}"},
        {"variables": [MARKER]},
        {"variables": {"TOKEN": MARKER}, "name": "/"},
        {"variables": {"TOKEN": MARKER}, "workers": 1, "adapt": (0, 1)},
        {"environment": {"TOKEN": MARKER}},
    ],
)
def test_an_error_does_not_repeat_the_values_of_variables(fields: dict[str, object]) -> None:
    with pytest.raises(SpecError) as refused:
        make_spec(fields)
    error: BaseException | None = refused.value
    assert MARKER not in str(error)
    assert error is not None
    assert error.__suppress_context__, "a traceback shows what stands behind an error, too"


@pytest.mark.slow
async def test_keys_that_travel_arrive_encrypted_and_closed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the folder is not shared, HTCondor transfers the keys of the workers, and those alone."""
    elsewhere = {"STARTD.FILESYSTEM_DOMAIN": "elsewhere", "STARTER.FILESYSTEM_DOMAIN": "elsewhere"}
    with configured_pool(PoolSize(2, 4 * 2**30), elsewhere) as pool:
        use_pool(pool, monkeypatch)
        connections = HelperConnection(CONDOR_TIMEOUT), HelperConnection(CONDOR_TIMEOUT)
        try:
            manager = ClusterManager(*connections)
            await manager.create(make_spec({"name": "far", "workers": 1, "variables": {"TOKEN": MARKER}}))
            await connected(manager, "far", 1)
            scratch = pool.folder / "execute"
            here = {path.name: path for path in scratch.rglob("*") if path.is_file()}
            assert {"worker.pem", "environment.sh", "authority.pem", "contact.json"} <= here.keys()
            assert not {"scheduler.pem", "http-secret"} & here.keys(), "what only the scheduler needs stays at home"
            assert {stat.S_IMODE(here[name].stat().st_mode) & 0o077 for name in ("worker.pem", "environment.sh")} == {0}
            (ad,) = await manager.queue.query("AfLabScheduler =!= undefined", ["EncryptInputFiles"])
            secret = {"worker.pem", "environment.sh", "worker.sh", "dask.json"}
            assert set(re.split(", *", ad["EncryptInputFiles"])) == secret
            async with client_of(manager, "far") as client:
                assert await client.submit(_square, 3) == 9
            await manager.shutdown("far")
            await asyncio.to_thread(_check_batch, MARKER)
        finally:
            for connection in connections:
                connection.close()
        assert not found_below([pool.log, pool.folder / "spool", home], secrets_of([home]))


def _check_batch(secret: str) -> None:
    """The calls of a batch travel, encrypted, and their results come back."""
    with af_lab.BatchExecutor("far", memory="200 MB", variables={"TOKEN": secret}, quiet=True) as executor:
        assert list(executor.map(_square, range(4), chunksize=2)) == [0, 1, 4, 9]
        assert executor.submit(_token_backwards).result() == secret[::-1]
        folder = executor._engine.batch.folder.path
    assert (folder / "results" / "0" / "1.results").is_file()
    assert not list(folder.glob("*.results")), "each file of results has its place"


def _token_backwards() -> str:
    return os.environ["TOKEN"][::-1]


def test_the_search_after_all_tests_finds_what_is_there(tmp_path: Path) -> None:
    folder = ClusterFolder.create(tmp_path, make_credentials("x"))
    secrets = secrets_of([tmp_path])
    assert not found_below([tmp_path], secrets)
    key = folder.worker_certificate.read_text().splitlines()[-3]
    leaks = (folder.http_secret.read_text(), key, f"TOKEN={MARKER}", "-----BEGIN PRIVATE KEY-----")
    for leak in leaks:
        log = Path(tempfile.mkdtemp(dir=tmp_path)) / "StarterLog"
        log.write_text(f"11/24/26 a line\n11/24/26 {leak} another\n")
        assert len(found_below([tmp_path], secrets)) == 1, leak
        shutil.rmtree(log.parent)
