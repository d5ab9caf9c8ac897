"""The analyses as HTCondor jobs: they give what they give here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

import pytest
from af_lab_examples import adl_coffea, ttbar, ttbar_coffea
from af_lab_examples.compare import compare
from af_lab_examples.sample import DimuonSample, Sample
from coffea import processor

import af_lab
from tests.examples.isolated import QUICK
from tests.examples.test_adl import BTAG_2015
from tests.examples.test_adl import REAL_FILE as REAL_TTBAR
from tests.examples.test_dimuon import REFERENCE, analyse
from tests.support import clean, with_queue

pytestmark = [pytest.mark.pool, pytest.mark.slow]


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[af_lab.BatchExecutor]:
    """An executor that all tests share."""
    name = tmp_path_factory.mktemp("batch").name
    with af_lab.BatchExecutor(f"examples-{name}", memory="2 GB", variables=QUICK, quiet=True) as executor:
        yield executor
    with_queue(clean)


def pooled(batch: af_lab.BatchExecutor) -> processor.FuturesExecutor:
    """Return coffea's own executor, whose pool is the batch."""
    return processor.FuturesExecutor(pool=batch, status=False)


def rdf_of_dimuons(file: str) -> dict[str, Any]:
    from af_lab_examples import dimuon_rdf

    result: dict[str, Any] = dimuon_rdf.run([file])
    return result


def rdf_of_ttbar(files: dict[str, list[str]]) -> dict[str, Any]:
    from af_lab_examples import ttbar_rdf

    result: dict[str, Any] = ttbar_rdf.run(files)
    return result


def rdf_of_queries(file: str) -> dict[str, Any]:
    from af_lab_examples import adl_rdf

    result: dict[str, Any] = adl_rdf.run([file], btag=BTAG_2015)
    return result


def merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {
        "histograms": {"mass": one["histograms"]["mass"] + other["histograms"]["mass"]},
        "counts": {name: count + other["counts"][name] for name, count in one["counts"].items()},
    }


def test_coffea_gives_the_same_as_here(batch: af_lab.BatchExecutor, dimuons: DimuonSample) -> None:
    result, here = (analyse(dimuons.files, executor) for executor in (pooled(batch), None))
    assert result["counts"] == here["counts"]
    assert result["histograms"]["mass"] == here["histograms"]["mass"]


def test_coffea_gives_the_reference_counts(batch: af_lab.BatchExecutor, real_file: str) -> None:
    assert analyse([real_file], pooled(batch))["counts"] == REFERENCE


def test_rdataframe_gives_the_same_as_coffea_here(batch: af_lab.BatchExecutor, dimuons: DimuonSample) -> None:
    files = dimuons.files[:2]
    result = reduce(merged, batch.map(rdf_of_dimuons, files))
    here = analyse(files)
    assert result["counts"] == here["counts"]
    agreement = compare(result["histograms"], here["histograms"])
    assert agreement, str(agreement)


def test_rdataframe_gives_the_reference_counts(batch: af_lab.BatchExecutor, real_file: str) -> None:
    assert batch.submit(rdf_of_dimuons, real_file).result()["counts"] == REFERENCE


def test_ttbar_is_the_same_in_both_frameworks_and_here(
    batch: af_lab.BatchExecutor, generated: Callable[[str], Sample]
) -> None:
    files = {dataset: list(generated(dataset).files) for dataset in ttbar.DATASETS}
    rdf = batch.submit(rdf_of_ttbar, files)
    here, coffea = ttbar_coffea.run(files), ttbar_coffea.run(files, pooled(batch))
    for result in (coffea, rdf.result()):
        assert result["cutflow"] == here["cutflow"]
        assert result["histograms"].keys() == here["histograms"].keys()
        agreement = compare(result["histograms"], here["histograms"])
        assert agreement, str(agreement)


@pytest.mark.filterwarnings("ignore:Branch .* already exists:RuntimeWarning")
@pytest.mark.skipif(not REAL_TTBAR.exists(), reason=f"there is no {REAL_TTBAR}")
def test_real_top_pairs_are_the_same_in_both_frameworks_and_here(batch: af_lab.BatchExecutor) -> None:
    """The queries of the ADL: the file does not have the variations that the ttbar analysis reads."""
    file = str(REAL_TTBAR)
    rdf = batch.submit(rdf_of_queries, file)
    here, coffea = (adl_coffea.run([file], executor, btag=BTAG_2015) for executor in (None, pooled(batch)))
    for result in (coffea, rdf.result()):
        assert result["counts"] == here["counts"]
        agreement = compare(result["histograms"], here["histograms"])
        assert agreement, str(agreement)
