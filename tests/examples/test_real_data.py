"""The dimuon analysis on a cluster of HTCondor jobs: what real data give, and what generated data give here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from af_lab_examples.sample import DimuonSample
from coffea import processor
from distributed import Client

import af_lab
from tests.examples.test_dimuon import REFERENCE, analyse

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left")]


@pytest.fixture
def client() -> Iterator[Client]:
    with af_lab.cluster("dimuon", workers=2) as cluster, cluster.get_client() as client:
        client.wait_for_workers(2, timeout=120)
        yield client


def test_real_data_give_the_reference_counts(client: Client, real_file: str) -> None:
    result = analyse([real_file], processor.DaskExecutor(client=client, status=False))
    assert result["counts"] == REFERENCE


def test_generated_data_give_the_same_as_here(client: Client, dimuons: DimuonSample) -> None:
    result, here = (
        analyse(dimuons.files, executor) for executor in (processor.DaskExecutor(client=client, status=False), None)
    )
    assert result["counts"] == here["counts"]
    assert result["histograms"]["mass"] == here["histograms"]["mass"]
