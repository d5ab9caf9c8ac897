from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot
from af_lab_examples.compare import compare
from af_lab_examples.sample import DimuonSample

from af_lab.errors import AfLabError
from tests.examples.isolated import Isolated
from tests.examples.test_dimuon import REFERENCE, analyse

Result = dict[str, Any]


def rdf(files: list[str]) -> Result:
    from af_lab_examples import dimuon_rdf

    result: Result = dimuon_rdf.run(files)
    return result


def rdf_error(files: list[str]) -> str:
    try:
        rdf(files)
    except AfLabError as error:
        return str(error)
    return ""


def test_real_data_give_the_reference_counts(root: Isolated, real_file: str) -> None:
    result = root(rdf, [real_file])
    assert result["counts"] == REFERENCE
    assert result["histograms"]["mass"].sum(flow=True) == REFERENCE["opposite charge"]
    agreement = compare(result["histograms"], analyse([real_file])["histograms"])
    assert agreement, str(agreement)


def test_generated_data_give_what_coffea_gives(root: Isolated, dimuons: DimuonSample) -> None:
    first, second = root(rdf, dimuons.files), analyse(dimuons.files)
    agreement = compare(first["histograms"], second["histograms"])
    assert agreement, str(agreement)
    for name, count in second["counts"].items():
        # windows count masses of single precision
        assert first["counts"][name] == pytest.approx(count, abs=2 if name in ("J/psi", "Upsilon", "Z") else 0)


def test_a_missing_branch_is_named(root: Isolated, tmp_path: Path) -> None:
    file = tmp_path / "lacking.root"
    with uproot.recreate(file) as lacking:
        lacking["Events"] = {"nMuon": np.ones(3, np.uint32)}
    message = root(rdf_error, [str(file)])
    assert str(file) in message
    assert "Muon_charge" in message
