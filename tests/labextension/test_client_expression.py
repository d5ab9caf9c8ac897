"""The expression that the JupyterLab extension has a kernel compute, to find its Dask client."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from distributed import Client, LocalCluster

from af_lab.notebook.cluster import Cluster

SOURCE = Path(__file__).parents[2] / "labextension" / "src" / "notebook" / "clientexpression.ts"


def expression() -> str:
    """Return it as JavaScript has it: its source uses none of what a template can."""
    found = re.search(r"`([^`]*)`;", SOURCE.read_text().partition("CLIENT_EXPRESSION =")[2])
    assert found
    assert "${" not in found[1]
    assert "\\" not in found[1]
    return found[1]


def ask(names: dict[str, Any] | None = None) -> Any:
    """Return what a kernel tells in which the user has given some names."""
    return json.loads(bytes.fromhex(eval(expression(), {} if names is None else names)))


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    """Provide a cluster within this process, which names its dashboard by the address of this machine."""
    with LocalCluster(n_workers=0, processes=False, dashboard_address="127.0.0.1:0") as cluster:
        yield cluster


def test_that_a_kernel_without_dask_has_no_client_and_imports_nothing() -> None:
    code = f"import sys; print({expression()}); assert 'distributed' not in sys.modules"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert json.loads(bytes.fromhex(told.stdout)) is None


def test_that_a_cluster_without_a_client_counts_as_nothing(cluster: LocalCluster) -> None:
    assert ask() is None


def test_that_the_dashboard_of_a_local_client_is_on_the_loopback(cluster: LocalCluster) -> None:
    with Client(cluster) as client:
        told = ask()
        assert told["cluster"] is None
        assert told["address"] == client.scheduler.address
        with urlopen(told["dashboard"].replace("/status", "/individual-plots.json")) as answer:
            assert "Individual Task Stream" in json.load(answer)
    assert ask() is None


def test_that_a_client_by_address_has_a_dashboard_too() -> None:
    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as cluster, Client(cluster.scheduler_address):
        assert ask() == {
            "cluster": None,
            "address": cluster.scheduler_address,
            "dashboard": cluster.dashboard_link,
        }


def test_that_the_names_of_the_user_do_not_matter_and_stay(cluster: LocalCluster) -> None:
    names = dict.fromkeys(["any", "client", "getattr", "hasattr", "isinstance", "json", "next", "sys", "type"], 0)
    with Client(cluster):
        assert ask(names) == ask()
    names.pop("__builtins__")
    assert set(names.values()) == {0}


def test_that_a_cluster_of_af_lab_is_told_by_its_name(cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Cluster.__new__(Cluster)
    monkeypatch.setattr(Cluster, "name", "dimuon", raising=False)
    monkeypatch.setattr(Cluster, "dashboard_link", "")
    with Client(cluster) as client:
        monkeypatch.setattr(client, "cluster", ours)
        told = ask()
        monkeypatch.undo()
    assert told == {"cluster": "dimuon", "address": cluster.scheduler_address, "dashboard": ""}
