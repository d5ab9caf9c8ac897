"""Fixtures that all tests share."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.queue import Queue, account
from af_lab.manager import runner_client
from af_lab.manager.manager import ClusterManager
from tests.support import CONDOR_TIMEOUT, clean, with_queue

# The first runs the tests that are coroutines, each in a loop of its own, and brings Jupyter servers; the second
# searches what all tests wrote for secrets.
pytest_plugins = ["pytest_jupyter.jupyter_server", "tests.security.plugin", "tests.plugins.figures"]

# The same examples in each run, however slow the machine is. For others: pytest --hypothesis-profile=search
settings.register_profile("suite", derandomize=True, deadline=None, database=None)
settings.register_profile("search", deadline=None, database=None)
settings.load_profile("suite")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if "pool" in item.keywords and "CONDOR_CONFIG" not in os.environ:
        pytest.skip("needs a pool: run `make test`, or `af-lab pool run --temporary pytest`")


@pytest.fixture(scope="module")
def folder_of_programs() -> Iterator[Path]:
    """Return a folder to install programs in, in which no secrets are looked for: libraries have texts of keys."""
    with tempfile.TemporaryDirectory(prefix="af-lab-programs-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
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


@pytest.fixture(scope="module")
def schedd_helper() -> Iterator[HelperConnection]:
    """Calls to HTCondor, by one helper for the tests of a file: it takes as long to start as many of them."""
    connection = HelperConnection(CONDOR_TIMEOUT)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def collector_helper() -> Iterator[HelperConnection]:
    """A second helper of a file, as a Jupyter server has one for the collector."""
    connection = HelperConnection(CONDOR_TIMEOUT)
    yield connection
    connection.close()


@pytest.fixture
def queue(schedd_helper: HelperConnection, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Queue]:
    """The queue of the user, without any cluster after the test."""
    queue = Queue(schedd_helper, account())
    yield queue
    jp_asyncio_loop.run_until_complete(clean(queue))


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give runners on a busy machine the time to answer: without it the counts of a cluster are unknown."""
    monkeypatch.setattr(runner_client, "TIMEOUT", 30.0)


@pytest.fixture
def manager(
    queue: Queue, schedd_helper: HelperConnection, collector_helper: HelperConnection, patience: None
) -> ClusterManager:
    """A manager whose clusters end with the test."""
    return ClusterManager(schedd_helper, collector_helper)


@pytest.fixture
def no_clusters_left() -> Iterator[None]:
    """For tests without an event loop: the clusters they made end with them."""
    yield
    with_queue(clean)
