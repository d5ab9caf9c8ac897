"""Notebooks that need ROOT, one after the other on a cluster that is too large for its pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from af_lab_examples.compare import compare

import af_lab
from af_lab import Cluster
from af_lab.gallery.examples import list_examples
from tests.examples.isolated import QUICK
from tests.examples.notebooks import EVENTS, Run, check, check_histograms, run, short
from tests.support import clean, with_queue

pytestmark = [pytest.mark.pool, pytest.mark.slow]

WITH_ROOT = [example.id for example in list_examples() if "ROOT" in example.needs]
WORKERS = 5


@pytest.fixture(scope="module")
def crowded() -> Iterator[Cluster]:
    """Run a cluster of five workers, no two of which fit the pool: one compiles all analyses."""
    with af_lab.cluster("crowded", workers=WORKERS, memory="20 GB", variables=QUICK) as cluster:
        yield cluster
        cluster.shutdown()
    with_queue(clean)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, crowded: Cluster) -> Callable[[str], Run]:
    """Return what runs an example, once."""

    @cache
    def first_run(name: str) -> Run:
        parameters = {"cluster_name": crowded.name, "workers": WORKERS} | short(name)
        return run(name, tmp_path_factory.mktemp(name), parameters)

    return first_run


@pytest.mark.parametrize("name", WITH_ROOT)
def test_one_of_five_workers_is_enough(name: str, ran: Callable[[str], Run], crowded: Cluster) -> None:
    check(name, ran(name))
    assert crowded.info().counts.connected == 1
    assert crowded.info().state == "running", "the notebook ended a cluster that it did not start"


@pytest.mark.parametrize("name", [name for name in WITH_ROOT if name.endswith("-rdf")])
def test_finds_what_coffea_finds(name: str, ran: Callable[[str], Run]) -> None:
    check_histograms(name, ran(name))
    assert "equal" in ran(name).text("stdout")


def test_a_second_run_of_the_adl_queries_finds_the_same_and_compiles_nothing(ran: Callable[[str], Run]) -> None:
    results = ran("adl-benchmarks-rdf").results
    cold, warm, coffea = (results[name] for name in ("cold", "warm", "coffea"))
    agreement = compare(cold["histograms"], warm["histograms"])
    assert agreement, str(agreement)
    assert warm["metrics"]["seconds"] < cold["metrics"]["seconds"]
    assert warm["counts"] == coffea["counts"] == {"events": EVENTS}
    # each of the many parts reads what its file begins and ends with
    assert warm["metrics"]["bytes"] == pytest.approx(cold["metrics"]["bytes"], rel=0.5)
    assert warm["metrics"]["bytes"] > coffea["metrics"]["bytes"]
