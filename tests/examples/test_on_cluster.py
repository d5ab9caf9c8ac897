"""The analyses on a cluster of HTCondor jobs: they give what they give here, and bad files do no harm to it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from af_lab_examples.compare import compare
from af_lab_examples.sample import DimuonSample, Sample, process_sample
from coffea import processor
from distributed import Client

import af_lab
from af_lab import Cluster
from tests.examples import bad_files
from tests.examples.bad_files import FAULTS, SKIPPED, Met
from tests.examples.isolated import QUICK, Isolated
from tests.examples.test_dimuon import REFERENCE, analyse
from tests.support import clean, with_queue

pytestmark = [pytest.mark.pool, pytest.mark.slow]

CLUSTER = "examples"
EVENTS = 5_000
FRAMEWORKS = ("Coffea", "RDataFrame")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Run a cluster of two workers. They compile an analysis once, so one cluster serves all tests."""
    with af_lab.cluster(CLUSTER, workers=2, variables=QUICK) as cluster:
        cluster.wait_for_workers(2, timeout=360)
        yield cluster
        cluster.shutdown()
    with_queue(clean)


@pytest.fixture
def client(cluster: Cluster) -> Iterator[Client]:
    with cluster.get_client() as client:
        yield client


def rdf(files: list[str], npartitions: int | None) -> dict[str, Any]:
    from af_lab_examples import dimuon_rdf

    with af_lab.cluster(CLUSTER) as cluster, cluster.get_client() as client:
        result: dict[str, Any] = dimuon_rdf.run(files, client, npartitions)
        return result


def test_coffea_gives_the_reference_counts(client: Client, real_file: str) -> None:
    result = analyse([real_file], processor.DaskExecutor(client=client, status=False))
    assert result["counts"] == REFERENCE


def test_coffea_gives_the_same_as_here(client: Client, dimuons: DimuonSample) -> None:
    result, here = (
        analyse(dimuons.files, executor) for executor in (processor.DaskExecutor(client=client, status=False), None)
    )
    assert result["counts"] == here["counts"]
    assert result["histograms"]["mass"] == here["histograms"]["mass"]


@pytest.mark.usefixtures("cluster")
def test_rdataframe_gives_the_reference_counts(root: Isolated, real_file: str) -> None:
    assert root(rdf, [real_file], None)["counts"] == REFERENCE


@pytest.mark.usefixtures("cluster")
def test_rdataframe_gives_the_same_as_here(root: Isolated, dimuons: DimuonSample) -> None:
    result, here = root(rdf, dimuons.files, 8), analyse(dimuons.files)
    assert result["counts"]["events"] == dimuons.events
    agreement = compare(result["histograms"], here["histograms"])
    assert agreement, str(agreement)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("good")
    return process_sample("single-muon", EVENTS, files=1, seed=3, folder=folder, progress=False)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory, good: Sample) -> dict[str, str]:
    """Return files by what is wrong with them."""
    return bad_files.make(tmp_path_factory.mktemp("bad"), good.files[0])


@pytest.fixture(scope="module", params=FRAMEWORKS)
def met(request: pytest.FixtureRequest, root: Isolated, cluster: Cluster, good: Sample, bad: dict[str, str]) -> Met:
    found: Met = root(bad_files.meet, request.param, cluster.name, good.files[0], bad)
    return found


@pytest.mark.parametrize("fault", FAULTS)
def test_the_error_names_the_file_and_what_to_do(met: Met, fault: str, good: Sample, bad: dict[str, str]) -> None:
    message = met.messages[fault]
    assert "not told" not in message
    assert bad[fault] in message
    assert good.files[0] not in message
    for words in FAULTS[fault]:
        assert words in message


def test_client_and_cluster_live_on(met: Met) -> None:
    assert met.afterwards == dict.fromkeys(FAULTS, EVENTS)
    before, after = met.workers
    assert before == after
    assert len(before) == 2


def test_the_rest_is_analysed_if_one_says_so(met: Met, bad: dict[str, str]) -> None:
    assert met.rest == EVENTS
    assert "5 of 6 files cannot be analysed" in met.left_out
    assert all(bad[fault] in met.left_out for fault in SKIPPED)


@pytest.mark.usefixtures("cluster")
def test_odd_names(root: Isolated, client: Client, good: Sample, tmp_path: Path) -> None:
    """Those that both frameworks read; the others are refused before anything is sent to workers."""
    files = [str(tmp_path / name) for name in ("zwei Wörter.root", "a:b.root", "[x]y.root", "100%20.root")]
    for file in files:
        shutil.copy(good.files[0], file)
    coffea = analyse(files, processor.DaskExecutor(client=client, status=False))
    assert coffea["counts"]["events"] == len(files) * EVENTS
    assert root(rdf, files, 4)["counts"] == coffea["counts"]
