"""Fixtures that all tests share."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from af_lab.condor.connection import HelperConnection
from af_lab.condor.queue import Queue
from af_lab.manager import ads
from af_lab.manager.manager import ClusterManager

# It runs the tests that are coroutines, each in a loop of its own, and brings Jupyter servers.
pytest_plugins = ["pytest_jupyter.jupyter_server"]

CONDOR_TIMEOUT = 20.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "CONDOR_CONFIG" not in os.environ:
        no_pool = pytest.mark.skip(reason="needs a pool: run `af-lab pool run --temporary pytest`")
        for item in items:
            if "pool" in item.keywords:
                item.add_marker(no_pool)


@pytest.fixture(scope="session", autouse=True)
def af_lab_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of the session's own for everything that af_lab keeps."""
    home = tmp_path_factory.mktemp("af-lab-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AF_LAB_HOME", str(home))
        yield home


@pytest.fixture
def connection() -> Iterator[HelperConnection]:
    """Calls to HTCondor, by a helper that ends with the test."""
    connection = HelperConnection(CONDOR_TIMEOUT)
    yield connection
    connection.close()


@pytest.fixture
def queue(connection: HelperConnection, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Queue]:
    """The queue of the user, without any cluster after the test."""
    queue = Queue(connection)
    yield queue
    jp_asyncio_loop.run_until_complete(clean(queue))


@pytest.fixture
def manager(queue: Queue, connection: HelperConnection) -> ClusterManager:
    """A manager whose clusters end with the test."""
    return ClusterManager(connection)


@pytest.fixture
def no_clusters_left() -> Iterator[None]:
    """For tests without an event loop: the clusters they made end with them."""
    yield

    async def end() -> None:
        connection = HelperConnection(CONDOR_TIMEOUT)
        try:
            await clean(Queue(connection))
        finally:
            connection.close()

    asyncio.run(end())


async def clean(queue: Queue) -> None:
    """Remove every job of every cluster, and wait until none is left."""
    every = f"{ads.SCHEMA_ATTRIBUTE} =!= undefined"
    await queue.remove(every, "the test ended")
    await until(lambda: _is_empty(queue, every), "all jobs of the test left the queue", seconds=90)


async def _is_empty(queue: Queue, constraint: str) -> bool:
    return not await queue.query(constraint, ["ClusterId"], limit=1)


async def until(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait until a condition, plain or awaitable, holds."""
    deadline = time.monotonic() + seconds
    while True:
        holds = condition()
        if hasattr(holds, "__await__"):
            holds = await holds
        if holds:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        await asyncio.sleep(0.1)


def wait(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(0.1)


def processes_with(text: str) -> list[int]:
    """Return the ids of the processes whose command line has a text in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if text in (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"):
                    found.append(int(entry.name))
    return found
