"""Clusters outlive the Jupyter server."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import af_lab
from tests.server.live import Server, alive, all_children, served
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
        first.process.wait(60)
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


def connected(server: Server) -> int:
    return sum(cluster["counts"]["connected"] for cluster in server("GET", "clusters")["clusters"])


@pytest.mark.alone
def test_a_new_server_lists_what_an_earlier_one_made_and_nothing_stops(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    names = ["one", "two", "three"]
    with served(tmp_path / "first") as first:
        for name in names:
            first("POST", "clusters", {"name": name, "workers": 1})
        wait(lambda: connected(first) == 3, "each has its worker", 120)
        client = af_lab.connect("two").get_client()
        under_way = client.submit(_beat, str(tmp_path / "beats"), 8.0)
        wait(lambda: (tmp_path / "beats").exists(), "a computation is under way")
        first.process.kill()
        first.process.wait()
        with served(tmp_path / "second") as second:
            up = time.monotonic()
            listed = second("GET", "clusters")["clusters"]
            lasted = time.monotonic() - up
            figure(f"three clusters were listed {lasted:.2f} s after the new server was up (aim 1)")
            assert sorted(cluster["name"] for cluster in listed) == sorted(names)
            assert [cluster["counts"]["connected"] for cluster in listed] == [1, 1, 1]
            assert lasted < 5
            longest_pause = under_way.result(timeout=60)
            figure(f"the computation paused for {longest_pause:.2f} s at most")
            assert longest_pause < 2
        client.close()


def _beat(path: str, seconds: float) -> float:
    """Compute for so many seconds, and return the longest time in which nothing was done."""
    import pathlib
    import time

    begun, longest, last = time.monotonic(), 0.0, time.monotonic()
    while last < begun + seconds:
        pathlib.Path(path).write_text(str(last))
        time.sleep(0.05)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    return longest


def test_a_server_with_ten_clusters_ends_quickly_and_they_go_on(tmp_path: Path, figure: Callable[[str], None]) -> None:
    with served(tmp_path / "server") as server:
        for number in range(10):
            server("POST", "clusters", {"name": f"c{number}", "workers": 0})

        def running() -> int:
            return sum(cluster["state"] == "running" for cluster in server("GET", "clusters")["clusters"])

        wait(lambda: running() == 10, "all ten run", 120)
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(90)
        lasted = time.monotonic() - begun
        figure(f"the server with ten clusters ended within {lasted:.2f} s (aim 3)")
        # One after the other they would take longer, however idle the machine is.
        assert lasted < 30
    assert [info.state for info in af_lab.clusters()] == ["running"] * 10
