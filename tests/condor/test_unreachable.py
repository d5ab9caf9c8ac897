"""HTCondor configured, but not there: clear words within seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import LIMIT

# Nobody listens on port 1.
CONFIG = """\
CONDOR_HOST = 127.0.0.1
COLLECTOR_HOST = 127.0.0.1:1
LOCAL_DIR = {folder}
LOG = $(LOCAL_DIR)
SCHEDD_ADDRESS_FILE = $(LOCAL_DIR)/schedd
SEC_DEFAULT_AUTHENTICATION_METHODS = FS
"""
ASK = "import af_lab; {call}"


@pytest.fixture(params=["never started", "stopped"])
def gone(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A pool that is configured but does not run; a stopped one leaves the address of its schedd behind."""
    if request.param == "stopped":
        (tmp_path / "schedd").write_text("<127.0.0.1:1?addrs=127.0.0.1-1>\n$CondorVersion: 25.14.1 2026-01-01 $\n")
    config = tmp_path / "condor_config"
    config.write_text(CONFIG.format(folder=tmp_path))
    monkeypatch.setenv("CONDOR_CONFIG", str(config))
    return str(request.param)


@pytest.mark.parametrize("call", ["af_lab.cluster('x')", "af_lab.connect('x')", "af_lab.clusters()", "af_lab.pool()"])
def test_a_pool_that_does_not_run_is_told_with_a_remedy(gone: str, call: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(call=call)],
        # A refused connection needs no time-out: who waits for this one does not end in time.
        env=os.environ | {"DASK_AF_LAB__CONDOR__TIMEOUT": "1 h"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 1
    said = done.stderr.strip().splitlines()[-1]
    # Nothing tells of a schedd that never started; the address of the collector stands in the configuration.
    absent = gone == "never started" and "pool" not in call
    assert ("CondorAbsent: " if absent else "Condor") in said
    assert "af-lab pool start" in said
