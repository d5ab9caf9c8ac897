from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from af_lab_examples import dimuon
from af_lab_examples.dimuon import WINDOWS, mass_histogram
from af_lab_examples.sample import DimuonSample
from coffea import processor

from af_lab.errors import AfLabError
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


@pytest.mark.filterwarnings("ignore:Performed attempt", "ignore:Skipping bad file")  # nobody sees them on a worker
def test_a_file_that_goes_away_after_the_check_is_an_error(dimuons: DimuonSample, tmp_path: Path) -> None:
    """The events of a bad file are never left out without a word, as coffea can do it."""
    stays, goes = (str(shutil.copy(file, tmp_path)) for file in dimuons.files[:2])

    class GoesAway(processor.IterativeExecutor):  # type: ignore[misc]
        def __call__(self, *work: Any) -> Any:
            Path(goes).unlink(missing_ok=True)
            return super().__call__(*work)

    with pytest.raises((AfLabError, OSError), match=Path(goes).name):
        analyse([stays, goes], GoesAway(status=False))
