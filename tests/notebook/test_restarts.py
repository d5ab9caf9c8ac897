"""What a client gave to a scheduler that is restarted, on a real pool."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, get_worker
from distributed.core import Status
from distributed.diagnostics.plugin import Environ, NannyPlugin, SchedulerPlugin, WorkerPlugin

import af_lab
from af_lab.notebook.cluster_client import ClusterClient
from tests.notebook.clusters import kill_scheduler
from tests.support import clean, wait, with_queue

pytestmark = pytest.mark.pool

TOLD = "was restarted: uploaded files and plug-ins come back from the clients that registered them, but futures"


class Marked(WorkerPlugin):
    """Leaves a mark on each worker."""

    def __init__(self, name: str) -> None:
        self.name = name

    def setup(self, worker: object) -> None:
        worker.marks = [*getattr(worker, "marks", []), self.name]  # type: ignore[attr-defined]


class FailsLater(SchedulerPlugin):
    """Cannot be set up once there is a file."""

    name = "fails"

    def __init__(self, file: str) -> None:
        self.file = file

    async def start(self, scheduler: object) -> None:
        if os.path.exists(self.file):
            raise FileNotFoundError("it cannot be set up")


class OnScheduler(SchedulerPlugin):
    name = "on-scheduler"

    async def start(self, scheduler: object) -> None:
        scheduler.marked = True  # type: ignore[attr-defined]


class OnNanny(NannyPlugin):
    """Does not restart the workers."""

    name = "on-nanny"


@pytest.fixture(scope="module")
def cluster() -> Iterator[af_lab.Cluster]:
    cluster = af_lab.cluster("restarts", workers=2)
    cluster.wait_for_workers(2, timeout=120)
    yield cluster
    with_queue(clean)


def troubles(cluster: af_lab.Cluster) -> list[str]:
    return [trouble.text for trouble in cluster.info().troubles]


def look() -> tuple[str, str | None, list[str]]:
    import given  # type: ignore[import-not-found]

    return given.VALUE, os.environ.get("FROM_ENVIRON"), sorted(set(getattr(get_worker(), "marks", [])))


def test_uploads_and_plugins_come_back_and_the_rest_is_told(
    cluster: af_lab.Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    module, stop = tmp_path / "given.py", tmp_path / "stop"
    with Client(cluster) as client, Client(cluster.scheduler_address, set_as_default=False) as other:
        assert isinstance(client, ClusterClient)
        for value in ("first", "second"):
            module.write_text(f"VALUE = {value!r}\n", encoding="utf-8")
            client.upload_file(str(module))
        for plugin in (OnScheduler(), OnNanny(), Marked("kept"), Marked("dropped"), FailsLater(str(stop))):
            client.register_plugin(plugin)
        client.unregister_worker_plugin("dropped")
        client.register_plugin(Environ({"FROM_ENVIRON": "7"}))
        other.register_plugin(Marked("of the other"))
        client.publish_dataset(gone=[1])
        heard: list[object] = []
        client.subscribe_topic("chat", lambda event: heard.append(event[1]))
        cluster.wait_for_workers(2, timeout=120)
        assert client.submit(look, pure=False).result(timeout=120) == ("second", "7", ["kept", "of the other"])
        assert troubles(cluster) == [], "Environ has restarted the workers"

        stop.touch()
        capsys.readouterr()
        with caplog.at_level(logging.WARNING, "af_lab"):
            kill_scheduler(cluster)
            wait(lambda: cluster.status == Status.starting, "the object knows")
            wait(lambda: client.status == other.status == "running", "the clients are back")
            results = client.gather([client.submit(look, pure=False) for _ in range(8)])
        assert results == 8 * [("second", "7", ["kept", "of the other"])]
        assert client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.marked)
        assert client.list_datasets() == ()
        client.log_event("chat", "hello")
        wait(lambda: "hello" in heard, "topics are subscribed to again")

        said = capsys.readouterr().out
        assert said.count(TOLD) == 1
        assert f"The Dask scheduler of the cluster 'restarts' {TOLD}" in said
        assert TOLD in caplog.text, "the client without the object's"
        assert "'fails' could not be registered again: FileNotFoundError: it cannot be set up" in caplog.text
        assert caplog.text.count("could not be registered again") == 1
        cluster.wait_for_workers(2, timeout=120)
        assert troubles(cluster) == []


def test_only_a_worker_that_dies_by_itself_is_lost(cluster: af_lab.Cluster) -> None:
    cluster.wait_for_workers(2, timeout=120)
    with Client(cluster) as client:
        client.restart_workers(list(cluster.scheduler_info["workers"]))
        client.register_plugin(Environ({"FROM_ENVIRON": "8"}))
        client.register_plugin(OnNanny())
        client.restart()
        assert troubles(cluster) == []
        cluster.wait_for_workers(2, timeout=120)
        client.register_plugin(OnNanny())
        assert troubles(cluster) == []
        pid = next(iter(client.run(os.getpid).values()))
        os.kill(pid, signal.SIGKILL)
        told = "lost a worker process; it was started again. The process was killed by signal 9"
        wait(lambda: troubles(cluster) == [told], "its loss is told")
