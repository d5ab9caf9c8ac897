"""What the tests of the object in a notebook share."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import af_lab
from af_lab.condor.queue import Queue
from tests.support import at_a_terminal, with_queue


def runner_pid(cluster: af_lab.Cluster) -> int:
    """Process id of the newest start of the scheduler; its log is named after it."""
    logs = cluster._folder.logs.glob("scheduler-*.log")
    newest = max(logs, key=lambda log: log.stat().st_mtime_ns)
    return int(newest.stem.rpartition("-")[2])


def kill_scheduler(cluster: af_lab.Cluster) -> None:
    os.kill(runner_pid(cluster), signal.SIGKILL)


def act(cluster: af_lab.Cluster, action: str) -> None:
    """Remove, hold or release the scheduler job, as condor_rm, condor_hold and condor_release do."""
    constraint = f"ClusterId == {cluster.info().id}"

    async def asked(queue: Queue) -> int:
        acts = {"remove": queue.remove, "hold": queue.hold, "release": queue.release}
        return await acts[action](constraint, "asked for by the test")

    assert with_queue(asked) == 1


def states() -> dict[str, str]:
    return {info.name: info.state for info in af_lab.clusters()}


def python(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = at_a_terminal(sys.executable, *options, "-c", program)
    return subprocess.run(command, capture_output=True, text=True, timeout=240)
