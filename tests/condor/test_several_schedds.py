"""Several schedds on a machine, or none: the one that is meant is used, and the choice is named."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.job import schedd_of
from af_lab.condor.queue import Queue, account
from af_lab.errors import CondorAbsent, CondorUnavailable
from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from tests.faults.support import connected
from tests.support import CONDOR_TIMEOUT, EVERY_JOB, clean, wait

pytestmark = [pytest.mark.pool, pytest.mark.slow]

SECOND = "second@"
SETTINGS = """
SCHEDD2 = $(SCHEDD)
SCHEDD2_ARGS = -local-name second
second.SCHEDD_NAME = second@
second.SPOOL = {folder}/spool
second.LOCK = {folder}/lock
second.HISTORY = {folder}/history
second.JOB_QUEUE_LOG = {folder}/spool/job_queue.log
second.SCHEDD_LOG = {folder}/Log
second.SCHEDD_ADDRESS_FILE = {folder}/address
second.SCHEDD_DAEMON_AD_FILE = {folder}/ad
DAEMON_LIST = $(DAEMON_LIST) SCHEDD2
DC_DAEMON_LIST = + SCHEDD2
"""


def schedds() -> list[str]:
    command = ["condor_status", "-schedd", "-af", "Name"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split()


@pytest.fixture(scope="module")
def two_schedds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a second schedd in the pool; the name of the first."""
    config, folder = Path(os.environ["CONDOR_CONFIG"]), tmp_path_factory.mktemp("second")
    (folder / "spool").mkdir()
    (folder / "lock").mkdir()
    before = config.read_text()
    (first,) = schedds()
    try:
        config.write_text(before + SETTINGS.format(folder=folder))
        reconfigure()
        wait(lambda: len(schedds()) == 2, "the second schedd runs")
        yield first
    finally:
        subprocess.run(["condor_off", "-fast", "-subsystem", "schedd2"], check=False, capture_output=True, timeout=60)
        config.write_text(before)
        reconfigure()
        wait(lambda: schedds() == [first], "the second schedd is gone")


def reconfigure() -> None:
    subprocess.run(["condor_reconfig", "-master"], check=True, capture_output=True, timeout=60)


async def schedds_of_jobs(queue: Queue) -> set[str]:
    return {schedd_of(ad["GlobalJobId"]) for ad in await queue.query(EVERY_JOB, ["GlobalJobId"])}


@pytest.mark.parametrize("configured", [False, True])
async def test_the_chosen_schedd_has_all_jobs_of_a_cluster(
    two_schedds: str, manager: ClusterManager, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, configured: bool
) -> None:
    if configured:
        config = tmp_path / "condor_config"
        config.write_text(f"include : {os.environ['CONDOR_CONFIG']}\nSCHEDD_HOST = {two_schedds}\n")
        monkeypatch.setenv("CONDOR_CONFIG", str(config))
    # Jobs do not get this variable: the scheduler job finds out which schedd started it.
    monkeypatch.setenv("_CONDOR_SCHEDD_HOST", SECOND)
    try:
        await manager.create(make_spec({"name": "elsewhere", "workers": 1}))
        await connected(manager, "elsewhere", 1)
        # These are submitted by the scheduler itself.
        await manager.scale("elsewhere", 3)
        await connected(manager, "elsewhere", 3)
        assert await schedds_of_jobs(manager.queue) == {SECOND}
    finally:
        await clean(manager.queue)


async def test_without_a_choice_the_one_of_this_machine_is_used_and_doctor_names_both(
    two_schedds: str, tmp_path: Path
) -> None:
    lines = Path(os.environ["CONDOR_CONFIG"]).read_text().splitlines()
    config = tmp_path / "condor_config"
    config.write_text("\n".join([line for line in lines if not line.startswith("USERID_MAP")] + [""]))
    for chosen in ({}, {"_CONDOR_SCHEDD_HOST": SECOND}):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "af_lab", "doctor"],
            env=os.environ | {"CONDOR_CONFIG": str(config), "COLUMNS": "300"} | chosen,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        used = chosen.get("_CONDOR_SCHEDD_HOST", two_schedds)
        assert f"it is {used} of {two_schedds}, {SECOND} on its machine: SCHEDD_HOST chooses" in done.stdout


@pytest.mark.parametrize("host", ["", "third@", "nobody@nowhere.example"])
async def test_a_schedd_that_is_not_there_is_told_with_those_that_are(
    two_schedds: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    # As on a machine whose pool has its schedds elsewhere.
    config = tmp_path / "condor_config"
    gone = "SCHEDD_ADDRESS_FILE = /nowhere\nSCHEDD_DAEMON_AD_FILE = /nowhere\nSCHEDD_NAME = other\n"
    config.write_text(f"{Path(os.environ['CONDOR_CONFIG']).read_text()}\n{gone}")
    monkeypatch.setenv("CONDOR_CONFIG", str(config))
    if host:
        monkeypatch.setenv("_CONDOR_SCHEDD_HOST", host)
    connection = HelperConnection(CONDOR_TIMEOUT)
    try:
        with pytest.raises(CondorUnavailable, match=f"{two_schedds} and {SECOND}") as caught:
            await Queue(connection, account()).use()
    finally:
        connection.close()
    assert isinstance(caught.value, CondorAbsent) is (not host)
    assert f"_CONDOR_SCHEDD_HOST={two_schedds}" in str(caught.value) if not host else repr(host) in str(caught.value)
