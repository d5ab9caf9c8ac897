"""`af-lab doctor` on an access point of a facility, with wrong settings, and beside a module of Python's name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pool


def doctor(folder: Path, **variables: str) -> list[str]:
    """Run the doctor in a folder; return its lines."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "af_lab", "doctor"],
        env=os.environ | {"AF_LAB_HOME": str(folder / "home"), "COLUMNS": "300"} | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "Traceback" not in done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert done.returncode == any(line.startswith("failed") for line in lines)
    return lines


def access_point(folder: Path, more: str = "") -> Path:
    """Return a configuration of the tests' pool that does not say that it is a user's own."""
    lines = Path(os.environ["CONDOR_CONFIG"]).read_text().splitlines()
    config = folder / "condor_config"
    config.write_text("\n".join([line for line in lines if not line.startswith("USERID_MAP")] + [more, ""]))
    return config


def test_an_access_point_is_looked_at_and_needs_no_pool_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "types.py").write_text("raise SystemExit('the wrong module')")
    lines = doctor(tmp_path, CONDOR_CONFIG=str(access_point(tmp_path)))
    assert any(line.startswith("ok HTCondor's schedd answers; ") for line in lines), lines
    assert any(re.match(r"ok HTCondor's pool \d+ cores, \d+ of them busy", line) for line in lines), lines
    assert any(line.startswith("ok HTCondor bindings ") for line in lines), lines
    assert not any("Pool 'default'" in line or "HTCondor daemons" in line for line in lines)
    assert "ok Settings of af_lab no problems" in lines


@pytest.mark.parametrize(
    "gone",
    [
        "SCHEDD_ADDRESS_FILE = /nowhere\nSCHEDD_DAEMON_AD_FILE = /nowhere\nSCHEDD_NAME = other",
        "SCHEDD_HOST = nobody@nowhere",
    ],
)
def test_an_access_point_without_a_schedd_fails_with_a_remedy(tmp_path: Path, gone: str) -> None:
    nowhere = access_point(tmp_path, gone)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("af-lab: {wroker: {}, limits: {cores: many}}")
    lines = doctor(tmp_path, CONDOR_CONFIG=str(nowhere), DASK_CONFIG=str(wrong))
    (failed,) = [line for line in lines if line.startswith("failed HTCondor's schedd")]
    assert "ask the administrators" in failed
    wrong_ones = [line for line in lines if line.startswith("failed Settings of af_lab")]
    assert [("af-lab.wroker" in line, "af-lab.limits.cores" in line) for line in wrong_ones] == [
        (True, False),
        (False, True),
    ]
    assert all(str(wrong) in line for line in wrong_ones)


def test_settings_that_dask_cannot_read_are_one_failed_check(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("af-lab: {condor: [")
    lines = doctor(tmp_path, DASK_CONFIG=str(wrong))
    (failed,) = (line for line in lines if line.startswith("failed Settings of af_lab"))
    assert str(wrong) in failed
    assert any("Pool 'default'" in line for line in lines), "the tests' pool is a user's own"
