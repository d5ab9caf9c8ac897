"""What a notebook does, on a real pool."""

from __future__ import annotations

import subprocess
import sys

import pytest
from distributed import Client

import af_lab
from af_lab.errors import AfLabError, ClusterExists, ClusterNotFound, SpecError
from tests.support import wait

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left")]


def test_five_lines_compute_on_htcondor(capsys: pytest.CaptureFixture[str]) -> None:
    cluster = af_lab.cluster("notebook", workers=2)
    client = cluster.get_client()
    cluster.wait_for_workers(2, timeout=90)
    assert sum(client.gather(client.map(lambda x: x * x, range(50)))) == 40425

    info = cluster.info()
    assert (info.state, info.counts.connected, info.workers) == ("running", 2, 2)
    assert [found.name for found in af_lab.clusters()] == ["notebook"]
    assert "notebook" in repr(cluster)
    assert "notebook" in cluster._repr_html_()

    cluster.scale(cores=1)
    wait(lambda: cluster.info().counts.connected == 1, "one worker is left")
    client.close()
    cluster.close()
    assert "goes on; cluster.shutdown() ends it" in capsys.readouterr().out

    again = af_lab.connect("notebook")
    with Client(again) as other:
        assert other.submit(sum, [1, 2]).result(timeout=60) == 3
    again.shutdown()
    wait(lambda: not af_lab.clusters(), "the cluster is gone")


def test_leaving_with_ends_only_what_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    with af_lab.cluster("with", workers=0):
        with af_lab.cluster("with", workers=3) as same:
            assert same.info().workers == 0
            assert "asked for 0 workers" in capsys.readouterr().out
        assert [info.state for info in af_lab.clusters()] == ["running"]
    wait(lambda: not af_lab.clusters(), "the cluster is gone")


def test_another_shape_is_refused_with_the_differences() -> None:
    with af_lab.cluster("shape", workers=0, memory="1 GB"):
        with pytest.raises(ClusterExists, match="memory: asked for 2 GB, the cluster has 1 GB"):
            af_lab.cluster("shape", memory="2 GB")
        af_lab.cluster("shape", memory="1 GB").close()


def test_what_is_wrong_is_told_before_anything_happens() -> None:
    with pytest.raises(SpecError, match="memory"):
        af_lab.cluster("wrong", memory="lots")
    with pytest.raises(ClusterNotFound, match="no cluster 'wrong'"):
        af_lab.connect("wrong")
    with af_lab.cluster("right", workers=0) as cluster:
        with pytest.raises(SpecError, match="from 0 to 100000"):
            cluster.scale(-1)
        with pytest.raises(AfLabError, match="one of the two"):
            cluster.scale()


async def test_the_same_with_await() -> None:
    cluster = await af_lab.cluster("awaited", workers=1, asynchronous=True)
    async with Client(cluster, asynchronous=True) as client:
        assert await client.submit(sum, [1, 2]) == 3
    assert (await cluster.info()).counts.connected == 1
    await cluster.shutdown()


def test_a_kernel_that_ends_leaves_the_cluster_as_it_is() -> None:
    program = "import af_lab; af_lab.cluster('kernel', workers=0)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=90)
    assert (done.returncode, done.stderr) == (0, "")
    assert [(info.name, info.state) for info in af_lab.clusters()] == [("kernel", "running")]


def test_importing_af_lab_is_cheap() -> None:
    program = "import sys, af_lab; print([m for m in ('distributed', 'htcondor2', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
