"""Clusters whose files lie in homes that are not ordinary."""

from __future__ import annotations

import subprocess

import pytest

from tests.playground.support import AS_ROOT, CommandLine, as_root

pytestmark = [pytest.mark.pool, as_root]

NOEXEC = 'mount --bind "$1" "$1" && mount -o remount,bind,noexec "$1" && shift && exec "$@"'


def test_a_cluster_runs_from_a_home_without_programs(af_lab: CommandLine) -> None:
    """Nothing of a cluster's folder is executed; the pool itself lies elsewhere."""
    # Whatever the umask is: where others can write, no cluster is made.
    af_lab.home.mkdir(mode=0o700)
    create = af_lab.words("cluster", "create", "tiny", "--workers", "1", "--wait-workers", "1", "--timeout", "180 s")
    done = subprocess.run(
        [
            *(*AS_ROOT, "--mount", "sh", "-c", NOEXEC, "sh", str(af_lab.home)),
            *(*af_lab.words("pool", "run", "--temporary", "--"), *create),
        ],
        env=af_lab.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 workers connected" in done.stdout
    assert list((af_lab.home / "clusters").glob("*/worker.sh")), "it was there"
