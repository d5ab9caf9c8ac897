"""What `test_full_disk` runs in a pool beside a small disk: a cluster's life while that is full, and afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from af_lab.errors import StorageError
from af_lab.home import af_lab_home
from af_lab.manager.manager import ClusterManager
from af_lab.model.info import ClusterInfo
from af_lab.model.spec import make_spec
from tests.faults.support import connected, runner_pid
from tests.support import until

NAME = "squeezed"


def fill(disk: Path) -> Path:
    """Fill a disk to the last byte; return the file that does it."""
    filling = disk / "filling"
    with filling.open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 10, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass
    return filling


async def refused(manager: ClusterManager) -> None:
    """Check that the library and the command refuse in words, and leave nothing."""
    sentence = f"The disk of {af_lab_home()} is full: remove what you do not need there, then try again."
    with pytest.raises(StorageError) as told:
        await manager.create(make_spec({"name": NAME}))
    assert str(told.value) == sentence
    command = [str(Path(sys.executable).with_name("af-lab")), "cluster", "create", NAME, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (1, ""), done
    assert json.loads(done.stderr) == {"message": sentence, "code": "StorageError"}, done.stderr
    assert not list((af_lab_home() / "clusters").glob("*")), "nothing is half made"
    assert not await manager.clusters()


async def life(disk: Path) -> None:
    """Create a cluster on a full disk, and on one with space; kill its scheduler while the disk is full again."""
    manager = ClusterManager()
    filling = fill(disk)
    await refused(manager)
    filling.unlink()

    await manager.create(make_spec({"name": NAME, "workers": 1, "memory": "500 MB"}))
    await connected(manager, NAME, 1)
    fill(disk)
    os.kill(await runner_pid(manager, NAME), signal.SIGKILL)

    async def info() -> ClusterInfo:
        return await manager.get(NAME)

    async def waits() -> bool:
        now = await info()
        return now.state == "pending" and "The Dask scheduler starts by itself once there is" in (now.reason or "")

    await until(waits, "the scheduler says what it waits for")
    assert f"The disk of {af_lab_home() / 'clusters'} is full." in ((await info()).reason or "")
    await asyncio.sleep(5)
    assert (await info()).state == "pending", "it is not given up"

    filling.unlink()
    await connected(manager, NAME, 1)
    assert ((await info()).state, (await info()).reason) == ("running", None)
    await manager.shutdown(NAME)


if __name__ == "__main__":
    asyncio.run(life(Path(sys.argv[1])))
