"""What a notebook does, on a real pool."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest
from distributed import Client
from distributed.core import Status
from distributed.exceptions import WorkerStartTimeoutError

import af_lab
from af_lab.condor.description import string
from af_lab.condor.queue import Queue
from af_lab.errors import (
    AfLabError,
    ClusterExists,
    ClusterNotFound,
    EnvironmentMismatch,
    SpecError,
)
from af_lab.model import ads
from tests.jobs.pythons import python_with
from tests.notebook.clusters import python, states
from tests.support import jobs_left, wait, with_queue
from tests.worker.environment import lean_environment

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left")]


def test_five_lines_compute_on_htcondor(capsys: pytest.CaptureFixture[str]) -> None:
    cluster = af_lab.cluster("notebook", workers=2)
    client = cluster.get_client()
    cluster.wait_for_workers(2, timeout=120)
    assert sum(client.gather(client.map(lambda x: x * x, range(50)))) == 40425

    info = cluster.info()
    assert (info.state, info.counts.connected, info.workers) == ("running", 2, 2)
    assert [found.name for found in af_lab.clusters()] == ["notebook"]
    assert "notebook" in repr(cluster)
    html = cluster._repr_html_()
    assert all(text in html for text in ("notebook", "2 workers requested", "running"))
    assert {worker.state for worker in cluster.workers()} == {"connected"}
    assert cluster.get_client() is client

    cluster.scale(cores=1)
    wait(lambda: cluster.info().counts.connected == 1, "one worker is left")
    client.close()
    cluster.close()
    assert "keeps running; cluster.shutdown() ends it" in capsys.readouterr().out
    assert cluster.status == Status.closed

    again = af_lab.connect("notebook")
    with Client(again) as other:
        assert other.submit(sum, [1, 2]).result(timeout=120) == 3
    cluster.shutdown()
    wait(lambda: not af_lab.clusters(), "what was closed before could be ended all the same")
    wait(lambda: again.status == Status.closed, "and the other object knows")


def test_leaving_with_ends_only_what_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    with af_lab.cluster("with", workers=0):
        with af_lab.cluster("with", workers=3) as same:
            assert same.info().workers == 0
            assert "exists: 0 workers requested. cluster.scale(3) changes that" in capsys.readouterr().out
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
        with pytest.raises(AfLabError, match="one of the four"):
            cluster.scale()
        with pytest.raises(SpecError, match="does not take workers"):
            cluster.adapt(workers=2)
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
    await cluster.wait_for_workers(2, timeout=120)
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


def test_several_objects_of_several_processes_agree() -> None:
    with af_lab.cluster("agree", workers=1) as one:
        two, three = af_lab.connect("agree"), af_lab.connect("agree")
        assert one == two == three
        three.close()
        two.scale(3)
        one.wait_for_workers(3, timeout=120)
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
        assert "drops 3 results (3 MB) that they kept in memory" in capsys.readouterr().out
        wait(lambda: cluster.info().counts.connected == 0, "no worker is left")
        cluster.scale(1)
        cluster.wait_for_workers(1, timeout=120)
        assert "dropped" not in capsys.readouterr().out


def test_waiting_tells_why_and_ends_in_time(capsys: pytest.CaptureFixture[str]) -> None:
    # A few fit into the pool.
    with af_lab.cluster("why", workers=0, memory="10 GB") as cluster:
        cluster.scale(200)
        assert "of 200 workers connected" in capsys.readouterr().out

        def note() -> str:
            with pytest.raises(WorkerStartTimeoutError) as late:
                cluster.wait_for_workers(200, timeout="2 s")
            assert late.value.expected_workers == 200
            (note,) = late.value.__notes__
            return str(note)

        why = "wait in the queue: "
        wait(lambda: why in note() and why in capsys.readouterr().out, "the reason is shown, and stands in the error")
        assert "'why'" in note()
        capsys.readouterr()
        assert cluster.explain().waiting > 0
        cluster.quiet = True
        cluster.scale(0)
        wait(lambda: not cluster.requested, "no worker is left, and no job")
        with pytest.raises(WorkerStartTimeoutError) as late:
            cluster.wait_for_workers(1, timeout=0.3)
        assert "only 0 requested" in late.value.__notes__[0]
        assert capsys.readouterr().out == ""


def test_logs_are_there_with_and_without_the_scheduler() -> None:
    cluster = af_lab.cluster("logs", workers=1)
    cluster.wait_for_workers(1, timeout=120)
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
    with af_lab.cluster("widget", workers=0, memory="10 GB") as cluster:
        status, scaling = cluster._widget().children
        table, accordion = scaling.children
        (workers, scale), (minimum, maximum, adapt) = (box.children for box in accordion.children)
        workers.value = 1
        scale.click()
        cluster.wait_for_workers(1, timeout=120)
        wait(lambda: "Workers: 1<" in table.value and "Manual" in table.value, "the widget tells the workers")
        with cluster.get_client() as client:
            task = client.submit(time.sleep, 2)
            wait(lambda: "Work: sleep<" in table.value and "Tasks: 0 of 1 task done" in table.value, "and what they do")
            wait(lambda: "0 of 1 task done, 1 runs" in cluster._repr_html_(), "so does what a notebook shows")
            task.result(120)
        wait(lambda: "Work: idle<" in table.value, "and when they have nothing to do")
        minimum.value, maximum.value = 1, 3
        adapt.click()
        wait(lambda: "Adaptive (1 to 3)" in table.value, "the widget tells the range")
        wait(lambda: "scaling by itself between 1 and 3 workers" in status.value, "and so does its first tab")
        workers.value = 300
        scale.click()
        wait(lambda: "/ 300" in table.value and "wait in the queue: " in table.value, "the widget tells why some wait")


def test_a_python_that_would_not_understand_the_cluster_is_told_before_anything_happens(tmp_path: Path) -> None:
    other = python_with(tmp_path, "distributed", "2020.1.0")
    with pytest.raises(EnvironmentMismatch, match=r"not compatible: distributed \S+ here, 2020\.1\.0 in the cluster"):
        af_lab.cluster("apart", workers=0, environment={"path": other})
    assert with_queue(jobs_left) == 0

    with af_lab.cluster("apart", workers=0) as cluster:
        versions = cluster.info().environment
        theirs = {"dask": versions.dask, "distributed": versions.distributed, "af_lab": versions.af_lab}
        apart = ads.encode(theirs | {"python": "3.99.1"})

        async def edit(queue: Queue) -> int:
            return await queue.edit(f"ClusterId == {cluster.info().id}", {ads.VERSIONS: string(apart)})

        assert asyncio.run(asyncio.to_thread(with_queue, edit)) == 1
        for meet in (af_lab.connect, af_lab.cluster):
            with pytest.raises(EnvironmentMismatch, match=r"3\.99\.1 in the cluster\. Use the cluster from a kernel"):
                meet("apart")


def test_a_cluster_of_another_environment_is_told_to_those_who_connect(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = lean_environment(tmp_path / "lean")
    with af_lab.cluster("elsewhere", workers=0, environment={"path": str(other)}):
        capsys.readouterr()
        af_lab.connect("elsewhere").close()
    assert (
        f"The cluster 'elsewhere' runs in {other}, this notebook or script in {sys.executable}"
        in capsys.readouterr().out
    )


def test_the_pool_is_told() -> None:
    assert af_lab.pool() is not None


def test_importing_af_lab_is_cheap() -> None:
    program = "import sys, af_lab; print([m for m in ('distributed', 'htcondor2', 'pydantic') if m in sys.modules])"
    done = python(program)
    assert done.stdout.strip() == "[]"
