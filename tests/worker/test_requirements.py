"""Scheduler and worker jobs need three packages, and what those require."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from af_lab.errors import AfLabError
from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from tests.faults.support import client_of, connected
from tests.worker.environment import lean_environment

ABSENT = ("bokeh", "cryptography", "dask_jobqueue", "jupyter_server", "pydantic", "rich")


@pytest.mark.pool
# Not what it is about: packages that Dask uses where they are installed, for compression.
@pytest.mark.filterwarnings("ignore::distributed.versions.VersionMismatchWarning")
async def test_cluster_runs_in_an_environment_of_its_requirements_alone(
    manager: ClusterManager, tmp_path: Path
) -> None:
    python = lean_environment(tmp_path / "lean")
    program = f"import importlib.util as u; print([n for n in {ABSENT!r} if u.find_spec(n)])"
    done = subprocess.run([python, "-P", "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"

    await manager.create(make_spec({"name": "lean", "workers": 1, "environment": {"path": str(python)}}))
    async with client_of(manager, "lean") as client:
        await connected(manager, "lean", 1)
        assert await client.submit(sum, [1, 2]) == 3
    with pytest.raises(AfLabError, match=rf"has no dashboard: .*{python}, needs Bokeh"):
        await manager.dashboard("lean")
