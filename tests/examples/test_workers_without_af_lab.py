"""Workers need none of af_lab's modules: what they lack is sent to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import awkward as ak
import pytest
from af_lab_examples import adl_coffea, higgs_coffea, ttbar_coffea
from af_lab_examples.sample import Sample, process_sample
from coffea import processor
from distributed import Client, LocalCluster

from tests.examples import (
    adl_reference,
    higgs_reference,
    test_adl,
    test_dimuon,
    test_higgs,
    test_ttbar,
    ttbar_reference,
)
from tests.examples.generated import arrays

# what a worker cannot read may keep a client waiting for ever
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Return the client of a worker that can import neither af_lab nor its examples."""
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster, timeout=180) as client,
    ):
        client.run(lambda: __import__("sys").modules.update(af_lab=None, af_lab_examples=None))
        yield client


@pytest.fixture
def executor(client: Client) -> Any:
    return processor.DaskExecutor(client=client, status=False, retries=0)


def test_muon_pairs(tmp_path: Path, executor: Any) -> None:
    files = process_sample("dimuon", 20_000, files=1, seed=3, folder=tmp_path, progress=False).files
    distributed, here = test_dimuon.analyse(files, executor), test_dimuon.analyse(files)
    assert distributed["counts"] == here["counts"]
    assert distributed["histograms"]["mass"] == here["histograms"]["mass"]


def test_adl_queries(tmp_path: Path, executor: Any) -> None:
    file = tmp_path / "made.root"
    adl_reference.write(file, 2_000, seed=3)
    expected = adl_reference.contents(adl_reference.query(adl_reference.read(file)))
    assert test_adl.filled(adl_coffea.run([file], executor)) == expected


def test_four_leptons(tmp_path: Path, executor: Any) -> None:
    file = tmp_path / "made.root"
    higgs_reference.make(file, 4_000, seed=3)
    test_higgs.check(higgs_coffea.run({"higgs-4l": [file]}, executor), file)


def test_top_pairs(tmp_path: Path, executor: Any) -> None:
    file = tmp_path / "made.root"
    ttbar_reference.make(file, 4_000, seed=3)
    test_ttbar.check(ttbar_coffea.run({"wjets": [file]}, executor), file, "wjets")


@pytest.mark.parametrize("process", ["single-muon", "dimuon", "ttbar", "higgs-4l"])
def test_samples(tmp_path: Path, client: Client, process: str) -> None:
    def made(place: str, by: Client | None) -> Sample:
        return process_sample(process, 2_000, 2, seed=1, folder=tmp_path / place, progress=False, client=by)

    there, here = made("there", client), made("here", None)
    assert there.truth == here.truth
    assert ak.array_equal(arrays(here.files), arrays(there.files))
