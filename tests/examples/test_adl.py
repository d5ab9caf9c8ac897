from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import uproot
from af_lab_examples import adl, adl_coffea
from af_lab_examples.adl_plots import adl_queries
from af_lab_examples.compare import compare
from af_lab_examples.sample import Sample

from af_lab.errors import AfLabError
from tests.examples import adl_reference as reference
from tests.examples.isolated import Isolated

REAL_FILE = Path(__file__).parents[3] / "shared" / "data" / "nanoAOD_2015_CMS_Open_Data_ttbar.root"
BTAG_2015 = "Jet_btagCSVV2"

Result = dict[str, Any]


def rdf(files: list[str], btag: str = adl.BTAG) -> Result:
    """Run the queries with RDataFrame, and count the event loops."""
    from af_lab_examples import adl_rdf, rdataframe

    opened: list[rdataframe.Events] = []
    namespace = vars(adl_rdf)
    open_events = namespace["open_events"]

    def remember(*arguments: Any, **options: Any) -> rdataframe.Events:
        opened.append(open_events(*arguments, **options))
        return opened[-1]

    namespace["open_events"] = remember
    try:
        result: Result = adl_rdf.run(files, btag=btag)
    finally:
        namespace["open_events"] = open_events
    return result | {"loops": opened[0].frame.GetNRuns()}


def rdf_error(files: list[str]) -> str:
    from af_lab_examples import adl_rdf

    try:
        adl_rdf.run(files)
    except AfLabError as error:
        return str(error)
    return ""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with random events."""
    file = tmp_path_factory.mktemp("adl") / "made.root"
    reference.write(file, 2_000, seed=3)
    return file


@pytest.fixture(scope="module")
def expected(made: Path) -> dict[str, list[int]]:
    return reference.contents(reference.query(reference.read(made)))


@pytest.fixture(scope="module")
def sample(generated: Callable[[str], Sample]) -> Sample:
    """Return events of a detector, in several files."""
    return generated("single-muon")


def filled(result: Result) -> dict[str, list[int]]:
    return {name: histogram.values(flow=True).tolist() for name, histogram in result["histograms"].items()}


def test_the_reference_meets_every_query_and_its_edges(made: Path, expected: dict[str, list[int]]) -> None:
    for name, counts in expected.items():
        assert sum(counts) > 100, name
        assert sum(1 for count in counts[1:-1] if count) > 4, name
    values = reference.query(reference.read(made))
    assert len(values["Q7"]) < sum(1 for event in reference.read(made) if event["Jet"])
    assert {58.0, 114.0, 116.0} & set(values["Q1"])  # a regular axis of hist puts these to the left


def test_histograms_are_those_of_the_benchmark() -> None:
    histograms = adl.empty_histograms()
    assert list(histograms) == list(reference.RANGES)
    for name, (low, high) in reference.RANGES.items():
        (axis,) = histograms[name].axes
        assert (len(axis), axis.edges[0], axis.edges[-1]) == (100, low, high)
        assert axis.edges == pytest.approx(np.linspace(low, high, 101))


def test_coffea_gives_what_an_event_loop_gives(made: Path, expected: dict[str, list[int]]) -> None:
    for chunk in (10_000, 137):
        result = adl_coffea.run([made], chunk=chunk)
        assert result["counts"] == {"events": 2_000}
        assert filled(result) == expected
    assert result["metrics"]["bytes"] > 0


def test_rdataframe_gives_what_an_event_loop_gives(root: Isolated, made: Path, expected: dict[str, list[int]]) -> None:
    result = root(rdf, [str(made)])
    assert result["counts"] == {"events": 2_000}
    assert filled(result) == expected
    assert result["metrics"]["bytes"] > 0
    assert result["loops"] == 1


def test_both_agree_on_generated_events(root: Isolated, sample: Sample) -> None:
    first, second = adl_coffea.run(sample.files), root(rdf, sample.files)
    assert first["counts"] == second["counts"] == {"events": sample.events}
    agreement = compare(first["histograms"], second["histograms"])
    assert agreement, str(agreement)
    assert all(histogram.sum() > 500 for histogram in first["histograms"].values())
    assert second["metrics"]["bytes"] == pytest.approx(first["metrics"]["bytes"], rel=0.5)


@pytest.mark.filterwarnings("ignore:Branch .* already exists:RuntimeWarning")
def test_both_agree_on_real_events(root: Isolated) -> None:
    if not REAL_FILE.exists():
        pytest.skip(f"there is no {REAL_FILE}")
    first, second = adl_coffea.run([REAL_FILE], btag=BTAG_2015), root(rdf, [str(REAL_FILE)], BTAG_2015)
    agreement = compare(first["histograms"], second["histograms"])
    assert agreement, str(agreement)
    events = {"Q1": 200, "Q2": 537, "Q3": 132, "Q4": 24, "Q6a": 88, "Q6b": 88, "Q7": 70, "Q8": 1}
    assert {name: first["histograms"][name].sum(flow=True) for name in events} == events


def test_the_histograms_are_drawn_on_one_page(made: Path, tmp_path: Path) -> None:
    with mpl.rc_context({"backend": "agg"}):
        for histograms in (adl_coffea.run([made])["histograms"], adl.empty_histograms()):
            figure = adl_queries(histograms, "some data")
            figure.savefig(tmp_path / "queries.png")
            assert [axes.texts[0].get_text() for axes in figure.axes] == list(reference.RANGES)
            mpl.pyplot.close(figure)


def test_a_missing_branch_is_named(root: Isolated, made: Path, tmp_path: Path) -> None:
    file = tmp_path / "lacking.root"
    with uproot.recreate(file) as lacking:
        lacking["Events"] = {"MET_pt": np.ones(3, np.float32), "MET_phi": np.ones(3, np.float32)}
    with pytest.raises(AfLabError, match=r"lacking\.root.*Jet_pt.*Muon_charge"):
        adl_coffea.run([made, file])
    message = root(rdf_error, [str(made), str(file)])
    assert str(file) in message
    assert "Jet_btag" in message
    assert str(made) not in message
