"""Older versions of HTCondor: the daemons of Debian 13 with bindings of 23, and both with others."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from af_lab.playground import condor_debian
from af_lab.playground.install_progress import Silent

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not condor_debian.possible(), reason="the daemons are packages of Debian"),
]

REPOSITORY = Path(__file__).parents[2]
SUITE = "trixie"
LIFE = [
    *("tests/manager/test_life.py", "tests/condor/test_queue.py", "tests/condor/test_pool.py"),
    *("tests/faults/test_scheduler.py", "tests/faults/test_scaling.py"),
]
# Each is the last of its kind.
BINDINGS = {"23": "23.10.29", "24": "24.0.24"}


@dataclass(frozen=True)
class Versions:
    """Daemons and bindings of several versions."""

    daemons: Path
    bindings: dict[str, Path]

    def run(
        self, *command: str, old_daemons: bool, bindings: str, limit: float = 1500
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a temporary pool, whose daemons and bindings have these versions."""
        environment = dict(os.environ)
        for name in ("CONDOR_CONFIG", "AF_LAB_HOME", "PYTEST_ADDOPTS"):
            environment.pop(name, None)
        if old_daemons:
            environment["PATH"] = f"{self.daemons / 'sbin'}:{self.daemons / 'bin'}:{environment['PATH']}"
        environment["PYTHONPATH"] = str(self.bindings[bindings])
        pool = [sys.executable, "-m", "af_lab", "pool", "run", "--temporary", "--cpus", "16", "--memory", "32 GB"]
        return subprocess.run(
            [*pool, "--", *command],
            env=environment,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )


@pytest.fixture(scope="module")
def versions(folder_of_programs: Path) -> Versions:
    folder = folder_of_programs / "condor"
    daemons = condor_debian.install(folder / "daemons", Silent(), SUITE)
    bindings = {}
    for name, version in BINDINGS.items():
        bindings[name] = folder / name
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
                *("--target", bindings[name], f"htcondor=={version}"),
            ],
            check=True,
            timeout=600,
        )
    return Versions(daemons, bindings)


@pytest.mark.parametrize(("old_daemons", "bindings"), [(True, "23"), (False, "23"), (False, "24")])
def test_a_cluster_lives_its_whole_life(versions: Versions, old_daemons: bool, bindings: str) -> None:
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not system"]
    done = versions.run(*pytest_, *LIFE, old_daemons=old_daemons, bindings=bindings)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_bindings_that_do_not_fit_are_named_with_those_that_do(versions: Versions, tmp_path: Path) -> None:
    # As on an access point of a facility: nothing says that the pool is a user's own.
    config = tmp_path / "condor_config"
    script = (
        f"grep -v ^USERID_MAP $CONDOR_CONFIG > {config}; "
        f"export CONDOR_CONFIG={config} PYTHONPATH={versions.bindings['24']} COLUMNS=400; "
        f"{sys.executable} -m af_lab cluster list 2>&1; {sys.executable} -m af_lab doctor 2>&1"
    )
    said = versions.run("sh", "-c", script, old_daemons=True, bindings="23").stdout
    told, *checks = said.splitlines()
    assert "version 23.9.6, and the Python bindings 24.0.24 do not work with them" in told
    assert 'pip install "htcondor==23.10.*"' in told
    failed = [line for line in checks if line.startswith("failed")]
    for subject in ("HTCondor bindings", "HTCondor's schedd"):
        (line,) = (line for line in failed if subject in line)
        assert all(version in line for version in ("24.0.24", "23.9.6", "htcondor==23.10.*")), line
    assert "does not answer" not in said
