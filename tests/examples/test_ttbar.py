from __future__ import annotations

import shutil
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hist
import numpy as np
import pytest
import uproot
from af_lab_examples import catalogue, stacked, ttbar, ttbar_coffea
from af_lab_examples.compare import compare
from af_lab_examples.fitinput import read_fit_input, write_fit_input
from af_lab_examples.sample import Sample
from matplotlib import pyplot as plt
from scipy.optimize import curve_fit

from af_lab.errors import AfLabError
from tests.examples import ttbar_reference as reference
from tests.examples.isolated import Isolated

Result = dict[str, Any]

RANGES = {"4j1b": (25, 100, 600), "4j2b": (25, 50, 550)}
CROSS_SECTIONS = {"ttbar": 252.9, "wjets": 36257.2, "singletop": 87.1}
SOURCES = {"ttbar": ("jes", "btag"), "wjets": ("jes", "btag", "scale"), "singletop": ("jes", "btag")}


def rdf(files: dict[str, list[str]]) -> Result:
    from af_lab_examples import ttbar_rdf

    result: Result = ttbar_rdf.run(files)
    return result


def rdf_error(files: dict[str, list[str]]) -> str:
    try:
        rdf(files)
    except AfLabError as error:
        return str(error)
    return ""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with random events."""
    file = tmp_path_factory.mktemp("ttbar") / "made.root"
    reference.make(file, 4_000, seed=3)
    return file


@pytest.fixture(scope="module")
def simulated(generated: Callable[[str], Sample]) -> dict[str, list[str]]:
    return {name: generated(name).files for name in CROSS_SECTIONS}


@pytest.fixture(scope="module")
def analysed(simulated: dict[str, list[str]]) -> Result:
    return ttbar_coffea.run(simulated)


def check(result: Result, file: Path, process: str) -> None:
    """Compare with the loop: histograms and the squares of weights, counts, and the scale to the luminosity."""
    filled, total = reference.analyse(file, process)
    counts = result["cutflow"][process]
    assert counts["events"] == 4_000
    assert {name: counts[name] for name in RANGES} == {name: len(filled[name, "nominal"]) for name in RANGES}
    scale = CROSS_SECTIONS[process] * 11_580 / total
    expected_names = ["nominal", *(f"{source}{way}" for source in SOURCES[process] for way in ("Up", "Down"))]
    for name, (bins, low, high) in RANGES.items():
        histogram = result["histograms"][f"{name}_{process}"]
        edges = [low + (high - low) * bin_ / bins for bin_ in range(bins + 1)]
        assert histogram.axes["observable"].edges == pytest.approx(edges)
        assert list(histogram.axes["variation"]) == expected_names
        for variation in expected_names:
            values, variances = np.zeros((2, bins + 2))
            for observable, weight in filled[name, variation]:
                values[bisect_right(edges, observable)] += scale * weight
                variances[bisect_right(edges, observable)] += (scale * weight) ** 2
            part = histogram[:, variation]
            assert np.allclose(part.values(flow=True), values, rtol=1e-9, atol=1e-6 * scale)
            assert np.allclose(part.variances(flow=True), variances, rtol=1e-9, atol=1e-6 * scale)


def test_the_reference_meets_all_regions_and_limits(made: Path) -> None:
    filled, _ = reference.analyse(made, "wjets")
    assert set(filled) == {(region, name) for region in RANGES for name in ttbar.variations("wjets")}
    assert min(map(len, filled.values())) > 100
    assert len(filled["4j1b", "jesUp"]) != len(filled["4j1b", "nominal"])
    with uproot.open(made) as file:
        arrays = file["Events"].arrays()
    assert np.sum(np.asarray(arrays.Jet_pt[arrays.nJet > 0][:, 0]) == 25) > 10
    assert any(observable % 20 == 0 for observable, _ in filled["4j1b", "nominal"])


@pytest.mark.parametrize("process", ["ttbar", "wjets"])
def test_coffea_gives_what_an_event_loop_gives(made: Path, process: str) -> None:
    for chunk in (10_000, 613):
        check(ttbar_coffea.run({process: [made]}, chunk=chunk), made, process)


def test_rdataframe_gives_what_an_event_loop_gives(root: Isolated, made: Path) -> None:
    copy = str(shutil.copy(made, made.with_name("copy.root")))  # a file belongs to one dataset
    result = root(rdf, {"ttbar": [str(made)], "wjets": [copy]})
    assert result["counts"] == {"events": 8_000}
    for process in ("ttbar", "wjets"):
        check(result, made, process)


def test_both_agree_on_generated_events(root: Isolated, simulated: dict[str, list[str]], analysed: Result) -> None:
    second = root(rdf, simulated)
    assert analysed["cutflow"] == second["cutflow"]
    assert analysed["counts"] == second["counts"] == {"events": 180_000}
    for name, histogram in analysed["histograms"].items():
        cross_section = catalogue.entries()[name.partition("_")[2]].cross_section or 0
        agreement = compare(
            {name: histogram},
            {name: second["histograms"][name]},
            heaviest=cross_section * ttbar.LUMINOSITY / 60_000,
        )
        assert agreement, str(agreement)


def test_the_top_is_where_it_should_be(analysed: Result) -> None:
    histogram = analysed["histograms"]["4j2b_ttbar"][:, "nominal"]
    centres, values, errors = histogram.axes[0].centers, histogram.values(), np.sqrt(histogram.variances())
    near = (centres > 110) & (centres < 240)

    def peaked(x: Any, peak: float, sigma: float, height: float, level: float) -> Any:
        return height * np.exp(-0.5 * ((x - peak) / sigma) ** 2) + level

    guess = (172, 18, values.max(), values[near].min())
    (peak, sigma, height, level), covariance = curve_fit(peaked, centres[near], values[near], guess, sigma=errors[near])
    assert np.sqrt(covariance[0, 0]) < 2
    assert peak == pytest.approx(172.5, abs=6)  # jets are calibrated to a percent or two
    assert 10 < abs(sigma) < 30
    assert height > 3 * level


def moments(histogram: hist.Hist[Any], name: str) -> tuple[float, float]:
    part = ttbar.variation_of(histogram, name)
    return float(part.values(flow=True).sum()), float(np.average(part.axes[0].centers, weights=part.values()))


def test_variations_go_the_right_way(analysed: Result) -> None:
    one, two = (analysed["histograms"][f"{region}_ttbar"] for region in RANGES)
    for histogram in (one, two):
        yields, means = zip(*(moments(histogram, name) for name in ("jesDown", "nominal", "jesUp")), strict=True)
        assert yields[0] < 0.99 * yields[1] < 0.99**2 * yields[2]
        assert means[2] - means[0] > 1  # GeV
    # more tags: events go from one region to the other
    assert moments(two, "btagUp")[0] > 1.02 * moments(two, "nominal")[0] > 1.02**2 * moments(two, "btagDown")[0]
    assert moments(one, "btagUp")[0] < moments(one, "nominal")[0] < moments(one, "btagDown")[0]


def test_the_rate_of_w_bosons_varies_by_its_uncertainty(made: Path) -> None:
    histogram = ttbar_coffea.run({"wjets": [made]})["histograms"]["4j1b_wjets"]
    up, nominal, down = (histogram[:, name].values(flow=True) for name in ("scaleUp", "nominal", "scaleDown"))
    assert up == pytest.approx(1.3 * nominal)
    assert down == pytest.approx(0.7 * nominal)


def test_top_pairs_are_most_of_it(analysed: Result) -> None:
    yields = {
        process: analysed["histograms"][f"4j2b_{process}"][:, "nominal"].sum(flow=True).value
        for process in CROSS_SECTIONS
    }
    assert yields["ttbar"] > 10 * yields["singletop"]
    counts = analysed["cutflow"]["ttbar"]
    assert yields["ttbar"] == pytest.approx(counts["4j2b"] / counts["events"] * 252.9 * 11_580, rel=0.03)


def test_a_missing_branch_is_named(root: Isolated, made: Path, tmp_path: Path) -> None:
    file = tmp_path / "data.root"
    with uproot.open(made) as whole, uproot.recreate(file) as lacking:
        events = whole["Events"].arrays(filter_name=["Jet_pt", "Jet_eta"])
        lacking["Events"] = {name: events[name] for name in events.fields}
    with pytest.raises(AfLabError, match=r"data\.root.*Jet_pt_jesUp.*btagWeight_up"):
        ttbar_coffea.run({"ttbar": [made, file]})
    message = root(rdf_error, {"ttbar": [str(made), str(file)]})
    assert "Jet_pt_jesUp" in message
    assert str(made) not in message


def test_a_fit_can_read_both_files(analysed: Result, tmp_path: Path) -> None:
    histograms = analysed["histograms"]
    root, archive = write_fit_input(histograms, tmp_path / "ttbar-fit-input")
    assert [root.name, archive.name] == ["ttbar-fit-input.root", "ttbar-fit-input.zip"]
    assert read_fit_input(archive) == histograms
    with uproot.open(root) as file:
        assert len(file.keys()) == 2 * (5 + 7 + 5)
        for name in ("4j2b_ttbar_jesUp", "4j1b_wjets_scaleDown", "4j1b_singletop_nominal"):
            stored, (region, process, variation) = file[name], name.split("_")
            part = histograms[f"{region}_{process}"][:, variation]
            assert stored.classname == "TH1D"
            assert stored.axis().edges() == pytest.approx(part.axes[0].edges)
            assert stored.values(flow=True) == pytest.approx(part.values(flow=True))
            assert stored.variances(flow=True) == pytest.approx(part.variances(flow=True))


def varied(process: str, **values: tuple[float, float]) -> hist.Hist[Any]:
    """Return a histogram of two bins without statistical errors."""
    histogram = hist.Hist(
        hist.axis.Regular(2, 0, 2, name="observable"),
        hist.axis.StrCategory(list(values), name="variation", overflow=False),
        storage=hist.storage.Weight(),
    )
    for index, pair in enumerate(values.values()):
        view: Any = histogram.view()
        view["value"][:, index] = pair
    return histogram


def test_the_band_adds_processes_first_and_sources_in_quadrature() -> None:
    first = varied("a", nominal=(10, 10), jesUp=(13, 9), jesDown=(7, 11), scaleUp=(14, 10), scaleDown=(6, 10))
    second = varied("b", nominal=(5, 5), jesUp=(5, 6), jesDown=(5, 4))
    down, up = stacked.uncertainty([first, second])
    assert up == pytest.approx([5, 0])  # 3 and 4; in the second bin both processes cancel
    assert down == pytest.approx([5, 0])
    view: Any = first.view()
    view["variance"][:, 0] = (144, 9)
    down, up = stacked.uncertainty([first, second])
    assert up == pytest.approx([13, 3])


def test_a_source_whose_both_ways_go_up_leaves_the_lower_side() -> None:
    down, up = stacked.uncertainty([varied("a", nominal=(10, 10), jesUp=(12, 10), jesDown=(11, 9))])
    assert up == pytest.approx([2, 0])
    assert down == pytest.approx([0, 1])


def test_the_plot_has_both_regions(analysed: Result, tmp_path: Path) -> None:
    with plt.rc_context({"backend": "agg"}):
        figure = stacked.top_pairs(analysed["histograms"], "some data")
        figure.savefig(tmp_path / "ttbar.png")
        assert [axes.texts[0].get_text() for axes in figure.axes] == ["4j1b", "4j2b"]
        legend: Any = figure.axes[0].get_legend()
        assert [text.get_text() for text in legend.get_texts()] == [
            *list(ttbar.PROCESSES.values())[::-1],
            "Uncertainty",
        ]
        assert figure.axes[0].get_xlim() == (100, 600)
        plt.close(figure)
