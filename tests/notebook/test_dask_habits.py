"""A cluster is used as Dask's users use those of others: one cluster for all tests, on a real pool."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, get_worker
from distributed.core import Status

import af_lab
from af_lab.errors import ClusterFailed, ClusterNotFound, SpecError
from af_lab.manager.dashboard import LINK
from tests.support import clean, wait, with_queue

pytestmark = pytest.mark.pool

LINKED = "/user/me/af-lab/api/clusters/{name}/dashboard/status"


@pytest.fixture(scope="module")
def cluster() -> Iterator[af_lab.Cluster]:
    cluster = af_lab.cluster("habits", workers=1, cores=2, memory="1 GB")
    cluster.wait_for_workers(1, timeout=120)
    yield cluster
    with_queue(clean)


@pytest.fixture
def linked(monkeypatch: pytest.MonkeyPatch) -> str:
    """A kernel of a Jupyter server that has af_lab."""
    monkeypatch.setenv(LINK, LINKED)
    return LINKED.format(name="habits")


@pytest.fixture(params=["cluster", "get_client", "address", "scheduler file", "contact file"])
def client(request: pytest.FixtureRequest, cluster: af_lab.Cluster, tmp_path: Path) -> Iterator[Client]:
    """A client in each way in which one is made."""
    written = tmp_path / "scheduler.json"
    match request.param:
        case "cluster":
            client = Client(cluster)
        case "get_client":
            client = cluster.get_client()
        case "address":
            client = Client(cluster.scheduler_address)
        case "contact file":
            client = Client(scheduler_file=str(cluster._folder.contact))
        case _:
            with Client(cluster) as other:
                other.write_scheduler_file(str(written))
            client = Client(scheduler_file=str(written))
    with client:
        yield client


def test_a_client_computes_and_shows_only_links_that_work(client: Client, linked: str) -> None:
    assert client.submit(sum, [1, 2], pure=False).result(timeout=120) == 3
    assert client.dashboard_link == linked
    html = client._repr_html_()
    assert set(re.findall(r'href="([^"]*)"', html)) == {linked}
    assert repr(client).startswith("<ClusterClient: 'tls://")
    assert "processes=" in repr(client)


def test_no_link_is_shown_without_a_jupyter_server(
    client: Client, cluster: af_lab.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LINK, raising=False)
    assert (client.dashboard_link, cluster.dashboard_link) == ("", "")
    for html in (client._repr_html_(), cluster._repr_html_()):
        assert "href" not in html
        assert "Dashboard" not in html
        assert "Total threads" in html, "its neighbour is there"


def test_the_cluster_shows_the_link(cluster: af_lab.Cluster, linked: str) -> None:
    assert cluster.dashboard_link == linked
    assert set(re.findall(r'href="([^"]*)"', cluster._repr_html_())) == {linked}


def test_a_file_that_names_another_scheduler_is_left_alone(tmp_path: Path) -> None:
    written = tmp_path / "scheduler.json"
    written.write_text(json.dumps({"address": "tls://203.0.113.1:1"}), encoding="utf-8")
    with pytest.raises(ClusterNotFound, match=r"None of your clusters has the address tls://203\.0\.113\.1:1"):
        Client(scheduler_file=str(written))
    written.write_text(json.dumps({"address": "tcp://127.0.0.1:1"}), encoding="utf-8")
    with pytest.raises(OSError, match=r"tcp://127\.0\.0\.1:1"):
        Client(scheduler_file=str(written), timeout=0.5)


def test_a_task_finds_the_keys_by_the_address(cluster: af_lab.Cluster) -> None:
    def in_task() -> int:
        with Client(get_worker().scheduler.address, set_as_default=False) as client:
            return int(client.submit(sum, [1, 2], pure=False).result(timeout=60))

    def in_child(address: str) -> str:
        program = (
            f"from distributed import Client\nwith Client({address!r}) as c: print(c.submit(sum, [3, 4]).result())"
        )
        return subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=90
        ).stdout.strip()

    async def in_scheduler(address: str) -> Any:
        async with Client(address, asynchronous=True, set_as_default=False) as client:
            return await client.submit(sum, [5, 6], pure=False)

    with Client(cluster) as client:
        assert client.submit(in_task, pure=False).result(timeout=120) == 3
        assert client.submit(in_child, cluster.scheduler_address, pure=False).result(timeout=120) == "7"
        assert client.run_on_scheduler(in_scheduler, cluster.scheduler_address) == 11


def test_the_job_script_is_what_condor_submit_takes(cluster: af_lab.Cluster) -> None:
    said = subprocess.run(
        ["condor_submit", "-dry-run", "/dev/stdout", "-"],
        input=cluster.job_script(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 0, said.stderr
    assert re.search(r"^RequestCpus\s*=\s*2$", said.stdout, re.MULTILINE)
    assert f"AfLabScheduler={cluster.info().id}" in said.stdout.replace(" ", "")
    secret = cluster._folder.http_secret.read_text(encoding="utf-8")
    assert secret not in cluster.job_script()


def test_scaling_takes_workers_jobs_cores_and_memory(cluster: af_lab.Cluster) -> None:
    for given, workers in (
        ({"n": 3}, 3),
        ({"jobs": 1}, 2),
        ({"memory": "1.2 GB"}, 3),
        ({"cores": 4}, 4),
        ({"n": 1, "jobs": 1}, 2),
    ):
        cluster.scale(**given)
        assert cluster.info().workers == workers, given
    cluster.scale(2)


def test_adapting_takes_what_dasks_clusters_take(cluster: af_lab.Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    def has() -> tuple[int, int] | int | None:
        info = cluster.info()
        return info.workers if info.adapt is None else (info.adapt.minimum, info.adapt.maximum)

    cluster.adapt()
    assert has() == (0, 2000), "the limit of the configuration"
    cluster.adapt(minimum_jobs=1, maximum_cores=5)
    assert has() == (2, 5)
    capsys.readouterr()
    cluster.adapt(maximum=4, worker_key=str)
    assert has() == (2, 4)
    assert "does not use worker_key: " in capsys.readouterr().out
    cluster.adapt(active=False)
    assert has() == 2, "what the cluster requested at that moment"
    cluster.adapt(active=False)
    assert has() == 2
    cluster.adapt(minimum=1)
    assert has() == (1, 2000)
    with pytest.raises(SpecError, match="minimum 3 is above the maximum 2"):
        cluster.adapt(minimum=3, maximum=2)
    cluster.scale(2)


def test_adapting_follows_the_pace_of_dasks_keywords(cluster: af_lab.Cluster, tmp_path: Path) -> None:
    """The cluster's own patience is a minute, and the duration five seconds."""
    gate = str(tmp_path / "gate")

    def call(_: int) -> None:
        import os
        import time

        while not os.path.exists(gate):
            time.sleep(0.05)

    def requests(workers: int) -> Callable[[], bool]:
        return lambda: cluster.info().counts.requested == workers

    with cluster.get_client() as client:
        tasks = client.map(call, range(8), pure=False)
        # Dask takes half a second for each task as long as it does not know better.
        cluster.adapt(minimum=2, maximum=6, target_duration="10 ms")
        wait(requests(6), "many workers would be done in time")
        Path(gate).touch()
        client.gather(tasks)
        cluster.adapt(interval="500 ms", wait_count=2)
        wait(requests(2), "few are enough, and soon", 40)
        cluster.scale(2)
        wait(lambda: cluster.info().counts.connected == 2, "the others have left")


