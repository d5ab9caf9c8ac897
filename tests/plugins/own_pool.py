"""A temporary HTCondor pool for each process that runs tests, so that a test may do to it what it likes."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from af_lab.playground.installation import find_installation
from af_lab.playground.run import temporary_pool
from af_lab.playground.sizing import PoolSize

SIZE = PoolSize(cpus=16, memory=32 * 10**9)
"""More than the machine has: most workers of the tests wait for tasks."""

_pool = ExitStack()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the pool if a test that was chosen needs it."""
    if not runs_tests(session.config) or session.config.option.collectonly:
        return
    if not any("pool" in item.keywords for item in session.items):
        return
    installation = find_installation()
    if installation is None:
        pytest.exit("There is no HTCondor here. Install it with: af-lab pool install", 1)
    pool = _pool.enter_context(temporary_pool(installation, SIZE))
    # Jobs have no home: their Dask finds the configuration of the run by a variable.
    with pool.config.open("a") as config:
        print(f'STARTER_JOB_ENVIRONMENT = "DASK_CONFIG={Path.home() / ".config" / "dask"}"', file=config)
    os.environ.update(pool.environment())


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    _pool.close()


def runs_tests(config: pytest.Config) -> bool:
    """Whether tests run in this process, and not in others that it starts."""
    return hasattr(config, "workerinput") or not config.getoption("numprocesses", 0)
