from __future__ import annotations

import itertools
from typing import Any

import pytest
from af_lab_examples import columnar, columnar_plots
from af_lab_examples.columnar import Measurement, Outcome
from af_lab_examples.compare import compare
from af_lab_examples.dimuon import mass_histogram
from af_lab_examples.sample import DimuonSample

from tests.examples.isolated import Isolated
from tests.examples.masses import masses, opposite_charge, two_muons
from tests.examples.test_dimuon import analyse

FEW = 3_000


def rdf(files: list[str], stop: int | None) -> Outcome:
    from af_lab_examples import columnar_rdf

    return columnar_rdf.rdataframe(files, stop)


def agree(first: Outcome, second: Outcome) -> None:
    assert first[0] == second[0]
    agreement = compare({"mass": first[1]}, {"mass": second[1]})
    assert agreement, str(agreement)


def test_all_ways_give_the_same(root: Isolated, dimuons: DimuonSample) -> None:
    files = dimuons.files[:1]
    loop = columnar.event_loop(files, FEW)
    assert loop[0] == FEW
    agree(loop, columnar.awkward_arrays(files, FEW))
    agree(loop, root(rdf, files, FEW))


def test_columns_of_all_events_give_what_numpy_and_coffea_give(root: Isolated, dimuons: DimuonSample) -> None:
    found = columnar.awkward_arrays(dimuons.files)
    agree(found, root(rdf, dimuons.files, None))
    agree(found, (dimuons.events, analyse(dimuons.files)["histograms"]["mass"]))
    agree(found, (dimuons.events, mass_histogram().fill(masses(opposite_charge(two_muons(dimuons.files))))))


def test_the_first_run_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.chain([0.0, 4.0], [10.0, 10.5])
    monkeypatch.setattr(columnar, "perf_counter", lambda: next(clock))
    histogram = mass_histogram()
    measured = columnar.measure("loop", lambda: (1_000, histogram))
    assert measured == Measurement("loop", 1_000, first=4.0, again=0.5, histogram=histogram)
    assert measured.rate == 2_000


def measurements() -> list[Measurement]:
    return [
        Measurement("event loop", 20_000, 1.0, 0.5, mass_histogram()),
        Measurement("awkward", 2_000_000, 1.0, 0.5, mass_histogram()),
    ]


def test_the_table_tells_how_much_quicker() -> None:
    header, loop, columns = columnar.table(measurements()).splitlines()
    assert header.split() == ["events", "first", "again", "events/s", "quicker"]
    assert loop.split() == ["event", "loop", "20,000", "1.00", "s", "0.50", "s", "40,000", "1.0x"]
    assert columns.split()[-2:] == ["4,000,000", "100.0x"]


def test_bars_tell_events_per_second() -> None:
    figure = columnar_plots.speeds(measurements(), "here")
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    bars: list[Any] = list(axes.patches)
    assert [bar.get_width() for bar in bars] == [40_000, 4_000_000]
    assert [text.get_text() for text in axes.texts] == ["40 k", "4.0 M"]
    assert axes.get_title("left") == "here"
