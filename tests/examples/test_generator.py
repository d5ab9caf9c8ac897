"""The generator of samples: what its files hold, whoever makes them, and what it does when something is in the way."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import psutil
import pytest
from af_lab_examples import makers
from af_lab_examples.branches import EVENTS_OF_RUN, FIRST_RUN
from af_lab_examples.processes import MIXTURE, PROCESSES, make_events
from af_lab_examples.sample import Sample, process_sample
from af_lab_examples.writing import FileTask

from af_lab.errors import AfLabError, SpecError
from tests.examples.generated import arrays, objects
from tests.support import wait

SIMULATED = [process for process in PROCESSES if process not in ("dimuon", "single-muon")]
NEW = [*SIMULATED, "single-muon"]
PATIENCE = 180  # seconds for what takes a few
MAKES_A_SAMPLE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what runs in the background ignore it
from pathlib import Path
from af_lab_examples.sample import process_sample
process_sample("ttbar", 10_000_000, files=4, folder=Path(sys.argv[1]), progress=False)
"""

Generated = Callable[[str], Sample]


def small(process: str, folder: Path, *, events: int = 2_000, files: int = 2, seed: int = 1, **more: Any) -> Sample:
    return process_sample(process, events, files, seed, folder=folder, progress=False, **more)


@pytest.mark.parametrize("process", NEW)
def test_contents_are_physical(generated: Generated, process: str) -> None:
    sample = generated(process)
    events = arrays(sample.files)
    assert len(events) == sample.events
    for name, least, most_eta in (("Muon", 3, 2.4), ("Electron", 5, 2.5), ("Jet", 15, 4.7)):
        many = objects(events, name)
        assert ak.all(events[f"n{name}"] == ak.num(many))
        assert ak.all(many.pt > least)
        assert ak.all(abs(many.eta) < most_eta)
        assert ak.all(abs(many.phi) <= np.float32(np.pi))
        assert ak.all(many.pt[:, 1:] <= many.pt[:, :-1])
    assert ak.all((events.Jet_btag >= 0) & (events.Jet_btag <= 1))
    assert ak.all(events.Jet_btag[abs(events.Jet_eta) > 2.4] == 0)
    assert ak.all(events.MET_pt >= 0)
    assert ak.all(events.PV_npvs >= 1)
    for name in ("Muon", "Electron"):
        assert set(np.unique(ak.flatten(events[f"{name}_charge"]))) == {-1, 1}
    assert all(np.all(np.isfinite(ak.to_numpy(ak.ravel(events[field])))) for field in events.fields)


@pytest.mark.parametrize("process", ["ttbar", "single-muon"])
def test_leptons_know_their_jets(generated: Generated, process: str) -> None:
    events = arrays(generated(process).files)
    jets = objects(events, "Jet")
    for name in ("Muon", "Electron"):
        leptons = objects(events, name)
        with_jet = leptons[leptons.jetIdx >= 0]
        near = jets[with_jet.jetIdx]
        apart = np.mod(abs(near.phi - with_jet.phi) + np.pi, 2 * np.pi) - np.pi
        assert ak.sum(ak.num(with_jet)) > 1000
        assert ak.mean(np.hypot(apart, near.eta - with_jet.eta) < 0.4) > 0.95


@pytest.mark.parametrize("process", NEW)
def test_events_are_numbered_through(generated: Generated, process: str) -> None:
    events = arrays(generated(process).files)
    numbers = np.stack([ak.to_numpy(events[name]).astype(np.int64) for name in ("run", "luminosityBlock", "event")])
    assert np.array_equal(numbers[2], np.arange(1, len(events) + 1))
    assert np.all(np.diff(numbers[0]) >= 0)
    assert np.all(np.diff(numbers[1]) >= 0)
    assert numbers[1].max() > 100


def test_runs_change_within_large_data() -> None:
    branches, _ = make_events(np.random.default_rng(1), "single-muon", 100, EVENTS_OF_RUN - 50)
    assert branches["run"].tolist() == [FIRST_RUN] * 50 + [FIRST_RUN + 1] * 50
    assert branches["luminosityBlock"][50] == 1
    assert np.all(np.diff(branches["event"].astype(np.int64)) == 1)


@pytest.mark.parametrize("process", NEW)
def test_truth_counts_all_events(generated: Generated, process: str) -> None:
    sample = generated(process)
    kinds = {name: count for name, count in sample.truth.items() if not name.endswith(", complete")}
    assert sum(kinds.values()) == sample.events
    assert all(sample.truth[f"{name}, complete"] <= count for name, count in kinds.items() if process != "single-muon")


def test_data_have_the_shares_of_the_mixture(generated: Generated) -> None:
    sample = generated("single-muon")
    for process, share in MIXTURE.items():
        expected = share * sample.events
        assert abs(sample.truth[process] - expected) < 5 * np.sqrt(expected)


