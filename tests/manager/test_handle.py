"""What a notebook does, on a real pool."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest
from distributed import Client
from distributed.client import FutureCancelledError
from distributed.core import Status
from distributed.exceptions import WorkerStartTimeoutError

import af_lab
from af_lab.condor.description import string
from af_lab.condor.queue import Queue
from af_lab.errors import (
    AfLabError,
    ClusterExists,
    ClusterFailed,
    ClusterNotFound,
    CondorUnavailable,
    EnvironmentMismatch,
    SpecError,
)
from af_lab.manager import ads
from tests.support import jobs_left, wait, with_queue

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left")]


def runner_pid(cluster: af_lab.Cluster) -> int:
    """Process id of the newest start of the scheduler; its log is named after it."""
    logs = cluster._folder.logs.glob("scheduler-*.log")
    newest = max(logs, key=lambda log: log.stat().st_mtime_ns)
    return int(newest.stem.rpartition("-")[2])


def kill_scheduler(cluster: af_lab.Cluster) -> None:
    os.kill(runner_pid(cluster), signal.SIGKILL)


def act(cluster: af_lab.Cluster, action: str) -> None:
    """Remove or hold the scheduler job, as condor_rm and condor_hold do."""
    constraint = f"ClusterId == {cluster.info().id}"

    async def asked(queue: Queue) -> int:
        return await (queue.remove if action == "remove" else queue.hold)(constraint, "asked for by the test")

    assert with_queue(asked) == 1


def states() -> dict[str, str]:
    return {info.name: info.state for info in af_lab.clusters()}


def python(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True, timeout=120)


def test_five_lines_compute_on_htcondor(capsys: pytest.CaptureFixture[str]) -> None:
    cluster = af_lab.cluster("notebook", workers=2)
    client = cluster.get_client()
    cluster.wait_for_workers(2, timeout=90)
    assert sum(client.gather(client.map(lambda x: x * x, range(50)))) == 40425

    info = cluster.info()
    assert (info.state, info.counts.connected, info.workers) == ("running", 2, 2)
    assert [found.name for found in af_lab.clusters()] == ["notebook"]
    assert "notebook" in repr(cluster)
    html = cluster._repr_html_()
    assert all(text in html for text in ("notebook", "asked for 2 workers", "running"))
    assert {worker.state for worker in cluster.workers()} == {"connected"}
    assert cluster.get_client() is client

    cluster.scale(cores=1)
    wait(lambda: cluster.info().counts.connected == 1, "one worker is left")
    client.close()
    cluster.close()
    assert "goes on; cluster.shutdown() ends it" in capsys.readouterr().out
    assert cluster.status == Status.closed

    again = af_lab.connect("notebook")
    with Client(again) as other:
        assert other.submit(sum, [1, 2]).result(timeout=60) == 3
    cluster.shutdown()
    wait(lambda: not af_lab.clusters(), "what was closed before could be ended all the same")
    wait(lambda: again.status == Status.closed, "and the other object knows")


def test_leaving_with_ends_only_what_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    with af_lab.cluster("with", workers=0):
        with af_lab.cluster("with", workers=3) as same:
            assert same.info().workers == 0
            assert "exists, asked for 0 workers; cluster.scale(3) changes that" in capsys.readouterr().out
        with pytest.raises(ZeroDivisionError), af_lab.connect("with"):
            raise ZeroDivisionError
        with af_lab.cluster("with", adapt=(1, 2)):
            assert "cluster.adapt(minimum=1, maximum=2) changes that" in capsys.readouterr().out
        with af_lab.cluster("with", workers=0):
            assert "exists" not in capsys.readouterr().out
        assert states() == {"with": "running"}
    wait(lambda: not af_lab.clusters(), "the cluster is gone")


def test_another_shape_is_refused_with_the_differences() -> None:
    with af_lab.cluster("shape", workers=0, memory="1 GB"):
        with pytest.raises(ClusterExists, match="memory: asked for 2 GB, the cluster has 1 GB"):
            af_lab.cluster("shape", memory="2 GB")
        with pytest.raises(ClusterExists, match=r"cores: asked for 2.*; memory: asked for 3 GB"):
            af_lab.cluster("shape", memory="3 GB", cores=2)
        af_lab.cluster("shape", memory="1 GB").close()


def test_what_is_wrong_is_told_before_anything_happens() -> None:
    with pytest.raises(SpecError, match="memory"):
        af_lab.cluster("wrong", memory="lots")
    with pytest.raises(SpecError, match="not both"):
        af_lab.cluster("wrong", workers=1, adapt=(0, 2))
    with pytest.raises(ClusterNotFound, match="no cluster 'wrong'"):
        af_lab.connect("wrong")
    with af_lab.cluster("right", workers=0) as cluster:
        with pytest.raises(SpecError, match="from 0 to 100000"):
            cluster.scale(-1)
        with pytest.raises(AfLabError, match="one of the two"):
            cluster.scale()
        with pytest.raises(SpecError, match=r"not interval: .*adaptive.patience"):
            cluster.adapt(minimum=0, maximum=2, interval="1s")
        with pytest.raises(SpecError, match="needs a maximum"):
            cluster.adapt(minimum=1)
        with pytest.raises(SpecError, match="minimum 3 is above the maximum 2"):
            cluster.adapt(minimum=3, maximum=2)
        with pytest.raises(SpecError, match="from 1"):
            cluster.wait_for_workers(0)
        info = cluster.info()
        assert (info.workers, info.adapt, info.generation) == (0, None, 1)


async def test_the_same_with_await(capsys: pytest.CaptureFixture[str]) -> None:
    cluster = await af_lab.cluster("awaited", workers=1, asynchronous=True)
    async with Client(cluster, asynchronous=True) as client:
        assert await client.submit(sum, [1, 2]) == 3
    assert (await cluster.info()).counts.connected == 1
    cluster.scale(2)  # as Dask's users do, without awaiting it
    await cluster.wait_for_workers(2, timeout=90)
    await cluster.adapt(minimum=0, maximum=3)
    assert (await cluster.info()).adapt is not None
    assert len(await cluster.workers()) == 2
    assert {"Cluster", "Scheduler"} <= set(await cluster.get_logs())
    other = await af_lab.connect("awaited", asynchronous=True)
    await other.close()
    async with af_lab.connect("awaited", asynchronous=True) as again:
        assert again.status == Status.running
    client = await cluster.get_client()
    await client.shutdown()
    assert (cluster.status, client.status) == (Status.closed, "closed")
    assert "connected" not in capsys.readouterr().out, "what is awaited shows no progress"


@pytest.mark.parametrize(
    "program",
    [
        "cluster = af_lab.cluster('kernel', workers=0)",
        "cluster = af_lab.cluster('kernel', workers=0); client = cluster.get_client(); cluster._widget()",
        "cluster = af_lab.cluster('kernel', workers=0)\nwith Client(cluster): pass",
        "import asyncio\nasync def main():\n  c = await af_lab.cluster('kernel', workers=0, asynchronous=True)\n"
        "  client = await c.get_client()\n  await client.close()\nasyncio.run(main())",
        "cluster = af_lab.cluster('kernel', workers=0); client = cluster.get_client(); sys.exit(0)",
    ],
    ids=["object", "client and widget", "left client", "async", "exit"],
)
def test_a_kernel_that_ends_leaves_the_cluster_as_it_is_and_says_nothing(program: str) -> None:
    done = python(f"import sys, af_lab\nfrom distributed import Client\n{program}", "-W", "error::ResourceWarning")
    assert (done.returncode, done.stderr) == (0, "")
    assert states() == {"kernel": "running"}


def test_an_exception_in_the_kernel_leaves_the_cluster_as_it_is() -> None:
    done = python("import af_lab; c = af_lab.cluster('kernel', workers=0); client = c.get_client(); 1 / 0")
    assert done.stderr.splitlines()[-1] == "ZeroDivisionError: division by zero"
    assert len(done.stderr.splitlines()) <= 4, done.stderr
    assert states() == {"kernel": "running"}


def test_an_interrupt_ends_the_waiting_and_nothing_else() -> None:
    done = python(
        "import os, signal, threading, af_lab\n"
        "cluster = af_lab.cluster('interrupt', workers=0)\n"
        "threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "try:\n  cluster.wait_for_workers(1, timeout=60)\n"
        "except KeyboardInterrupt:\n  cluster.scale(1); cluster.wait_for_workers(1, timeout=90); print('goes on')\n"
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
        assert left.submit(sum, [1, 2]).result(timeout=90) == 3
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
    client().shutdown()
    assert cluster.status == Status.closed
    wait(lambda: not states(), "the cluster is gone")
    wait(lambda: other.status == "closed", "the other client does not try to come back")


def test_the_object_and_its_client_survive_a_restart_of_the_scheduler() -> None:
    with af_lab.cluster("restart", workers=2) as cluster:
        client = cluster.get_client()
        cluster.wait_for_workers(2, timeout=90)
        before = client.submit(lambda: 1)
        assert before.result(timeout=60) == 1
        address = cluster.scheduler_address

        kill_scheduler(cluster)
        wait(lambda: cluster.status == Status.starting, "the object knows")
        assert cluster.scheduler_info["workers"] == {}
        with pytest.raises(WorkerStartTimeoutError) as late:
            cluster.wait_for_workers(2, timeout=0.3)
        assert "the Dask scheduler is being started again" in late.value.__notes__[0]
        cluster.wait_for_workers(2, timeout=60)
        assert (cluster.status, cluster.scheduler_address) == (Status.running, address)
        assert len(cluster.scheduler_info["workers"]) == 2

        with pytest.raises(FutureCancelledError, match="lost the connection to the scheduler"):
            before.result(timeout=10)
        after = client.submit(lambda: 2)
        assert after.result(timeout=60) == 2

        client.restart()
        with pytest.raises(FutureCancelledError, match="Scheduler has restarted"):
            after.result(timeout=10)
        assert client.submit(lambda: 3).result(timeout=60) == 3
        assert states() == {"restart": "running"}


def test_what_a_silent_scheduler_told_before_is_not_forgotten() -> None:
    with af_lab.cluster("silent", workers=1) as cluster:
        cluster.wait_for_workers(1, timeout=90)
        wait(lambda: cluster._link.info.counts.connected == 1, "the runner told of the worker")
        pid = runner_pid(cluster)
        os.kill(pid, signal.SIGSTOP)
        try:
            assert "did not answer" in cluster.info().reason
        finally:
            os.kill(pid, signal.SIGCONT)
        assert "Workers: 1<" in cluster._scaling_status()
        wait(lambda: "did not answer" not in cluster._repr_html_(), "it answers again")
        with cluster.get_client() as client:
            assert client.submit(sum, [1, 2]).result(timeout=60) == 3


def test_a_client_that_is_made_during_a_restart_waits_for_it() -> None:
    with af_lab.cluster("early", workers=1) as cluster:
        kill_scheduler(cluster)
        wait(lambda: cluster.status == Status.starting, "the object knows")
        with Client(cluster) as client:
            assert client.submit(sum, [1, 2]).result(timeout=90) == 3


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


@pytest.mark.parametrize("end", ["remove", "hold"])
def test_an_end_elsewhere_is_noticed_and_told(
    end: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("distributed"), "propagate", True)
    cluster = af_lab.cluster("elsewhere", workers=1)
    client = cluster.get_client()
    waiting = threading.Thread(target=lambda: told.append(_error_of(lambda: cluster.wait_for_workers(5))))
    told: list[BaseException | None] = []
    waiting.start()
    act(cluster, end)
    over = Status.closed if end == "remove" else Status.failed
    wait(lambda: cluster.status == over, "the object knows")
    waiting.join(timeout=30)
    says = "has ended: It was removed" if end == "remove" else "has failed: asked for by the test"
    assert isinstance(told[0], ClusterFailed)
    assert says in str(told[0])
    with pytest.raises(ClusterFailed, match=says):
        cluster.get_client()
    wait(lambda: client.status == "closed", "its client does not try to come back", seconds=10)
    assert "Scheduler at" in cluster.get_logs()["Scheduler"]
    if end == "hold":
        with pytest.raises(ClusterFailed, match="af-lab cluster stop elsewhere"):
            af_lab.connect("elsewhere")
    cluster.shutdown()
    wait(lambda: not states(), "the cluster is gone")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


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
            with pytest.raises(ClusterNotFound, match="another one has its name"):
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
            assert again.submit(sum, [1, 2]).result(timeout=90) == 3


def end_helper(cluster: af_lab.Cluster) -> None:
    """End the process that talks with the schedd; a new one has the environment of its start."""
    pid = cluster._manager.queue._connection.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_several_objects_of_several_processes_agree() -> None:
    with af_lab.cluster("agree", workers=1) as one:
        two, three = af_lab.connect("agree"), af_lab.connect("agree")
        assert one == two == three
        three.close()
        two.scale(3)
        one.wait_for_workers(3, timeout=90)
        for cluster in (one, two):
            wait(lambda cluster=cluster: len(cluster.scheduler_info["workers"]) == 3, "both see the workers")  # type: ignore[misc]
        done = python(
            "import af_lab; c = af_lab.connect('agree'); c.adapt(minimum=1, maximum=4); print(c.info().adapt)"
        )
        assert "maximum=4" in done.stdout, done.stderr
        for cluster in (one, two):
            wait(lambda cluster=cluster: "Adaptive (1 to 4)" in cluster._scaling_status(), "both see the range")  # type: ignore[misc]
        two.scale(2)
        wait(lambda: "Manual" in one._scaling_status() and len(one.observed) == 2, "manual scaling ended adaptive")
        wait(lambda: len(one.plan) == len(one.requested) == 2, "no job more than wanted is left")


def test_a_range_that_is_asked_for_again_loses_nothing() -> None:
    with af_lab.cluster("range", adapt=(1, 5)) as cluster:
        cluster.adapt(minimum=1, maximum=5)
        adapt = cluster.info().adapt
        assert (adapt.minimum, adapt.maximum) == (1, 5)
        cluster.adapt(maximum=7)
        adapt = cluster.info().adapt
        assert (adapt.minimum, adapt.maximum) == (1, 7)
        cluster.scale(0)
        assert (cluster.info().workers, cluster.info().adapt) == (0, None)
        cluster.adapt(maximum=2)
        adapt = cluster.info().adapt
        assert (adapt.minimum, adapt.maximum) == (0, 2)


def test_scaling_to_zero_says_what_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    with af_lab.cluster("zero", workers=1) as cluster, cluster.get_client() as client:
        kept = client.map(bytes, range(1_000_000, 1_000_003))
        assert len(client.gather(kept)) == 3
        wait(lambda: cluster.info().kept_results == 3, "the runner knows of the results")
        capsys.readouterr()
        cluster.scale(0)
        assert "3 results (2.86 MiB) that they kept in memory are dropped" in capsys.readouterr().out
        wait(lambda: cluster.info().counts.connected == 0, "no worker is left")
        cluster.scale(1)
        cluster.wait_for_workers(1, timeout=90)
        assert "dropped" not in capsys.readouterr().out


def test_waiting_tells_why_and_ends_in_time(capsys: pytest.CaptureFixture[str]) -> None:
    with af_lab.cluster("why", workers=0) as cluster:
        cluster.scale(200)
        assert "of 200 workers connected" in capsys.readouterr().out
        with pytest.raises(WorkerStartTimeoutError) as late:
            cluster.wait_for_workers(200, timeout="8 s")
        assert late.value.expected_workers == 200
        (note,) = late.value.__notes__
        assert "'why'" in note
        assert "wait in the queue: " in note
        assert "wait in the queue: " in capsys.readouterr().out
        assert cluster.explain().waiting > 0
        cluster.quiet = True
        cluster.scale(0)
        wait(lambda: not cluster.requested, "no worker is left, and no job")
        with pytest.raises(WorkerStartTimeoutError) as late:
            cluster.wait_for_workers(1, timeout=3)
        assert "the cluster is asked for 0" in late.value.__notes__[0]
        assert capsys.readouterr().out == ""


def test_logs_are_there_with_and_without_the_scheduler() -> None:
    cluster = af_lab.cluster("logs", workers=1)
    cluster.wait_for_workers(1, timeout=90)
    (worker,) = cluster.scheduler_info["workers"]
    logs = cluster.get_logs()
    assert set(logs) == {"Cluster", "Scheduler", worker}
    assert "Scheduler at" in logs["Scheduler"]
    assert set(cluster.get_logs(cluster=False, workers=False)) == {"Scheduler"}
    (job,) = cluster.workers()
    cluster.shutdown()
    after = cluster.get_logs()
    assert set(after) == {"Cluster", "Scheduler", job.id}
    assert "Scheduler at" in after["Scheduler"]
    assert "distributed.worker" in after[job.id]


def test_the_widget_scales_and_tells() -> None:
    with af_lab.cluster("widget", workers=0) as cluster:
        status, scaling = cluster._widget().children
        table, accordion = scaling.children
        (workers, scale), (minimum, maximum, adapt) = (box.children for box in accordion.children)
        workers.value = 1
        scale.click()
        cluster.wait_for_workers(1, timeout=90)
        wait(lambda: "Workers: 1<" in table.value and "Manual" in table.value, "the widget tells the workers")
        minimum.value, maximum.value = 1, 3
        adapt.click()
        wait(lambda: "Adaptive (1 to 3)" in table.value, "the widget tells the range")
        assert "scaling by itself between 1 and 3 workers" in status.value
        workers.value = 300
        scale.click()
        wait(lambda: "/ 300" in table.value and "wait in the queue: " in table.value, "the widget tells why some wait")


def test_a_python_that_would_not_understand_the_cluster_is_told_before_anything_happens(tmp_path: Path) -> None:
    other = tmp_path / "python"
    found = '{"python": "3.99.1", "af-lab": "0", "dask": "2020.1.0", "distributed": "2020.1.0", "htcondor": "25"'
    other.write_text(f'#!/bin/sh\necho \'{found}, "dask-jobqueue": "0.9", "cryptography": "42"}}\'\n')
    other.chmod(0o700)
    with pytest.raises(
        EnvironmentMismatch, match=r"python 3\.\d+\.\d+ here, 3\.99\.1 in the cluster; dask .*2020\.1\.0"
    ):
        af_lab.cluster("apart", workers=0, environment={"path": str(other)})
    assert with_queue(jobs_left) == 0

    with af_lab.cluster("apart", workers=0) as cluster:
        versions = cluster.info().environment
        apart = ads.encode({"python": "3.99.1", "dask": versions.dask, "distributed": versions.distributed})

        async def edit(queue: Queue) -> int:
            return await queue.edit(f"ClusterId == {cluster.info().id}", {ads.VERSIONS: string(apart)})

        assert asyncio.run(asyncio.to_thread(with_queue, edit)) == 1
        for meet in (af_lab.connect, af_lab.cluster):
            with pytest.raises(EnvironmentMismatch, match=r"3\.99\.1 in the cluster\. Use the cluster from a kernel"):
                meet("apart")


def test_the_pool_is_told() -> None:
    assert af_lab.pool() is not None


def test_importing_af_lab_is_cheap() -> None:
    program = "import sys, af_lab; print([m for m in ('distributed', 'htcondor2', 'pydantic') if m in sys.modules])"
    done = python(program)
    assert done.stdout.strip() == "[]"
