from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import mplhep
import pytest
from af_lab_examples.dimuon import mass_histogram
from af_lab_examples.plots import dimuon_spectrum
from af_lab_examples.sample import DimuonSample

from tests.examples.masses import masses, opposite_charge, two_muons


@pytest.fixture(autouse=True)
def style() -> Iterator[None]:
    with mpl.rc_context({"backend": "agg"}):
        mplhep.style.use("CMS")
        yield
        mpl.pyplot.close("all")


def test_names_the_peaks(dimuons: DimuonSample, tmp_path: Path) -> None:
    histogram = mass_histogram().fill(masses(opposite_charge(two_muons(dimuons.files))))
    figure = dimuon_spectrum(histogram, "some data")
    figure.savefig(tmp_path / "spectrum.png")
    (axes,) = figure.axes
    placed = {text.get_text(): text.xy[0] for text in axes.texts}  # type: ignore[attr-defined]
    assert len(placed) == 6
    assert placed[r"$J/\psi$"] == pytest.approx(3.1, rel=0.02)
    assert placed["$Z$"] == pytest.approx(91.2, rel=0.02)
    assert axes.get_title(loc="left") == "some data"
    assert axes.get_title(loc="right") == f"{histogram.sum(flow=True):,.0f} muon pairs"


def test_names_nothing_where_no_peak_is(tmp_path: Path) -> None:
    histogram = mass_histogram()
    histogram.view()[:] = 1e6 / histogram.axes[0].centers
    figure = dimuon_spectrum(histogram)
    figure.savefig(tmp_path / "smooth.png")
    assert not figure.axes[0].texts


def test_an_empty_histogram_is_drawn(tmp_path: Path) -> None:
    dimuon_spectrum(mass_histogram()).savefig(tmp_path / "empty.png")
