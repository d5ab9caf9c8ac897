from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot
from af_lab_examples.compare import compare
from af_lab_examples.sample import DimuonSample

import af_lab
from af_lab.errors import AfLabError
from tests.examples.isolated import isolated
from tests.examples.test_dimuon import REFERENCE, analyse

Result = dict[str, Any]


def rdf(files: list[str]) -> Result:
    from af_lab_examples import dimuon_rdf

    result: Result = dimuon_rdf.run(files)
    return result


def rdf_on_cluster(files: list[str], name: str, npartitions: int | None) -> Result:
    from af_lab_examples import dimuon_rdf

    with af_lab.cluster(name) as cluster, cluster.get_client() as client:
        result: Result = dimuon_rdf.run(files, client, npartitions)
        return result


def rdf_error(files: list[str]) -> str:
    try:
        rdf(files)
    except AfLabError as error:
        return str(error)
    return ""


def test_real_data_give_the_reference_counts(real_file: str) -> None:
    result = isolated(rdf, [real_file])
    assert result["counts"] == REFERENCE
    assert result["histograms"]["mass"].sum(flow=True) == REFERENCE["opposite charge"]
    agreement = compare(result["histograms"], analyse([real_file])["histograms"])
    assert agreement, str(agreement)


def test_generated_data_give_what_coffea_gives(dimuons: DimuonSample) -> None:
    first, second = isolated(rdf, dimuons.files), analyse(dimuons.files)
    agreement = compare(first["histograms"], second["histograms"])
    assert agreement, str(agreement)
    for name, count in second["counts"].items():
        # windows count masses of single precision
        assert first["counts"][name] == pytest.approx(count, abs=2 if name in ("J/psi", "Upsilon", "Z") else 0)


def test_a_missing_branch_is_named(tmp_path: Path) -> None:
    file = tmp_path / "lacking.root"
    with uproot.recreate(file) as root:
        root["Events"] = {"nMuon": np.ones(3, np.uint32)}
    message = isolated(rdf_error, [str(file)])
    assert str(file) in message
    assert "Muon_charge" in message


@pytest.mark.pool
@pytest.mark.slow
@pytest.mark.usefixtures("no_clusters_left")
def test_a_cluster_gives_the_same(real_file: str, dimuons: DimuonSample) -> None:
    with af_lab.cluster("dimuon", workers=2) as cluster:
        result = isolated(rdf_on_cluster, [real_file], "dimuon", None)
        generated = isolated(rdf_on_cluster, dimuons.files, "dimuon", 8)
        cluster.shutdown()
    assert result["counts"] == REFERENCE
    agreement = compare(generated["histograms"], analyse(dimuons.files)["histograms"])
    assert agreement, str(agreement)