@pytest.mark.parametrize("process", PROCESSES)
def test_the_same_seed_gives_the_same_events(tmp_path: Path, process: str) -> None:
    first, second = small(process, tmp_path / "a"), small(process, tmp_path / "b")
    assert first.truth == second.truth
    assert ak.array_equal(arrays(first.files), arrays(second.files))


def test_files_seeds_and_processes_differ(tmp_path: Path) -> None:
    samples = [small("ttbar", tmp_path, seed=1), small("ttbar", tmp_path, seed=2), small("zll", tmp_path, seed=1)]
    every = [arrays([file]).MET_pt for sample in samples for file in sample.files]
    assert not any(np.any(ak.to_numpy(a)[:50] == ak.to_numpy(b)[:50]) for a, b in itertools.combinations(every, 2))


def test_no_two_files_have_the_same_random_numbers() -> None:
    streams = {
        tuple(FileTask("", process, seed, file, 1, 0).stream)
        for process in PROCESSES
        for seed in range(3)
        for file in range(3)
    }
    assert len(streams) == len(PROCESSES) * 9


def test_processes_make_what_this_one_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = small("wjets", tmp_path / "here", files=5)
    monkeypatch.setattr(makers, "FEW", 0)
    monkeypatch.setattr(makers, "_cores", lambda: 2)
    monkeypatch.setattr(makers, "make_file", None)  # in this process
    there = small("wjets", tmp_path / "there", files=5)
    assert there.truth == here.truth
    assert ak.array_equal(arrays(here.files), arrays(there.files))


def test_files_keep_their_own_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makers, "FEW", 0)
    monkeypatch.setattr(makers, "_cores", lambda: 3)
    tasks = [FileTask(str(tmp_path / f"{n}.root"), "ttbar", 1, n, 100 + n, 0) for n in range(5)]
    advanced: Counter[str] = Counter()
    truths = makers.make_files(tasks, lambda count: advanced.update(events=count))
    kinds = ("hadronic", "semileptonic", "dileptonic")
    assert [sum(truth[kind] for kind in kinds) for truth in truths] == [100, 101, 102, 103, 104]
    assert advanced["events"] == 510


@contextmanager
def maker(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that makes a sample, with others beside it; it is at it, and all of them end with the context."""
    words = [sys.executable, "-c", MAKES_A_SAMPLE, str(folder)]
    beside: list[psutil.Process] = []
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait(lambda: process.poll() is not None or list(folder.glob("*/*.part")), "a file is begun", PATIENCE)
            beside = psutil.Process(process.pid).children()
            yield process
        finally:
            for one in (process, *beside):
                with suppress(psutil.NoSuchProcess):
                    one.kill()


def test_an_interrupt_ends_the_processes_and_leaves_nothing_half(tmp_path: Path) -> None:
    with maker(tmp_path) as process:
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=PATIENCE)
    assert process.returncode
    assert "KeyboardInterrupt" in complaint
    assert not list(tmp_path.glob("*/*"))


def test_processes_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    with maker(tmp_path) as process:
        assert process.poll() is None
        process.kill()
        wait(lambda: not list(tmp_path.glob("*/*.part")), "no half file is left", PATIENCE)


def test_what_goes_wrong_in_a_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makers, "FEW", 0)
    monkeypatch.setattr(makers, "_cores", lambda: 2)
    monkeypatch.setattr(makers, "__name__", "no_such_module")
    with pytest.raises(AfLabError, match="no_such_module"):
        small("zll", tmp_path)


def test_no_process_is_left_when_the_first_goes_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are not followed any more."""

    def go_wrong(*_: object, **__: object) -> None:
        raise AfLabError("no memory")

    monkeypatch.setattr(makers, "FEW", 0)
    monkeypatch.setattr(makers, "_cores", lambda: 2)
    monkeypatch.setattr(makers, "_follow", go_wrong)
    before = set(psutil.Process().children())
    with pytest.raises(AfLabError, match="no memory"):
        small("zll", tmp_path)
    assert set(psutil.Process().children()) <= before


def test_what_is_in_the_way_of_a_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makers, "FEW", 0)
    monkeypatch.setattr(makers, "_cores", lambda: 2)
    place = tmp_path / "zll-2000-events-2-files-seed-1"
    place.mkdir()
    (place / "zll-001.root").mkdir()  # what stands where a file should be
    with pytest.raises(AfLabError, match=r"cannot be kept in .*AF_LAB_HOME"):
        small("zll", tmp_path)
    assert not list(place.glob("*.part"))


def test_processes_that_there_are_not_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"no process 'zjets'.*zll, ttbar"):
        small("zjets", tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_manifest_keeps_the_truth(tmp_path: Path) -> None:
    made = small("ttbar", tmp_path)
    manifest = json.loads((made.folder / "manifest.json").read_text())
    assert manifest["truth"] == made.truth
    assert small("ttbar", tmp_path) == made