def test_the_words_of_a_cluster_that_is_over_stay_right() -> None:
    """Last, because it ends the cluster."""
    cluster, other = af_lab.connect("habits"), af_lab.connect("habits")
    client = cluster.get_client()
    cluster.wait_for_workers(2, timeout=120)
    assert "workers=2, threads=2, memory=" in repr(cluster)
    other.close()
    assert repr(other).endswith("workers=0, threads=0, memory=0 B, this object has disconnected)")
    other = af_lab.connect("habits")

    cluster.shutdown()
    for _ in range(2):
        assert repr(cluster).endswith("workers=0, threads=0, memory=0 B, ended: It was shut down.)")
        html = cluster._repr_html_()
        assert "ended: It was shut down." in html
        assert "no workers any more" in html
        assert "Workers: 0<" in cluster._scaling_status()
        assert cluster.status == Status.closed
        assert not cluster.observed | cluster.requested | cluster.plan
        assert cluster.dashboard_link == ""
        assert repr(client) == "<ClusterClient: closed>"
        assert "href" not in client._repr_html_()
        wait(lambda: other.status == Status.closed, "the other object knows")
        cluster.shutdown()
    assert re.search(r"workers=0, .*, ended: ", repr(other))
    with pytest.raises(ClusterNotFound):
        cluster.info()
    with pytest.raises(ClusterFailed, match="has ended: It was shut down"):
        cluster.get_client()
    assert "queue" in cluster.job_script()
