from __future__ import annotations

import itertools
import json
import os
import resource
import time
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
from af_lab_examples import processes, sample
from af_lab_examples.composition import dimuon_events
from af_lab_examples.sample import DimuonSample, dimuon_sample

from af_lab.errors import AfLabError, SpecError

Layout = dict[str, tuple[str, str, str | None, bool]]


def small(folder: Path, *, events: int = 1_000, files: int = 3, seed: int = 1) -> DimuonSample:
    return dimuon_sample(events, files, seed, folder=folder, progress=False)


def arrays(made: DimuonSample) -> list[ak.Array]:
    return [arrays_of(file) for file in made.files]


def arrays_of(file: str) -> ak.Array:
    with uproot.open(file) as root:
        return root["Events"].arrays()


def seconds_of_cpu() -> float:
    """Return how much this process and those that it waited for have computed, however busy the machine was."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def layout(file: str) -> Layout:
    """Return each branch's type, title, counter and whether its leaf is unsigned."""
    with uproot.open(file) as root:
        found = {}
        for name, branch in root["Events"].items():
            (leaf,) = branch.member("fLeaves")
            counter = leaf.member("fLeafCount")
            found[name] = (
                branch.typename,
                branch.title,
                counter and counter.member("fName"),
                bool(leaf.member("fIsUnsigned")),
            )
        return found


def test_has_the_branches_of_the_real_file(dimuons: DimuonSample, real_file: str) -> None:
    made, real = layout(dimuons.files[0]), layout(real_file)
    assert list(made) == list(real)
    assert made == real
    with uproot.open(dimuons.files[0]) as ours, uproot.open(real_file) as theirs:
        assert ours.keys() == theirs.keys()
        assert ours["Events"].title == theirs["Events"].title


def test_contents_are_physical(dimuons: DimuonSample) -> None:
    events = ak.concatenate(arrays(dimuons))
    assert len(events) == dimuons.events
    assert ak.all(ak.num(events.Muon_pt) == events.nMuon)
    assert set(np.unique(events.nMuon)) == set(range(7))
    assert ak.all(events.Muon_pt > 3)
    assert ak.all(abs(events.Muon_eta) < 2.4)
    assert ak.all(abs(events.Muon_phi) <= np.float32(np.pi))
    assert ak.all(events.Muon_mass == np.float32(0.1056583755))
    assert set(np.unique(ak.flatten(events.Muon_charge))) == {-1, 1}
    assert ak.all(events.Muon_pt[:, 1:] <= events.Muon_pt[:, :-1])


def test_the_same_seed_gives_the_same_events(tmp_path: Path) -> None:
    first, second = small(tmp_path / "a"), small(tmp_path / "b")
    assert first.truth == second.truth
    assert all(ak.array_equal(a, b) for a, b in zip(arrays(first), arrays(second), strict=True))


def test_files_and_seeds_differ(tmp_path: Path) -> None:
    every = [*arrays(small(tmp_path, seed=1)), *arrays(small(tmp_path, seed=2))]
    assert not any(np.array_equal(a.Muon_pt[:100], b.Muon_pt[:100]) for a, b in itertools.combinations(every, 2))


def test_events_are_shared_out_among_the_files(tmp_path: Path) -> None:
    made = small(tmp_path, events=1_000, files=7)
    lengths = [len(events) for events in arrays(made)]
    assert sum(lengths) == 1_000
    assert max(lengths) - min(lengths) <= 1
    assert sum(made.truth.values()) == sum(int(ak.sum(events.nMuon == 2)) for events in arrays(made))


def test_a_sample_that_is_there_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = small(tmp_path)
    monkeypatch.setattr(processes, "dimuon_events", None)
    assert small(tmp_path) == made


@pytest.mark.parametrize("damage", ["file gone", "file cut", "manifest gone", "manifest cut", "older generator"])
def test_a_damaged_sample_is_made_again(tmp_path: Path, damage: str) -> None:
    made = small(tmp_path)
    whole = arrays(made)
    file, manifest = Path(made.files[1]), made.folder / "manifest.json"
    match damage:
        case "file gone":
            file.unlink()
        case "file cut":
            file.write_bytes(file.read_bytes()[:-1000])
        case "manifest gone":
            manifest.unlink()
        case "manifest cut":
            manifest.write_text(manifest.read_text()[:-20])
        case "older generator":
            file.write_bytes(b"something else")
            content = json.loads(manifest.read_text())
            content["parameters"]["generation"] -= 1
            content["sizes"][file.name] = len(b"something else")
            manifest.write_text(json.dumps(content))
    again = small(tmp_path)
    assert again == made
    assert all(ak.array_equal(a, b) for a, b in zip(arrays(again), whole, strict=True))


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError("disk full")])
def test_an_interrupted_sample_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    calls = itertools.count()

    def fails_in_the_second_file(rng: np.random.Generator, count: int) -> tuple[ak.Array, dict[str, int]]:
        if next(calls) == 1:
            raise failure
        return dimuon_events(rng, count)

    monkeypatch.setattr(processes, "dimuon_events", fails_in_the_second_file)
    with pytest.raises((KeyboardInterrupt, AfLabError)):
        small(tmp_path)
    (folder,) = tmp_path.iterdir()
    assert [path.name for path in folder.iterdir()] == ["dimuon-000.root"]
    with uproot.open(folder / "dimuon-000.root") as root:
        assert root["Events"].num_entries == 333

    monkeypatch.undo()
    assert len(small(tmp_path).files) == 3


def test_what_a_killed_process_left_is_swept_away(tmp_path: Path) -> None:
    made = small(tmp_path)
    old, new = made.folder / "dimuon-000.root.0.part", made.folder / "dimuon-000.root.1.part"
    old.touch()
    new.touch()
    os.utime(old, times=(time.time() - 2 * sample.ABANDONED,) * 2)
    Path(made.files[0]).unlink()
    small(tmp_path)
    assert not old.exists()
    assert new.exists()


def test_lies_below_the_home_of_af_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path))
    made = dimuon_sample(100, files=1, progress=False)
    assert made.folder.parent == tmp_path / "samples"
    assert [Path(file).parent for file in made.files] == [made.folder]


@pytest.mark.parametrize(("events", "files", "seed"), [(0, 1, 1), (10, 0, 1), (10, 11, 1), (10, 1, -1)])
def test_impossible_samples_are_refused(tmp_path: Path, events: int, files: int, seed: int) -> None:
    with pytest.raises(SpecError, match="sample"):
        dimuon_sample(events, files, seed, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "samples").write_text("in the way")
    with pytest.raises(AfLabError, match=r"samples.*AF_LAB_HOME"):
        small(tmp_path / "samples")


def test_tells_how_far_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dimuon_sample(1_000, files=2, folder=tmp_path)
    output = capsys.readouterr()
    assert "1000/1000 events" in output.out
    assert not output.err
    dimuon_sample(1_000, files=2, folder=tmp_path)
    assert not capsys.readouterr().out


def test_a_million_events_are_quick(tmp_path: Path) -> None:
    before = seconds_of_cpu()
    dimuon_sample(folder=tmp_path, progress=False)
    assert seconds_of_cpu() - before < 30
