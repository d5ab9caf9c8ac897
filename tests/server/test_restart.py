"""Clusters outlive the Jupyter server."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.server.live import alive, all_children, served
from tests.support import wait

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left")]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_cluster_outlives_its_server(tmp_path: Path, how: signal.Signals) -> None:
    with served(tmp_path / "one") as first:
        first("POST", "clusters", {"name": "outlives", "workers": 1})
        wait(lambda: first("GET", "clusters/outlives")["counts"]["connected"] == 1, "a worker is connected", 90)
        before = first("GET", "clusters/outlives")
        helpers = all_children(first.process.pid)
        assert helpers, "the server talks to HTCondor through a helper"
        first.process.send_signal(how)
        first.process.wait(20)
        wait(lambda: not any(alive(pid) for pid in helpers), "its helpers ended with it")
    with served(tmp_path / "two") as second:
        (after,) = second("GET", "clusters")["clusters"]
        assert (after["id"], after["state"], after["scheduler_address"]) == (
            before["id"],
            "running",
            before["scheduler_address"],
        )
        assert after["counts"]["connected"] == 1
        second("DELETE", "clusters/outlives")
