"""Both frameworks read exactly the files that are named, and refuse the same ones with the same words."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
from af_lab_examples import columnar, contents, remote
from af_lab_examples.catalogue import resolve
from af_lab_examples.checking import check_datasets
from af_lab_examples.inputs import Reader
from af_lab_examples.processes import branch_types
from af_lab_examples.sample import process_sample
from af_lab_examples.writing import _events_tree

from af_lab.errors import AfLabError
from tests.examples.frameworks import (
    BRANCHES,
    Outcome,
    all_in_rdf,
    damage_basket,
    in_coffea,
    in_rdf,
    write_ntuple,
    write_without_branches,
)
from tests.examples.isolated import Isolated

EVENTS = 2_000


def make(folder: Path, events: int, seed: int) -> Path:
    (file,) = process_sample("dimuon", events, 1, seed, folder=folder / f"made-{seed}", progress=False).files
    return Path(file)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("good"), EVENTS, 3)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("other"), EVENTS // 2, 4)


READ_BY_BOTH = [
    "two words.root",
    "größe 日本.root",
    "100%20.root",
    "a:b,c+d=e@f.root",
    "(it's).root",
    "{b} ~c & d; !.root",
    "[1.root",
    "alone[1].root",
    "new\nline.root",
    "back\\slash.root",
    "no-suffix",
    "old.root.1",
    "gröszer [x].root",
]
NOT_BY_ROOT = [
    "a#b.root",
    "a?b.root",
    "a|b.root",
    "$HOME.root",
    "d[1]/a.root",
    "d*/a.root",
    "k.root/data",
    "a1[b]2.root",
]
NOT_BY_COFFEA = ["a::b.root"]
BY_NEITHER = [os.fsdecode(b"latin-\xe4.root")]


def test_odd_names(root: Isolated, good: Path, other: Path, tmp_path: Path) -> None:
    """Beside each file lies another, which a pattern of its name would match."""
    files: dict[str, Path] = {}
    for number, name in enumerate([*READ_BY_BOTH, *NOT_BY_ROOT, *NOT_BY_COFFEA, *BY_NEITHER]):
        files[name] = tmp_path / str(number) / name
        files[name].parent.mkdir(parents=True)
        shutil.copy(good, files[name])
    shutil.copy(other, files["a1[b]2.root"].with_name("a1b2.root"))
    expected = in_coffea([good])

    in_root: dict[str, Outcome] = root(all_in_rdf, {name: [file] for name, file in files.items()})
    in_python = {name: in_coffea([file]) for name, file in files.items()}
    for name in files:
        told = {"RDataFrame": in_root[name], "Coffea": in_python[name]}
        refused = {framework for framework, outcome in told.items() if isinstance(outcome, str)}
        assert refused == {
            *(("RDataFrame",) if name in (*NOT_BY_ROOT, *BY_NEITHER) else ()),
            *(("Coffea",) if name in (*NOT_BY_COFFEA, *BY_NEITHER) else ()),
        }, (name, told)
        for outcome in told.values():
            assert str(files[name]) in outcome if isinstance(outcome, str) else outcome == expected
    assert str(files["a1[b]2.root"].with_name("a1b2.root")) in in_root["a1[b]2.root"]


def test_a_folder_with_an_odd_name_can_have_patterns(good: Path, tmp_path: Path) -> None:
    for folder in ("d[1]", "d1"):
        (tmp_path / folder).mkdir()
        shutil.copy(good, tmp_path / folder / "x.root")
    assert resolve([f"{tmp_path}/d[1]/*.root"]) == [f"{tmp_path}/d[1]/x.root"]


def test_a_file_with_several_names_is_read_once(
    root: Isolated, good: Path, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, beside = (Path(shutil.copy(one, tmp_path / name)) for one, name in ((good, "x.root"), (other, "y.root")))
    (tmp_path / "sub").mkdir()
    (tmp_path / "folder").symlink_to(tmp_path)
    (tmp_path / "link.root").symlink_to(file)
    (tmp_path / "hard.root").hardlink_to(file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AF_LAB_TEST_DATA", str(tmp_path))
    spelled: list[str | Path] = [
        "x.root",
        file,
        f"{file}:Events",
        f"file://{file}",
        "$AF_LAB_TEST_DATA/x.root",
        "./x.root",
        "[x].root",
    ]
    others = ["sub/../x.root", "folder/x.root", "link.root", "hard.root"]

    assert resolve(spelled) == [str(file)]
    with pytest.warns(UserWarning, match="read once, although some have several names") as warned:
        assert resolve([*spelled, *others, beside]) == [str(file), str(beside)]
    assert all(f"{tmp_path / name}: the same file as {file}" in str(warned[0].message) for name in others)
    with pytest.warns(UserWarning, match="read once"):
        assert in_coffea([file, "link.root"]) == in_coffea([file])
    assert root(in_rdf, [str(file), str(tmp_path / "link.root")]) == in_coffea([file])


@pytest.mark.parametrize("reader", ["Coffea", "RDataFrame"])
def test_a_file_of_two_datasets_is_refused(good: Path, other: Path, tmp_path: Path, reader: Reader) -> None:
    link = tmp_path / "link.root"
    link.symlink_to(good)
    with pytest.raises(AfLabError, match=rf"{link} belongs to two datasets, zz-4l \(there as {good}\) and higgs-4l"):
        check_datasets({"zz-4l": [good], "higgs-4l": [other, link]}, branches=(), reader=reader)
    with pytest.raises(AfLabError, match="no dataset is given"):
        check_datasets({}, branches=(), reader=reader)


def test_a_copy_is_another_file(good: Path, tmp_path: Path) -> None:
    copy = str(shutil.copy(good, tmp_path / "copy.root"))
    assert resolve([good, copy]) == [str(good), copy]


def test_a_file_that_is_written_again_is_read_again(root: Isolated, good: Path, other: Path, tmp_path: Path) -> None:
    """Also if it is overwritten in place, keeps its size, and gets its old time of change, as archives do."""
    file = tmp_path / "x.root"
    size = max(good.stat().st_size, other.stat().st_size)
    file.write_bytes(other.read_bytes().ljust(size, b"\0"))
    before = in_coffea([file])
    assert before == root(in_rdf, [str(file)])
    assert columnar.event_loop([str(file)])[0] == EVENTS // 2
    status = file.stat()
    file.write_bytes(good.read_bytes().ljust(size, b"\0"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    after = in_coffea([file])
    assert after == in_coffea([good]) != before
    assert after == root(in_rdf, [str(file)])
    assert columnar.event_loop([str(file)])[0] == columnar.awkward_arrays([str(file)])[0] == EVENTS
    assert root(in_columns, str(file)) == EVENTS


def in_columns(file: str) -> int:
    from af_lab_examples import columnar_rdf

    return columnar_rdf.rdataframe([file])[0]


def test_an_rntuple_is_read_like_a_tree(root: Isolated, good: Path, tmp_path: Path) -> None:
    ntuple = tmp_path / "ntuple.root"
    root(write_ntuple, str(good), str(ntuple))
    found = contents.look(str(ntuple))
    assert isinstance(found, contents.Contents)
    assert (found.kind, found.entries) == ("RNTuple", EVENTS)
    assert set(BRANCHES) <= found.branches
    assert in_coffea([ntuple]) == root(in_rdf, [str(ntuple)]) == in_coffea([good])
    assert columnar.event_loop([str(ntuple)]) == columnar.event_loop([str(good)])
    assert columnar.awkward_arrays([str(ntuple)])[0] == root(in_columns, str(ntuple)) == EVENTS
    by_root = remote.look_with("ROOT", [str(ntuple)])[str(ntuple)]  # as behind root://
    assert isinstance(by_root, contents.Contents)
    assert (by_root.kind, by_root.entries, by_root.uuid) == (found.kind, found.entries, found.uuid)
    assert [by_root.types[branch] for branch in BRANCHES] == [found.types[branch] for branch in BRANCHES]


def retyped(good: Path, target: Path, *, lists: bool, type_: type) -> Path:
    """Copy the muons of a file, with their momenta as numbers of a type, in lists or one for each event."""
    with uproot.open(good) as file:
        muons = file["Events"].arrays(BRANCHES)
    collection = {name.removeprefix("Muon_"): muons[name] for name in BRANCHES if name.startswith("Muon_")}
    collection["pt"] = ak.values_astype(collection["pt"], type_)
    with uproot.recreate(target) as file:
        if lists:
            zipped = ak.zip(collection)
            file.mktree("Events", {"Muon": zipped.type.content}, counter_name=lambda _: "nMuon")
            file["Events"].extend({"Muon": zipped})
        else:
            first = {f"Muon_{name}": ak.fill_none(ak.firsts(values), 0) for name, values in collection.items()}
            first["nMuon"] = muons["nMuon"]
            file.mktree("Events", {name: values.type.content for name, values in first.items()})
            file["Events"].extend(first)
    return target


@pytest.mark.parametrize("reverse", [False, True])
def test_types_that_rdataframe_would_misread_are_refused(
    root: Isolated, good: Path, tmp_path: Path, reverse: bool
) -> None:
    double = retyped(good, tmp_path / "double.root", lists=True, type_=np.float64)
    assert in_coffea([double]) == in_coffea([good])
    told = root(in_rdf, [str(file) for file in sorted([good, double], reverse=reverse)])
    assert "whose branch Muon_pt has different types" in str(told)
    assert f"{double} (double[])" in str(told)
    assert f"{good} (float[])" in str(told)
    both = in_coffea([good, double])
    assert isinstance(both, dict)
    assert both["events"] == 2 * EVENTS


def test_one_number_in_place_of_a_list_is_refused(root: Isolated, good: Path, tmp_path: Path) -> None:
    single = retyped(good, tmp_path / "single.root", lists=False, type_=np.float32)
    told = in_coffea([good, single])
    assert told == root(in_rdf, [str(good), str(single)])
    assert f"{single}: it has one number for each event in Muon_charge, " in str(told)
    assert "not a list; remove it from the list" in str(told)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_mixture_of_trees_and_rntuples(root: Isolated, good: Path, tmp_path: Path, reverse: bool) -> None:
    ntuple = tmp_path / "ntuple.root"
    root(write_ntuple, str(good), str(ntuple))
    files = sorted([str(good), str(ntuple)], reverse=reverse)
    message = root(in_rdf, files)
    assert "cannot read TTrees and RNTuples together" in message
    assert str(good) in message
    assert str(ntuple) in message
    counts = in_coffea(files)
    assert not isinstance(counts, str)
    assert counts["events"] == 2 * EVENTS


@pytest.fixture(scope="module")
def faulty(root: Isolated, good: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return files by what is wrong with them."""
    folder = tmp_path_factory.mktemp("faulty")
    files = {
        name: folder / f"{name.replace(' ', '-')}.root"
        for name in (
            "no events",
            "no events in an rntuple",
            "no branches",
            "no counter",
            "histogram",
            "damaged data",
            "damaged key",
            "damaged counter",
            "damaged rntuple",
        )
    }
    with uproot.recreate(files["no events"]) as file:
        _events_tree(file, branch_types("dimuon"))
    root(write_ntuple, str(files["no events"]), str(files["no events in an rntuple"]))
    root(write_without_branches, str(files["no branches"]))
    with uproot.recreate(files["no counter"]) as file:  # as in files of scouting, which have other muons
        file["Events"] = {name: np.ones(3, np.float32) for name in (*BRANCHES[1:], "nScoutingMuon")}
    with uproot.recreate(files["histogram"]) as file:
        file["Events"] = np.histogram([1.0, 2.0])
    damage_basket(good, "Muon_pt", files["damaged data"], first=100)
    damage_basket(good, "Muon_eta", files["damaged key"], last=60)
    damage_basket(good, "nMuon", files["damaged counter"], first=100)
    root(write_ntuple, str(good), str(files["damaged rntuple"]))
    content = bytearray(files["damaged rntuple"].read_bytes())
    for start in range(1_000, len(content) - 3_000, 2_000):
        content[start : start + 20] = b"\xff" * 20
    files["damaged rntuple"].write_bytes(content)
    return files


