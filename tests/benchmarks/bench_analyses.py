"""Two analyses in both frameworks, on the same workers: cold and warm times, events per second, and bytes read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from af_lab_examples import catalogue
from af_lab_examples.compare import compare

import af_lab
from tests.benchmarks.support import empty_queue, table
from tests.examples.isolated import isolated

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left"), pytest.mark.timeout(1800)]

CLUSTER = "bench"
WORKERS = 2
WARM_ROUNDS = 2
SAMPLES = {"dimuon": "dimuon", "ADL queries": "single-muon"}

Result = dict[str, Any]


@contextmanager
def fresh_cluster() -> Iterator[None]:
    """Workers that have imported and compiled nothing."""
    with empty_queue(), af_lab.cluster(CLUSTER, workers=WORKERS) as cluster:
        cluster.wait_for_workers(WORKERS, timeout=180)
        yield
        cluster.shutdown()


def run(framework: str, analysis: str, files: list[str]) -> list[Result]:
    """Return what the analysis returned the first time and some times more."""
    from time import perf_counter

    from af_lab_examples import adl_coffea, adl_rdf, dimuon, dimuon_rdf
    from coffea import processor

    import af_lab

    with af_lab.cluster(CLUSTER) as cluster, cluster.get_client() as client:
        executor = processor.DaskExecutor(client=client, status=False)

        def dimuon_coffea() -> Result:
            runner = processor.Runner(
                executor=executor, schema=dimuon.DimuonSchema, chunksize=50_000, savemetrics=True, metadata_cache={}
            )
            start = perf_counter()
            output, metrics = runner({"dimuon": files}, dimuon.DimuonProcessor(), treename="Events")
            result: Result = output
            return result | {"metrics": {"seconds": perf_counter() - start, "bytes": metrics["bytesread"]}}

        ways: dict[tuple[str, str], Callable[[], Result]] = {
            ("Coffea", "dimuon"): dimuon_coffea,
            ("Coffea", "ADL queries"): lambda: adl_coffea.run(files, executor),
            ("RDataFrame", "dimuon"): lambda: dimuon_rdf.run(files, client, 4 * WORKERS),
            ("RDataFrame", "ADL queries"): lambda: adl_rdf.run(files, client, 4 * WORKERS),
        }
        return [ways[framework, analysis]() for _ in range(1 + WARM_ROUNDS)]


def row(analysis: str, framework: str, results: Sequence[Result]) -> list[str]:
    cold, *warm = (result["metrics"]["seconds"] for result in results)
    events, best = results[0]["counts"]["events"], min(warm)
    read = results[-1]["metrics"]["bytes"] / 1e6
    return [
        analysis,
        framework,
        f"{events:,}",
        f"{cold:.1f} s",
        f"{best:.1f} s",
        f"{events / cold:,.0f}",
        f"{events / best:,.0f}",
        f"{read:.1f} MB",
    ]


def test_two_analyses_in_both_frameworks() -> None:
    rows: list[list[str]] = []
    differing: list[str] = []
    for analysis, sample in SAMPLES.items():
        files = catalogue.dataset(sample, progress=False).files
        found: dict[str, list[Result]] = {}
        for framework in ("Coffea", "RDataFrame"):
            with fresh_cluster():
                found[framework] = isolated(run, framework, analysis, files, seconds=900)
            rows.append(row(analysis, framework, found[framework]))
        coffea, rdf = (results[-1]["histograms"] for results in found.values())
        differing += compare(coffea, rdf).differing
    columns = ["", "framework", "events", "cold", "warm", "events/s cold", "events/s warm", "read"]
    caption = f"warm: the best of {WARM_ROUNDS}; read: by one run, compressed"
    table(f"Analyses on {WORKERS} workers", columns, rows, caption)
    assert not differing
