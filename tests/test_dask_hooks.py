"""What af_lab uses of Dask that is not public, so that an upgrade that lacks it fails here, in words.

Where a test fails: look the use up in af_lab, adapt it, then raise the ceiling of the version in pyproject.toml and in
af_lab/worker/requirements.txt.
"""

from __future__ import annotations

import inspect
import multiprocessing.util
import tomllib
from pathlib import Path
from typing import Any

import distributed.client
import distributed.utils
import pytest
from dask_jobqueue.htcondor import HTCondorJob
from distributed import Client, Nanny, Scheduler, Worker
from distributed.cli import dask_worker
from distributed.client import as_completed
from distributed.deploy.cluster import Cluster
from distributed.diagnostics.plugin import SchedulerPlugin
from distributed.scheduler import ALL_TASK_STATES, TaskState, WorkerState, WorkerStatusPlugin
from distributed.system_monitor import SystemMonitor

import af_lab
from af_lab.runner.task_tally import LEFT

HOOKS: list[tuple[Any, str, str]] = [
    (distributed.utils, "_forkserver_preload_set", "worker jobs fork their workers from their first process"),
    (dask_worker, "main", "worker jobs run it"),
    (Nanny, "process", "the memory guard looks at the worker's process"),
    (Nanny, "preload", "the memory guard adds to what a worker loads"),
    (Nanny, "preload_argv", "the memory guard adds to what a worker loads"),
    (SystemMonitor, "get_process_memory", "a worker pauses by the memory that only it can free"),
    (as_completed, "_track_future", "the futures of a loop that was interrupted are released"),
    (Scheduler, "adaptive_target", "adaptive scaling asks for Dask's estimate"),
    (Scheduler, "check_idle", "a cluster without tasks ends"),
    (Scheduler, "handle_worker_status_change", "a worker that leaves takes no new tasks"),
    (Scheduler, "retire_workers", "a worker that leaves hands over its data"),
    (Scheduler, "start_http_server", "the HTTP side speaks TLS with the cluster's own certificate"),
    (Scheduler, "subscribe_worker_status", "objects in notebooks hear of the workers"),
    (WorkerStatusPlugin, "add_worker", "objects in notebooks hear of the workers"),
    (WorkerState, "executing", "the task that outgrew a worker is found"),
    (WorkerState, "processing", "the task that outgrew a worker is found"),
    (Worker, "metrics", "workers say how busy their machine is"),
    (SchedulerPlugin, "transition", "the tasks of a computation are counted"),
    (WorkerState, "memory_limit", "a card says how full the memory of the workers is"),
    (WorkerState, "nthreads", "tasks that run are told from those that wait at a worker"),
    (TaskState, "prefix", "a card says what the tasks do"),
    (WorkerState, "has_what", "results that would be lost are counted"),
    (WorkerState, "nbytes", "results that would be lost are counted"),
    (TaskState, "resource_restrictions", "a task that outgrew a worker waits for one with more memory"),
    (Client, "_shutdown", "`client.shutdown()` ends a cluster, closing the client does not"),
    (Client, "_instances", "the clients of a cluster that has ended close"),
    (distributed.client, "DEFAULT_EXTENSIONS", "clients of clusters bring back their plug-ins after a restart"),
    (Client, "_ensure_connected", "clients of clusters bring back their plug-ins after a restart"),
    (Client, "_register_scheduler_plugin", "clients know their plug-ins"),
    (Client, "_register_worker_plugin", "clients know their plug-ins"),
    (Client, "_register_nanny_plugin", "clients know their plug-ins"),
    (Client, "_unregister_worker_plugin", "clients know their plug-ins"),
    (Client, "_event_handlers", "topics are subscribed to again after a restart"),
    (Client, "_send_to_scheduler", "topics are subscribed to again after a restart"),
    (Client, "_get_scheduler_info", "clients show only links that work"),
    (Client, "_scheduler_identity", "clients show only links that work"),
    (Client, "scheduler_file", "clients find the keys for a scheduler that a file names"),
    (Client, "connection_args", "clients find the keys for a scheduler that a file names"),
    (Scheduler, "register_nanny_plugin", "workers that a plug-in restarts are not lost"),
    (Scheduler, "restart_workers", "workers that a client restarts are not lost"),
    (Cluster, "_get_logs", "logs are read from files where no scheduler answers"),
    (Cluster, "_widget", "the widget scales the cluster"),
    (Cluster, "_repr_html_", "the widget shows the cluster"),
    (Cluster, "_scaling_status", "the widget shows the workers"),
]


@pytest.mark.parametrize(("owner", "name", "use"), HOOKS, ids=lambda value: value if isinstance(value, str) else None)
def test_hook_exists(owner: Any, name: str, use: str) -> None:
    is_there = hasattr(owner, name) or name in getattr(owner, "__slots__", ()) or name in _annotations(owner)
    assert is_there or f"self.{name}" in _source(owner), f"Dask lacks {owner.__name__}.{name}: {use}"


def _annotations(owner: Any) -> set[str]:
    return {name for class_ in getattr(owner, "__mro__", ()) for name in getattr(class_, "__annotations__", {})}


def _source(owner: Any) -> str:
    return inspect.getsource(owner)


def test_hooks_take_what_they_are_given() -> None:
    started = inspect.signature(Scheduler.start_http_server).parameters
    assert list(started)[1:] == ["routes", "dashboard_address", "default_port", "ssl_options"]
    assert "cluster_status" in inspect.signature(Cluster._repr_html_).parameters
    assert {"expected", "stimulus_id"} <= inspect.signature(Scheduler.remove_worker).parameters.keys()
    assert {"workers", "close_workers", "remove", "stimulus_id"} <= inspect.signature(
        Scheduler.retire_workers
    ).parameters.keys()
    moved = inspect.signature(SchedulerPlugin.transition).parameters
    assert list(moved)[1:4] == ["key", "start", "finish"]
    assert "stimulus_id" in moved
    assert LEFT | {"released", "memory", "erred", "forgotten"} == set(ALL_TASK_STATES)


def test_scheduler_has_what_is_read_of_it() -> None:
    source = inspect.getsource(Scheduler)
    for name in ("http_application", "http_server", "unrunnable"):
        assert f"{name}" in source, f"Dask lacks Scheduler.{name}"
    assert "metrics" in inspect.getsource(Worker)


def test_multiprocessing_takes_the_folder_for_sockets_that_a_worker_job_names() -> None:
    config = multiprocessing.current_process()._config  # type: ignore[attr-defined]
    kept = config.get("tempdir")
    config["tempdir"] = "/a/short/one"
    try:
        assert multiprocessing.util.get_temp_dir() == "/a/short/one"
    finally:
        config["tempdir"] = kept


def test_jobqueue_has_what_is_read_of_it() -> None:
    job = HTCondorJob(scheduler="x", name="worker", cores=1, memory="1 GB", disk="1 GB")
    assert "dask" in job._command_template
    assert job.job_header_dict


def test_ceilings_are_the_same_everywhere() -> None:
    root = Path(af_lab.__file__).parents[1]
    if not (root / "pyproject.toml").exists():
        pytest.skip("af_lab is installed")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = {given.partition(";")[0].strip() for given in project["dependencies"]}
    lines = (root / "af_lab" / "worker" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert {line for line in lines if line and not line.startswith("#")} <= ours
