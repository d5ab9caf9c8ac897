"""The keys of a job's own cluster, found for clients in tasks; `tests/notebook/test_dask_habits.py` has real ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dask.config
import pytest
from distributed.client import _maybe_call_security_loader

from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from af_lab.worker.own_keys import LOADER, find_keys_by_address
from af_lab.worker.protocol import FILES

ADDRESS = "tls://here:1"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterFolder]:
    """The files of a job, in a process where nothing is configured."""
    for name in (FILES, "DASK_DISTRIBUTED__CLIENT__SECURITY_LOADER"):
        monkeypatch.setenv(name, "")
    with dask.config.set({LOADER: None}):
        yield ClusterFolder.create(tmp_path, make_credentials("x"))


def test_a_job_has_its_own_keys(folder: ClusterFolder) -> None:
    find_keys_by_address(folder.path)
    security = _maybe_call_security_loader(ADDRESS)
    assert security.get_tls_config_for_role("client")["cert"] == str(folder.worker_certificate)
    assert security.get_connection_args("client")["ssl_context"]


def test_what_is_configured_holds(folder: ClusterFolder) -> None:
    find_keys_by_address(folder.path)
    assert _maybe_call_security_loader("tcp://here:1") is None
    member = str(folder.scheduler_certificate)
    with dask.config.set({"distributed.comm.tls.client.cert": member, "distributed.comm.tls.client.key": member}):
        assert _maybe_call_security_loader(ADDRESS) is None
    with dask.config.set({LOADER: "my.own"}):
        find_keys_by_address(folder.path)
        assert dask.config.get(LOADER) == "my.own"


def test_processes_that_tasks_start_know_it_too(folder: ClusterFolder) -> None:
    find_keys_by_address(folder.path)
    assert os.environ[FILES] == str(folder.path)
    assert dask.config.get(LOADER, config=dask.config.collect_env(os.environ)) == dask.config.get(LOADER)
