from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from af_lab_examples import dimuon
from af_lab_examples.dimuon import WINDOWS, mass_histogram
from af_lab_examples.sample import DimuonSample

from tests.examples.masses import masses, opposite_charge, two_muons

REFERENCE = {
    "events": 100_000,
    "two muons": 48_976,
    "opposite charge": 37_183,
    "J/psi": 3_628,
    "Upsilon": 1_255,
    "Z": 6_864,
}


def analyse(files: list[str], executor: Any = None, chunk: int = 50_000) -> dict[str, Any]:
    return dimuon.run(files, executor, chunk=chunk)


def test_real_data_give_the_reference_counts(real_file: str) -> None:
    result = analyse([real_file])
    assert result["counts"] == REFERENCE
    assert result["histograms"]["mass"].sum(flow=True) == REFERENCE["opposite charge"]


def test_generated_data_give_what_numpy_gives(dimuons: DimuonSample) -> None:
    result = analyse(dimuons.files)
    events = two_muons(dimuons.files)
    mass = masses(opposite_charge(events))
    counts, histogram = result["counts"], result["histograms"]["mass"]

    assert counts["events"] == dimuons.events
    assert counts["two muons"] == len(events)
    assert counts["opposite charge"] == len(mass) == histogram.sum(flow=True)
    for name, (low, high) in WINDOWS.items():
        assert counts[name] == pytest.approx(np.sum((mass > low) & (mass < high)), abs=2)

    difference = np.abs(histogram.values(flow=True) - mass_histogram().fill(mass).values(flow=True))
    assert difference.max() <= 1


def test_how_the_data_are_cut_up_changes_nothing(dimuons: DimuonSample) -> None:
    whole, parts = (analyse(dimuons.files[:1], chunk=size) for size in (1_000_000, 7_000))
    assert whole["counts"] == parts["counts"]
    assert whole["histograms"]["mass"] == parts["histograms"]["mass"]
