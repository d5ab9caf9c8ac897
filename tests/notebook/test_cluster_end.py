"""Whatever ends - kernels, schedulers, clusters, objects - in a notebook's eyes, on a real pool."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import subprocess
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from distributed import Client
from distributed.client import FutureCancelledError
from distributed.core import Status
from distributed.exceptions import WorkerStartTimeoutError

import af_lab
from af_lab.errors import (
    ClusterFailed,
    ClusterNotFound,
    CondorUnavailable,
)
from af_lab.manager import runner_client
from tests.notebook.clusters import act, kill_scheduler, python, runner_pid, states
from tests.support import wait

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left")]


PATIENCE = 3600.0  # seconds for which a client tries to come back, if it does

KERNELS = {
    "object": "cluster = af_lab.cluster('kernel', workers=0)",
    "client and widget": "cluster = af_lab.cluster('kernel'); client = cluster.get_client(); cluster._widget()",
    "left client": "cluster = af_lab.cluster('kernel')\nwith Client(cluster): pass",
    "async": (
        "import asyncio\nasync def main():\n  c = await af_lab.cluster('kernel', asynchronous=True)\n"
        "  client = await c.get_client()\n  await client.close()\nasyncio.run(main())"
    ),
    "exit": "cluster = af_lab.cluster('kernel'); client = cluster.get_client(); sys.exit(0)",
    "exception": "c = af_lab.cluster('kernel'); client = c.get_client(); 1 / 0",
}


def test_kernels_that_end_leave_their_cluster_as_it_is_and_say_nothing() -> None:
    """The first makes it; the others, all at once, meet it."""
    done = {"object": kernel(KERNELS["object"])}
    assert states() == {"kernel": "running"}
    with ThreadPoolExecutor(len(KERNELS)) as beside:
        done |= dict(zip(KERNELS, beside.map(kernel, KERNELS.values()), strict=True))
    traceback = done.pop("exception").stderr.splitlines()
    assert {how: (one.returncode, one.stderr) for how, one in done.items()} == dict.fromkeys(done, (0, ""))
    assert (traceback[0], traceback[-1]) == (
        "Traceback (most recent call last):",
        "ZeroDivisionError: division by zero",
    )
    assert sum(line.startswith("  File ") for line in traceback) == 1, "that of the kernel's own line"
    assert not [line for line in traceback[1:-1] if not line.startswith("  ")], "nothing else is said"
    assert states() == {"kernel": "running"}


def kernel(program: str) -> subprocess.CompletedProcess[str]:
    return python(f"import sys, af_lab\nfrom distributed import Client\n{program}", "-W", "error::ResourceWarning")


def test_an_interrupt_ends_the_waiting_and_nothing_else() -> None:
    done = python(
        "import os, signal, threading, af_lab\n"
        "cluster = af_lab.cluster('interrupt', workers=0)\n"
        "try:\n  threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "  cluster.wait_for_workers(1, timeout=120)\n"
        "except KeyboardInterrupt:\n  cluster.scale(1); cluster.wait_for_workers(1, timeout=120); print('goes on')\n"
    )
    assert (done.stderr, done.stdout.splitlines()[-1]) == ("", "goes on")
    assert states() == {"interrupt": "running"}


def test_an_object_that_nobody_has_any_more_lets_go_in_silence() -> None:
    before = set(threading.enumerate())
    cluster = af_lab.cluster("collected", workers=0)
    client = cluster.get_client()
    client.close()
    del client
    reference = weakref.ref(cluster)
    del cluster
    gc.collect()
    assert reference() is None
    wait(lambda: not {thread.name for thread in set(threading.enumerate()) - before} & {"IO loop"}, "its loop ended")
    assert states() == {"collected": "running"}


@pytest.mark.parametrize("made", ["get_client", "Client"])
def test_a_client_ends_the_cluster_by_shutdown_alone(made: str) -> None:
    cluster = af_lab.cluster("client", workers=1)

    def client() -> Client:
        return cluster.get_client() if made == "get_client" else Client(cluster)

    with client() as left:
        assert left.submit(sum, [1, 2]).result(timeout=120) == 3
    client().close()
    # Its closing was interrupted: its status is the one that it has while it shuts down.
    interrupted = client()
    interrupted.status = "closing"
    cluster.close()
    assert states() == {"client": "running"}
    interrupted.status = "running"
    interrupted.close()

    cluster = af_lab.connect("client")
    other = Client(cluster)
    other._timeout = PATIENCE
    client().shutdown()
    assert cluster.status == Status.closed
    wait(lambda: not states(), "the cluster is gone")
    wait(lambda: other.status == "closed", "the other client does not try to come back")


def test_the_object_and_its_client_survive_a_restart_of_the_scheduler() -> None:
    with af_lab.cluster("restart", workers=2) as cluster:
        client = cluster.get_client()
        cluster.wait_for_workers(2, timeout=120)
        before = client.submit(lambda: 1)
        assert before.result(timeout=120) == 1
        address = cluster.scheduler_address

        kill_scheduler(cluster)
        wait(lambda: cluster.status == Status.starting, "the object knows")
        assert cluster.scheduler_info["workers"] == {}
        with pytest.raises(WorkerStartTimeoutError) as late:
            cluster.wait_for_workers(2, timeout=0.3)
        assert "the Dask scheduler is restarting" in late.value.__notes__[0]
        cluster.wait_for_workers(2, timeout=120)
        assert (cluster.status, cluster.scheduler_address) == (Status.running, address)
        assert len(cluster.scheduler_info["workers"]) == 2

        with pytest.raises(FutureCancelledError, match="lost the connection to the scheduler"):
            before.result(timeout=120)
        after = client.submit(lambda: 2)
        assert after.result(timeout=120) == 2

        client.restart()
        with pytest.raises(FutureCancelledError, match="Scheduler has restarted"):
            after.result(timeout=120)
        assert client.submit(lambda: 3).result(timeout=120) == 3
        assert states() == {"restart": "running"}
        logs = cluster.get_logs(cluster=False, workers=False)
        assert set(logs) == {"Scheduler", "Scheduler, start 1"}
        assert "Scheduler at" in logs["Scheduler, start 1"]


def test_what_a_silent_scheduler_told_before_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    with af_lab.cluster("silent", workers=1) as cluster:
        cluster.wait_for_workers(1, timeout=120)
        wait(lambda: cluster._link.info.counts.connected == 1, "the runner told of the worker")
        pid = runner_pid(cluster)
        os.kill(pid, signal.SIGSTOP)
        try:
            with monkeypatch.context() as impatient:
                impatient.setattr(runner_client, "TIMEOUT", 1.0)
                assert "did not answer" in cluster.info().reason
            assert "Workers: 1<" in cluster._scaling_status()
        finally:
            os.kill(pid, signal.SIGCONT)
        with cluster.get_client() as client:
            # It tells of a change at once; without one it is silent for half a minute.
            assert client.submit(sum, [1, 2]).result(timeout=120) == 3
        wait(lambda: "did not answer" not in cluster._repr_html_(), "it answers again")


def test_a_client_that_is_made_during_a_restart_waits_for_it() -> None:
    with af_lab.cluster("early", workers=1) as cluster:
        kill_scheduler(cluster)
        wait(lambda: cluster.status == Status.starting, "the object knows")
        with Client(cluster) as client:
            assert client.submit(sum, [1, 2]).result(timeout=120) == 3


def test_the_object_follows_its_scheduler_to_another_address() -> None:
    # Without workers: those would go to the thief first.
    with af_lab.cluster("moved", workers=0) as cluster, socket.socket() as thief:
        address = cluster.scheduler_address
        thief.bind(("", 0))
        thief.listen()
        cluster._folder.write_address(f"tls://127.0.0.1:{thief.getsockname()[1]}")
        kill_scheduler(cluster)
        wait(lambda: cluster.status == Status.starting, "the object knows")
        wait(lambda: cluster.status == Status.running, "the object is back")
        assert cluster.scheduler_address != address
        with Client(cluster) as client:
            assert client.run_on_scheduler(sum, [1, 2]) == 3


def test_an_end_elsewhere_is_noticed_and_told(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("distributed"), "propagate", True)
    cluster = af_lab.cluster("elsewhere", workers=1)
    client = cluster.get_client()
    client._timeout = PATIENCE
    waiting = threading.Thread(target=lambda: told.append(_error_of(lambda: cluster.wait_for_workers(5))))
    told: list[BaseException | None] = []
    waiting.start()
    act(cluster, "remove")
    wait(lambda: cluster.status == Status.closed, "the object knows")
    waiting.join(timeout=120)
    assert isinstance(told[0], ClusterFailed)
    assert "has ended: It was removed" in str(told[0])
    with pytest.raises(ClusterFailed, match="has ended: It was removed"):
        cluster.get_client()
    wait(lambda: client.status == "closed", "its client does not try to come back")
    assert "Scheduler at" in cluster.get_logs()["Scheduler"]
    cluster.shutdown()
    wait(lambda: not states(), "the cluster is gone")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_hold_elsewhere_is_told_and_the_object_comes_back_when_it_is_released() -> None:
    cluster = af_lab.cluster("paused", workers=1)
    client = cluster.get_client()
    client._timeout = PATIENCE
    told: list[BaseException | None] = []
    waiting = threading.Thread(target=lambda: told.append(_error_of(lambda: cluster.wait_for_workers(5))))
    waiting.start()
    act(cluster, "hold")
    waiting.join(timeout=120)
    says = r"is on hold\. .*by hand: asked for by the test .*`af-lab cluster release paused`"
    assert isinstance(told[0], ClusterFailed)
    for failing in (cluster.get_client, lambda: af_lab.connect("paused"), lambda: af_lab.cluster("paused")):
        with pytest.raises(ClusterFailed, match=says):
            failing()
    assert (cluster.status, cluster.info().state) == (Status.starting, "held")
    act(cluster, "release")
    wait(lambda: cluster.status == Status.running, "the object is back by itself")
    cluster.wait_for_workers(1, timeout=120)
    assert client.submit(sum, [1, 2]).result(timeout=120) == 3


def _error_of(call: object) -> BaseException | None:
    try:
        call()  # type: ignore[operator]
    except BaseException as error:
        return error
    return None


def test_an_object_whose_cluster_has_ended_leaves_its_successor_alone() -> None:
    old = af_lab.cluster("successor", workers=0)
    act(old, "remove")
    wait(lambda: not states(), "the cluster is gone")
    with af_lab.cluster("successor", workers=0) as new:
        assert old != new
        for touch in (lambda: old.scale(3), lambda: old.adapt(maximum=3), old.info):
            with pytest.raises(ClusterNotFound, match="another cluster has its name"):
                touch()
        old.shutdown()
        assert new.info().workers == 0
        assert states() == {"successor": "running"}


def test_a_shutdown_that_fails_leaves_everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    with af_lab.cluster("still", workers=1) as cluster:
        client = cluster.get_client()
        with monkeypatch.context() as without_condor:
            without_condor.setenv("CONDOR_CONFIG", "/nonexistent")
            end_helper(cluster)
            with pytest.raises(CondorUnavailable):
                cluster.shutdown()
            with pytest.raises(CondorUnavailable):
                client.shutdown()
        end_helper(cluster)
        assert cluster.status == Status.running
        with cluster.get_client() as again:
            assert again.submit(sum, [1, 2]).result(timeout=120) == 3


def end_helper(cluster: af_lab.Cluster) -> None:
    """End the process that talks with the schedd; a new one has the environment of its start."""
    pid = cluster._manager.queue._connection.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_no_connection_stays_open() -> None:
    """Objects that let go, in whatever way and whenever, leave nothing behind."""
    process = psutil.Process()
    with af_lab.cluster("open", workers=1) as cluster:
        cluster.wait_for_workers(1, timeout=120)
        port = int(cluster.scheduler_address.rpartition(":")[2])

        def connections() -> int:
            return sum(bool(found.raddr) and found.raddr.port == port for found in process.net_connections("tcp"))

        for way in ("close", "forget", "client", "logs"):
            for _ in range(5):
                other = af_lab.connect("open")
                match way:
                    case "close":
                        other.close()
                    case "client":
                        other.get_client().close()
                    case "logs":
                        other.get_logs()
                del other
                gc.collect()
        # Those of the cluster's own object: one for workers, and those for questions.
        wait(lambda: connections() <= 4, "the connections of the others are closed")
        cluster.close()
        wait(lambda: connections() == 0, "and so are those of the object itself")
