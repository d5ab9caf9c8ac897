"""The button ■ of a notebook: what it interrupts leaves no tasks on the cluster, in a real kernel."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uproot
from distributed import Client
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

import af_lab
from af_lab import Cluster
from tests.examples.isolated import QUICK
from tests.support import LIMIT, clean, wait, with_queue

pytestmark = [pytest.mark.pool, pytest.mark.slow]

CLUSTER = "interrupts"
TASKS = 120
"""Of each run, each of a second: far more than a test may take."""

QUICKLY = 30.0
"""Seconds until an interrupted run is gone; its tasks would take longer."""

SET_UP = f"""
import time
import dask
import ROOT
from coffea import processor
from distributed import Client, as_completed
import af_lab
cluster = af_lab.connect("{CLUSTER}")
client = cluster.get_client()

def slow(number):
    time.sleep(1)
    return number

class Slow(processor.ProcessorABC):
    def process(self, events):
        return {{"n": slow(1)}}

    def postprocess(self, accumulator):
        return accumulator

def coffea(status):
    executor = processor.DaskExecutor(client=client, status=status)
    run = processor.Runner(executor=executor, schema=None, chunksize=1)
    run({{"data": [FILE]}}, processor_instance=Slow(), treename="Events")

frame = ROOT.RDataFrame({TASKS}, executor=client, npartitions={TASKS})
slow_sum = frame.Define("x", "gSystem->Sleep(1000); return 1.;").Sum("x")

def gather():
    futures = client.map(slow, range({TASKS}))
    return client.gather(futures)
"""

RUNS = {
    "coffea": "coffea(status=False)",
    "coffea with its progress bar": "coffea(status=True)",
    "RDataFrame": "slow_sum.GetValue()",
    "a function that gathers": "gather()",
    "as_completed": f"for done in as_completed(client.map(slow, range({TASKS}))): pass",
    "as_completed with results": f"for _ in as_completed(client.map(slow, range({TASKS})), with_results=True): pass",
    "await": f"""
        async with Client(cluster.scheduler_address, asynchronous=True) as other:
            await other.gather(other.map(slow, range({TASKS})))
        """,
}


class Kernel:
    """A kernel with the notebook that uses it."""

    def __init__(self, manager: KernelManager) -> None:
        self._manager = manager
        self._client: BlockingKernelClient = manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=LIMIT)

    def run(self, code: str) -> None:
        reply = self._reply(self.start(code))
        assert reply["status"] == "ok", "\n".join(reply["traceback"])

    def start(self, code: str) -> str:
        return str(self._client.execute(textwrap.dedent(code)))

    def interrupt(self, cell: str) -> None:
        self._manager.interrupt_kernel()
        reply = self._reply(cell)
        assert reply["ename"] in ("KeyboardInterrupt", "CancelledError"), reply

    def _reply(self, cell: str) -> dict[str, Any]:
        while True:
            reply = self._client.get_shell_msg(timeout=LIMIT)
            if reply["parent_header"]["msg_id"] == cell:
                return dict(reply["content"])

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with af_lab.cluster(CLUSTER, workers=2, variables=QUICK) as cluster:
        cluster.wait_for_workers(2, timeout=360)
        yield cluster
    with_queue(clean)


@pytest.fixture(scope="module")
def observer(cluster: Cluster) -> Iterator[Client]:
    with cluster.get_client() as client:
        yield client


@pytest.fixture(scope="module")
def kernel(cluster: Cluster, file: Path) -> Iterator[Kernel]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    kernel = Kernel(manager)
    try:
        kernel.run(f"FILE = {str(file)!r}\n{SET_UP}")
        yield kernel
    finally:
        kernel.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("interrupts") / "events.root"
    with uproot.recreate(path) as made:
        made["Events"] = {"x": list(range(TASKS))}
    return path


def tasks(observer: Client) -> list[str]:
    """Return the keys of all tasks that the scheduler knows, but for those of the functions that ask it."""
    found: list[str] = observer.run_on_scheduler(
        lambda dask_scheduler: [
            str(task.key) for task in dask_scheduler.tasks.values() if "lambda" not in str(task.key)
        ]
    )
    return found


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_what_is_interrupted_leaves_no_tasks(kernel: Kernel, observer: Client, run: str) -> None:
    cell = kernel.start(run)
    wait(lambda: len(tasks(observer)) > TASKS // 2, "its tasks are on the cluster")
    kernel.interrupt(cell)
    wait(lambda: not tasks(observer), "its tasks have left the cluster", seconds=QUICKLY)
    # Only what the workers had begun runs to its end.
    assert observer.submit(sum, [1, 2], pure=False).result(timeout=QUICKLY) == 3


def test_futures_in_variables_continue(kernel: Kernel, observer: Client) -> None:
    kernel.run("kept = client.map(slow, range(8)); watch = as_completed(kept, with_results=True)")
    cell = kernel.start(f"""
        also_kept = client.map(slow, range(100, 104))
        {RUNS["coffea"]}
    """)
    wait(lambda: len(tasks(observer)) > TASKS // 2, "its tasks are on the cluster")
    kernel.interrupt(cell)
    wait(lambda: len(tasks(observer)) == 12, "only the user's own are left", seconds=QUICKLY)
    kernel.run("assert sorted(result for _, result in watch) == [*range(8)]")
    kernel.run("assert client.gather(kept + also_kept) == [*range(8), *range(100, 104)]")
    kernel.run("del kept, also_kept, watch")
    wait(lambda: not tasks(observer), "they are released as usual")
