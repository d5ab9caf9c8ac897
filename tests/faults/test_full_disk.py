"""A disk that is full: one sentence, nothing half made, and all goes on by itself when there is space."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from af_lab.errors import StorageError

MEGABYTES = 48
# A disk of its own for a command and its children, in a namespace where this user may mount one.
MOUNTED = 'mount -t tmpfs -o mode=700,size="$1"m tmpfs "$2" && shift 2 && exec "$@"'

START_A_POOL = """
import sys
from pathlib import Path
from af_lab.playground.installation import find_installation
from af_lab.playground.personal_pool import PersonalPool
from af_lab.playground.sizing import PoolSize
from tests.faults.full_disk import fill

disk = Path(sys.argv[1])
pool = PersonalPool("small", disk / "pool", find_installation())
for left in (0, 100_000):
    filling = fill(disk)
    with filling.open("ab") as file:
        file.truncate(filling.stat().st_size - left)
    try:
        pool.start(PoolSize(1, 10**9))
    except Exception as error:
        print(type(error).__name__, error, flush=True)
    filling.unlink()
print(pool.start(PoolSize(1, 10**9)), pool.stop())
"""


def on_a_small_disk(disk: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command that finds a small disk in a folder, with af_lab's home on it."""
    namespace = ["unshare", "--user", "--map-current-user", "--keep-caps", "--mount", "sh", "-c", MOUNTED, "sh"]
    begun = [*namespace, str(MEGABYTES), str(disk)]
    if subprocess.run([*begun, "true"], capture_output=True, timeout=60).returncode:
        pytest.skip("no disk can be mounted here")
    return subprocess.run(
        [*begun, *command],
        capture_output=True,
        text=True,
        timeout=400,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"AF_LAB_HOME": str(disk / "home")},
    )


@pytest.mark.pool
@pytest.mark.slow
def test_a_cluster_is_refused_in_words_and_its_scheduler_waits_for_space(tmp_path: Path) -> None:
    python = [sys.executable, "-m"]
    done = on_a_small_disk(
        tmp_path,
        *[*python, "af_lab", "pool", "run", "--temporary", "--cpus", "4", "--memory", "8 GB", "--"],
        *[*python, "tests.faults.full_disk", str(tmp_path)],
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.pool
@pytest.mark.slow
def test_a_pool_does_not_start_and_starts_when_there_is_space(tmp_path: Path) -> None:
    done = on_a_small_disk(tmp_path, sys.executable, "-c", START_A_POOL, str(tmp_path))
    said = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    full = f"The disk of {tmp_path / 'pool'} is full"
    assert said[0].startswith(f"PlaygroundError {full}. Set "), "before anything is written"
    assert said[1] == f"{StorageError.__name__} {full}: remove what you do not need there, then try again."
    assert said[2:] == ["True True"]
