"""Coffea's dask mode on a cluster, which is scaled and damaged meanwhile; prints what it counted, as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
import warnings
from importlib.metadata import version
from typing import Any

import dask_awkward
import distributed
import hist.dask
from coffea.dataset_tools import apply_to_fileset, preprocess
from coffea.nanoevents import NanoAODSchema
from dask.base import compute

import af_lab

PATIENCE = 300  # seconds for workers


class Schema(NanoAODSchema):  # type: ignore[misc]
    """Open data have no numbers of runs."""

    error_missing_event_ids = False


def analysis(events: Any) -> dict[str, Any]:
    """Return the pairs of muons, and the histogram of their masses."""
    pairs = events[dask_awkward.num(events.Muon) == 2]
    mass = (pairs.Muon[:, 0] + pairs.Muon[:, 1]).mass
    return {
        "events": dask_awkward.num(events, axis=0),
        "pairs": dask_awkward.num(pairs, axis=0),
        "mass": hist.dask.Hist.new.Reg(50, 0, 1000).Double().fill(mass),
    }


def count(files: list[str]) -> tuple[int, int, float]:
    """Analyse files on the cluster of the current client."""
    listed = {"muons": {"files": dict.fromkeys(files, "Events")}}
    fileset, _ = preprocess(listed, step_size=1_000, align_clusters=False, skip_bad_files=False)
    (found,) = compute(apply_to_fileset(analysis, fileset, schemaclass=Schema))
    told = found["muons"]
    return int(told["events"]), int(told["pairs"]), float(told["mass"].sum(flow=True).real)


def kill_scheduler(client: distributed.Client) -> None:
    """Kill the scheduler, and wait until another process has taken its place."""
    killed = client.run_on_scheduler(os.getpid)
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        time.sleep(0.2)
        with contextlib.suppress(OSError):
            if client.run_on_scheduler(os.getpid) != killed:
                return
    raise TimeoutError("the scheduler did not come back")


def main() -> None:
    """Count on two workers, on four, with one of them killed, and after the scheduler was killed."""
    files = sys.argv[1:]
    counts: dict[str, object] = {}
    seconds: dict[str, float] = {}
    with af_lab.cluster("dask-mode", workers=2) as cluster, cluster.get_client() as client:

        def measure(name: str) -> None:
            start = time.monotonic()
            counts[name] = count(files)
            seconds[name] = round(time.monotonic() - start, 1)

        try:
            cluster.wait_for_workers(9, timeout=0.1)
        except TimeoutError as late:
            counts["late"] = str(late)
        cluster.wait_for_workers(2, timeout=PATIENCE)
        measure("two workers")
        cluster.scale(4)
        cluster.wait_for_workers(4, timeout=PATIENCE)
        measure("four workers")
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
        measure("a worker killed")
        kill_scheduler(client)
        cluster.wait_for_workers(4, timeout=PATIENCE)
        measure("the scheduler killed")
        cluster.shutdown()
    print(json.dumps({"versions": [version("dask"), version("distributed")], "counts": counts, "seconds": seconds}))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
