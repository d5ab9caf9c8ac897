"""What Binder starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.pool
@pytest.mark.slow
def test_a_command_runs_with_a_pool_around_it(tmp_path: Path) -> None:
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = os.environ | {"AF_LAB_HOME": str(tmp_path), "PATH": programs}
    start = [str(REPOSITORY / "binder" / "start"), "sh", "-c", 'echo "$CONDOR_CONFIG"; condor_status -af Name; exit 7']
    try:
        done = subprocess.run(start, env=environment, capture_output=True, text=True, timeout=240)
        assert done.returncode == 7, done.stderr
        configuration, *slots = done.stdout.split()
        assert Path(configuration).is_relative_to(tmp_path)
        assert slots
    finally:
        subprocess.run(["af-lab", "pool", "stop"], env=environment, timeout=120, check=True)
