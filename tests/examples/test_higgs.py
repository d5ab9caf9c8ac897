from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import uproot
from af_lab_examples import catalogue, higgs, higgs_coffea, stacked
from af_lab_examples.compare import compare
from af_lab_examples.sample import Sample
from af_lab_examples.simulation import Part, combine, find_files
from matplotlib import pyplot as plt
from scipy.optimize import curve_fit
from scipy.stats import norm

from af_lab.errors import AfLabError, SpecError
from tests.examples import higgs_reference as reference
from tests.examples.isolated import Isolated

Result = dict[str, Any]
Floats = npt.NDArray[np.float64]

RANGES = {"m4l": (44, 70, 180), "mZ1": (40, 40, 120), "mZ2": (54, 12, 120)}


def rdf(files: dict[str, list[str]]) -> Result:
    from af_lab_examples import higgs_rdf

    result: Result = higgs_rdf.run(files)
    return result


def rdf_error(files: dict[str, list[str]]) -> str:
    try:
        rdf(files)
    except AfLabError as error:
        return str(error)
    return ""


@pytest.fixture(scope="module", params=[True, False], ids=["weighted", "without weights"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with random events."""
    file = tmp_path_factory.mktemp("higgs") / "made.root"
    reference.make(file, 4_000, seed=3, weighted=request.param)
    return file


@pytest.fixture(scope="module")
def simulated(generated: Callable[[str], Sample]) -> dict[str, list[str]]:
    return {name: generated(name).files for name in ("higgs-4l", "zz-4l")}


@pytest.fixture(scope="module")
def analysed(simulated: dict[str, list[str]]) -> Result:
    return higgs_coffea.run(simulated)


def check(result: Result, file: Path) -> None:
    """Compare with the loop: histograms and the squares of weights, counts, and the scale to the luminosity."""
    filled, total, with_four = reference.analyse(file)
    channels = Counter(channel for _, _, channel in filled)
    assert result["cutflow"] == {"higgs-4l": {"events": 4_000, "four leptons": with_four, **channels}}
    assert result["counts"] == {"events": 4_000}
    scale = 0.0065 * 11_580 / total
    for name, (bins, low, high) in RANGES.items():
        edges = [low + (high - low) * bin_ / bins for bin_ in range(bins + 1)]
        values, variances = np.zeros((2, bins + 2))
        for masses, weight, _ in filled:
            values[bisect_right(edges, masses[name])] += scale * weight
            variances[bisect_right(edges, masses[name])] += (scale * weight) ** 2
        histogram = result["histograms"][f"{name}_higgs"]
        assert histogram.axes[0].edges == pytest.approx(edges)
        assert np.allclose(histogram.values(flow=True), values, rtol=1e-9, atol=1e-12)
        assert np.allclose(histogram.variances(flow=True), variances, rtol=1e-9, atol=1e-12)


def test_the_reference_meets_all_channels_and_limits(made: Path) -> None:
    filled, _, with_four = reference.analyse(made)
    assert min(Counter(channel for _, _, channel in filled).values()) > 50
    assert len(filled) < 0.9 * with_four
    with uproot.open(made) as file:
        arrays = file["Events"].arrays()
    assert np.any(np.asarray(arrays.Muon_pt[arrays.nMuon > 0][:, 0]) == 20)


def test_coffea_gives_what_an_event_loop_gives(made: Path) -> None:
    for chunk in (10_000, 613):
        check(higgs_coffea.run({"higgs-4l": [made]}, chunk=chunk), made)


def test_rdataframe_gives_what_an_event_loop_gives(root: Isolated, made: Path) -> None:
    check(root(rdf, {"higgs-4l": [str(made)]}), made)


def test_both_agree_on_generated_events(root: Isolated, simulated: dict[str, list[str]], analysed: Result) -> None:
    second = root(rdf, simulated)
    assert analysed["cutflow"] == second["cutflow"]
    event = min(catalogue.entries()[name].cross_section or 0 for name in simulated) * higgs.LUMINOSITY / 60_000
    agreement = compare(analysed["histograms"], second["histograms"], heaviest=event)
    assert agreement, str(agreement)
    assert second["metrics"]["bytes"] == pytest.approx(analysed["metrics"]["bytes"], rel=0.5)


def test_the_higgs_boson_is_where_it_should_be(analysed: Result) -> None:
    histogram = analysed["histograms"]["m4l_higgs"]
    edges = histogram.axes[0].edges

    def expected(_: Floats, peak: float, sigma: float, entries: float) -> Floats:
        contents: Floats = entries * np.diff(norm.cdf(edges, peak, sigma))[near]
        return contents

    near = (edges[:-1] >= 117.5) & (edges[1:] <= 132.5)
    values, errors = histogram.values()[near], np.sqrt(histogram.variances()[near])
    (peak, sigma, entries), _ = curve_fit(expected, edges[:-1][near], values, (124, 2, values.sum()), sigma=errors)
    assert peak == pytest.approx(125.09, abs=0.4)  # a tenth of it is statistical; electrons radiate none here
    assert 1 < abs(sigma) < 2.5
    assert entries == pytest.approx(histogram.sum(flow=True).value, rel=0.1)


def test_the_peak_stands_out_of_the_background(analysed: Result) -> None:
    signal, background = (analysed["histograms"][f"m4l_{process}"] for process in ("higgs", "zz"))
    window = slice(120j, 130j)
    assert signal[window].sum().value > 2 * background[window].sum().value
    beside = [slice(105j, 115j), slice(135j, 145j)]
    assert all(signal[part].sum().value < 0.1 * background[part].sum().value for part in beside)


def test_z_bosons_are_where_they_should_be(analysed: Result) -> None:
    first, second = analysed["histograms"]["mZ1_higgs"], analysed["histograms"]["mZ2_higgs"]
    assert 84 < first.axes[0].centers[first.values().argmax()] < 94
    assert 20 < second.axes[0].centers[second.values().argmax()] < 36


def test_events_are_those_of_the_luminosity(analysed: Result) -> None:
    for dataset, process, cross_section in (("higgs-4l", "higgs", 0.0065), ("zz-4l", "zz", 0.463)):
        counts = analysed["cutflow"][dataset]
        share = sum(counts[channel] for channel in ("4mu", "4e", "2e2mu")) / counts["events"]
        found = analysed["histograms"][f"m4l_{process}"].sum(flow=True).value
        assert 0.2 < share < 0.8
        assert found == pytest.approx(share * cross_section * 11_580, rel=0.01)  # weights of both signs: 2 % of them


def test_datasets_of_one_process_are_added(made: Path) -> None:
    parts = {}
    for name, weights in (("ZZTo4mu", 10.0), ("ZZTo4e", 20.0), ("higgs-4l", 5.0)):
        histogram = higgs.empty_histograms()["m4l"].fill([125.0, 126.0], weight=[1.0, 2.0])
        parts[name] = Part({"m4l": histogram}, {"events": 2}, weights)
    combined: dict[str, Any] = combine(parts, higgs.DATASETS, 100, higgs.FACTORS)
    assert set(combined) == {"m4l_zz", "m4l_higgs"}
    factors = [0.077 * 1.386 * 100 / 10, 0.077 * 1.386 * 100 / 20]
    assert combined["m4l_zz"].sum().value == pytest.approx(3 * sum(factors))
    assert combined["m4l_zz"].sum().variance == pytest.approx(5 * sum(factor**2 for factor in factors))
    assert combined["m4l_higgs"].sum().value == pytest.approx(3 * 0.0065 * 100 / 5)


def test_a_dataset_without_events_is_named() -> None:
    part = Part(higgs.empty_histograms(), {"events": 0}, 0.0)
    with pytest.raises(AfLabError, match="dataset zz-4l"):
        combine({"zz-4l": part}, higgs.DATASETS, 100)


def entries_of(file: str) -> int:
    with uproot.open(file) as root:
        return int(root["Events"].num_entries)


def test_files_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path))
    made = find_files(None, {"higgs-4l": 100, "zz-4l": 200}, tuple(higgs.DATASETS))
    assert [sum(map(entries_of, files)) for files in made.values()] == [100, 200]
    assert find_files({"zz-4l": [tmp_path / "a.root"]}, {}, ("zz-4l",)) == {"zz-4l": [str(tmp_path / "a.root")]}
    assert find_files([tmp_path / "a.root"], {}, ("higgs-4l", "zz-4l")) == {"higgs-4l": [str(tmp_path / "a.root")]}
    with pytest.raises(SpecError, match=r"'ttbar'.*higgs-4l"):
        find_files({"ttbar": []}, {}, tuple(higgs.DATASETS))


def test_a_missing_branch_is_named(root: Isolated, tmp_path: Path) -> None:
    file = tmp_path / "lacking.root"
    with uproot.recreate(file) as lacking:
        lacking["Events"] = {"nMuon": np.zeros(3, np.uint32)}
    with pytest.raises(AfLabError, match=r"lacking\.root.*Muon_pt"):
        higgs_coffea.run({"zz-4l": [file]})
    message = root(rdf_error, {"zz-4l": [str(file)]})
    assert str(file) in message
    assert "Muon_pt" in message


def test_the_plot_stacks_signal_on_background(analysed: Result, tmp_path: Path) -> None:
    with plt.rc_context({"backend": "agg"}):
        figure = stacked.four_lepton_mass(analysed["histograms"], "some data")
        figure.savefig(tmp_path / "higgs.png")
        (axes,) = figure.axes
        legend: Any = axes.get_legend()
        assert [text.get_text() for text in legend.get_texts()] == [
            higgs.PROCESSES["higgs"],
            higgs.PROCESSES["zz"],
            "Statistics of simulation",
        ]
        assert axes.get_title(loc="left") == "some data"
        assert axes.get_title(loc="right") == r"11.6 fb$^{-1}$ (8 TeV)"
        assert axes.get_xlim() == (70, 180)
        plt.close(figure)
