"""What is in the generated events can be found again by looking at them as an analysis does."""

from __future__ import annotations

from collections.abc import Callable

import awkward as ak
import numpy as np
import pytest
from af_lab_examples.composition import RESONANCES, SAME_SIGN_SHARE
from af_lab_examples.sample import DimuonSample
from scipy.optimize import curve_fit
from scipy.special import voigt_profile

from tests.examples.masses import Floats, masses, opposite_charge, two_muons


@pytest.fixture(scope="module")
def mass(dimuons: DimuonSample) -> Floats:
    return masses(opposite_charge(two_muons(dimuons.files)))


def gauss(x: Floats, peak: float, sigma: float) -> Floats:
    shape: Floats = np.exp(-0.5 * ((x - peak) / sigma) ** 2) / sigma / np.sqrt(2 * np.pi)
    return shape


def z_line(x: Floats, peak: float, sigma: float) -> Floats:
    shape: Floats = voigt_profile(x - peak, sigma, 2.4955 / 2)
    return shape


def fit(
    mass: Floats, low: float, high: float, shape: Callable[[Floats, float, float], Floats], sigma: float
) -> tuple[float, float, float]:
    """Fit a peak over a straight line; return its position, its resolution, and how many events are in it."""
    counts, edges = np.histogram(mass, np.linspace(low, high, 101))
    centres, width = (edges[:-1] + edges[1:]) / 2, edges[1] - edges[0]

    def model(x: Floats, peak: float, sigma: float, entries: float, level: float, slope: float) -> Floats:
        expected: Floats = entries * width * shape(x, peak, sigma) + level + slope * (x - low)
        return expected

    start = [centres[counts.argmax()], sigma, counts.sum() / 2, counts[0], 0]
    found, _ = curve_fit(model, centres, counts, start, sigma=np.sqrt(np.maximum(counts, 1)))
    return float(found[0]), abs(float(found[1])), float(found[2])


def test_the_j_psi_is_where_it_should_be(mass: Floats, dimuons: DimuonSample) -> None:
    peak, sigma, entries = fit(mass, 2.8, 3.4, gauss, 0.03)
    assert peak == pytest.approx(3.0969, abs=0.002)
    assert 0.02 < sigma < 0.05
    assert entries == pytest.approx(dimuons.truth["J/psi"], rel=0.04)


def test_the_upsilons_are_where_they_should_be(mass: Floats, dimuons: DimuonSample) -> None:
    peak, _, entries = fit(mass, 8.8, 9.8, gauss, 0.1)
    assert peak == pytest.approx(9.4604, abs=0.02)
    assert entries == pytest.approx(dimuons.truth["Upsilon(1S)"], rel=0.1)
    below, window, above = np.histogram(mass, [8.05, 9, 10.9, 11.85])[0]
    assert window - below - above == pytest.approx(sum(dimuons.truth[f"Upsilon({n}S)"] for n in (1, 2, 3)), rel=0.1)


def test_the_z_is_where_it_should_be(mass: Floats, dimuons: DimuonSample) -> None:
    peak, sigma, entries = fit(mass, 75, 107, z_line, 1)
    assert peak == pytest.approx(91.188, abs=0.1)
    assert 0.7 < sigma < 2
    assert entries == pytest.approx(dimuons.truth["Z"], rel=0.05)


def test_the_continuum_falls(mass: Floats) -> None:
    edges = [0.3, 0.6, 1.2, 2.4, 4.8, 8, 16, 32, 64, 128, 256]
    density = np.histogram(mass, edges)[0] / np.diff(edges)
    without_peaks = np.delete(density, [3, 8])
    assert np.all(np.diff(without_peaks) < 0)


def test_only_the_continuum_has_pairs_of_equal_charge(dimuons: DimuonSample) -> None:
    events = two_muons(dimuons.files)
    same = events[events.Muon_charge[:, 0] == events.Muon_charge[:, 1]]
    share = len(same) / dimuons.truth["continuum"]
    assert share == pytest.approx(SAME_SIGN_SHARE, rel=0.03)
    mass = masses(same)
    at_peak = np.sum((mass > 3.05) & (mass < 3.15)) / np.sum((mass > 2.8) & (mass < 3.0))
    assert at_peak == pytest.approx(0.5, rel=0.15)


def test_truth_counts_all_events_with_two_muons(dimuons: DimuonSample) -> None:
    assert sum(dimuons.truth.values()) == len(two_muons(dimuons.files))
    assert list(dimuons.truth) == [*(resonance.name for resonance in RESONANCES), "continuum"]


def test_muons_are_as_soft_and_central_as_real_ones(dimuons: DimuonSample, real_file: str) -> None:
    for name in ("pt", "eta"):
        made, real = (
            np.percentile(ak.flatten(two_muons(files)[f"Muon_{name}"]), [25, 50, 75])
            for files in (dimuons.files, [real_file])
        )
        assert np.all(np.abs(made - real) < 0.5 * np.ptp(real)), name
