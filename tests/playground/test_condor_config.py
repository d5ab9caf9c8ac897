"""The configuration of a pool, as HTCondor itself reads it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from af_lab.playground.condor_config import render
from af_lab.playground.installation import Installation, find_installation
from af_lab.playground.sizing import PoolSize

pytestmark = pytest.mark.pool

_ALL_DAEMONS = "MASTER COLLECTOR NEGOTIATOR SCHEDD STARTD"


@pytest.fixture
def installation() -> Installation:
    found = find_installation()
    assert found is not None
    return found


@pytest.fixture
def config(installation: Installation, tmp_path: Path) -> Path:
    path = tmp_path / "condor_config"
    path.write_text(render(installation, tmp_path, PoolSize(12, 40 * 2**30), "somebody"))
    return path


def _value(installation: Installation, config: Path, name: str) -> str:
    asked = subprocess.run(
        [installation.bin / "condor_config_val", name],
        env=os.environ | {"CONDOR_CONFIG": str(config)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return asked.stdout.strip()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DAEMON_LIST", _ALL_DAEMONS),
        ("NETWORK_INTERFACE", "127.0.0.1"),
        ("SEC_DEFAULT_AUTHENTICATION_METHODS", "FS"),
        ("NUM_CPUS", "12"),
        ("MEMORY", "40960"),
        ("SLOT_TYPE_1_PARTITIONABLE", "True"),
    ],
)
def test_values(installation: Installation, config: Path, name: str, value: str) -> None:
    assert _value(installation, config, name) == value


def test_only_the_user_is_allowed(installation: Installation, config: Path) -> None:
    for name in ("READ", "WRITE", "DAEMON", "ADMINISTRATOR", "NEGOTIATOR", "ADVERTISE_STARTD"):
        assert _value(installation, config, f"ALLOW_{name}") == "somebody@af-lab"


def test_everything_is_written_into_the_pools_folder(installation: Installation, config: Path) -> None:
    for name in ("LOG", "SPOOL", "EXECUTE", "LOCK", "RUN", "COLLECTOR_ADDRESS_FILE", "SEC_TOKEN_SYSTEM_DIRECTORY"):
        assert Path(_value(installation, config, name)).is_relative_to(config.parent)


def test_programs_are_those_of_the_installation(installation: Installation, config: Path) -> None:
    for name in ("MASTER", "COLLECTOR", "NEGOTIATOR", "SCHEDD", "STARTD", "STARTER", "SHADOW", "PROCD"):
        program = Path(_value(installation, config, name))
        assert program.is_file(), name
        assert program.is_relative_to(installation.release_dir)