SAID = {
    "no events": "There are no events to analyse",
    "no events in an rntuple": "There are no events to analyse",
    "no branches": "its tree 'Events' has no branches; remove it",
    "no counter": "it lacks nMuon; choose files",
    "histogram": "its 'Events' is not a tree, but a TH1D; remove it",
    "damaged data": "it is damaged, its branch Muon_pt cannot be read; fetch or make it again",
    "damaged key": "it is damaged, its branch Muon_eta cannot be read; fetch or make it again",
    "damaged counter": "it is damaged",
    "damaged rntuple": "it is damaged",
}


def test_both_say_the_same_of_a_fault(root: Isolated, faulty: dict[str, Path], good: Path) -> None:
    alone: dict[str, Outcome] = root(all_in_rdf, {name: [str(file)] for name, file in faulty.items()})
    for name, file in faulty.items():
        assert SAID[name] in alone[name], (name, alone[name])
        assert str(file) in alone[name]
        assert in_coffea([file]) == alone[name]
    assert root(in_rdf, [str(good)]) == in_coffea([good])  # and the process is well


def test_both_say_the_same_of_a_fault_beside_a_good_file(root: Isolated, faulty: dict[str, Path], good: Path) -> None:
    beside: dict[str, Outcome] = root(
        all_in_rdf, {name: [str(good), str(file)] for name, file in faulty.items() if "rntuple" not in name}
    )
    expected = in_coffea([good])
    for name, outcome in beside.items():
        assert in_coffea([good, faulty[name]]) == outcome
        assert outcome == expected if name == "no events" else SAID[name] in outcome
        assert str(good) not in outcome
