"""The catalogue of datasets, and what is told of files that cannot be analysed."""

from __future__ import annotations

import importlib.util
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uproot
import yaml
from af_lab_examples import catalogue, contents, remote
from af_lab_examples.catalogue import Dataset, Entry, dataset, entries, resolve
from af_lab_examples.processes import PROCESSES
from af_lab_examples.sample import Sample
from pydantic import ValidationError

from af_lab.errors import AfLabError, SpecError

Damage = Callable[[Path], None]


@pytest.fixture
def files(generated: Callable[[str], Sample], tmp_path: Path) -> list[Path]:
    """Return copies of two good files."""
    return [Path(shutil.copy(file, tmp_path)) for file in generated("higgs-4l").files]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100_000])


def cut_within_the_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:10])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def overwrite(path: Path) -> None:
    path.write_text("root:x:0:0:root:/root:/bin/bash\n")


def remove(path: Path) -> None:
    path.unlink()


def make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def spoil(path: Path) -> None:
    """Leave the header and the size as they are."""
    content = path.read_bytes()
    path.write_bytes(content[:64] + b"\xff" * (len(content) - 64))


def put_another_tree(path: Path) -> None:
    with uproot.recreate(path) as root:
        root["Runs"] = {"run": [1, 2, 3]}


DAMAGES: list[tuple[Damage, str]] = [
    (cut, "is cut off, 100000 of its .* bytes"),
    (cut_within_the_header, "is not a ROOT file"),
    (empty, "is empty"),
    (overwrite, "is not a ROOT file"),
    (remove, "does not exist"),
    (make_a_folder, "is a folder"),
    (spoil, "is damaged"),
    (put_another_tree, r"has no tree 'Events' \(it has: Runs\)"),
]


@pytest.mark.parametrize(("damage", "told"), DAMAGES)
def test_a_bad_file_is_named_with_what_is_wrong(files: list[Path], damage: Damage, told: str) -> None:
    damage(files[1])
    with pytest.raises(AfLabError, match=rf"1 of 2 files cannot be analysed:\n  {files[1]}: it {told}.*; ") as error:
        resolve(files)
    assert "skip_bad=True" in str(error.value)
    assert str(files[0]) not in str(error.value)


@pytest.mark.parametrize(("damage", "told"), DAMAGES)
def test_a_bad_file_is_left_out_if_so_wished(files: list[Path], damage: Damage, told: str) -> None:
    damage(files[1])
    with pytest.warns(UserWarning, match=rf"1 of 2 files cannot be analysed: {files[1]}: it {told}") as warned:
        assert resolve(files, skip_bad=True) == [str(files[0])]
    assert len(warned) == 1
    assert "\n" not in str(warned[0].message)


def test_nothing_but_bad_files_is_an_error(files: list[Path]) -> None:
    for file in files:
        empty(file)
    with pytest.raises(AfLabError, match="2 of 2 files") as error:
        resolve(files, skip_bad=True)
    assert "skip_bad" not in str(error.value)


def test_a_missing_branch_is_named(files: list[Path]) -> None:
    assert resolve(files, branches=["Muon_pt", "nMuon"]) == [str(file) for file in files]
    with pytest.raises(AfLabError, match=rf"{files[0]}: it lacks Muon_taste, Tau_pt; choose"):
        resolve(files, branches=["Muon_pt", "Tau_pt", "Muon_taste"])


def test_a_message_stays_short(tmp_path: Path) -> None:
    with pytest.raises(AfLabError, match="30 of 30 files") as error:
        resolve([tmp_path / f"{number}.root" for number in range(30)])
    assert "and 25 more" in str(error.value)
    assert str(error.value).count("\n") == 6


def test_patterns_are_expanded(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, expected = files[0].parent, [str(file) for file in sorted(files)]
    assert resolve([f"{folder}/*.root"]) == expected
    assert resolve([f"{folder}/higgs-4l-00[01].root"]) == expected
    monkeypatch.chdir(folder)
    assert resolve(["*.root"]) == expected
    assert resolve("*.root") == expected
    assert resolve(["*.root", files[1], files[1].name]) == expected  # nothing twice


def test_a_pattern_without_a_match_is_named(tmp_path: Path) -> None:
    with pytest.raises(AfLabError, match=rf"No file matches '{tmp_path}/\*.root'"):
        resolve([f"{tmp_path}/*.root"])


def test_no_files_at_all(tmp_path: Path) -> None:
    with pytest.raises(AfLabError, match="no files"):
        resolve([])


def test_a_name_may_look_like_a_pattern(files: list[Path]) -> None:
    odd = files[0].rename(files[0].with_name("odd[1].root"))
    assert resolve([odd]) == [str(odd)]


def entries_of(file: str) -> int:
    with uproot.open(file) as root:
        return int(root["Events"].num_entries)


@pytest.fixture
def deaf() -> Iterator[str]:
    """Return the address of a port at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


def test_a_host_that_does_not_answer_is_named_and_not_asked(
    files: list[Path], deaf: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "look_with", None)  # it would wait for the host
    address = f"root://{deaf}//eos/some.root"
    with pytest.raises(AfLabError, match=rf"{address}: the host {deaf} does not answer \(.*refused.*\); check"):
        resolve([*files, address])
    with pytest.warns(UserWarning, match=deaf):
        assert len(resolve([*files, address], skip_bad=True)) == 2


def test_a_host_that_there_is_not_is_named() -> None:
    with pytest.raises(AfLabError, match=r"the host no-such-host\.invalid does not answer"):
        resolve(["root://no-such-host.invalid//eos/some.root"])


@pytest.fixture
def listening() -> Iterator[str]:
    """Return the address of a host that answers, but speaks no XRootD."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_patterns_behind_a_host_are_refused(listening: str) -> None:
    with pytest.raises(AfLabError, match="patterns are not supported there"):
        resolve([f"root://{listening}//eos/*.root"])


def test_without_root_only_the_host_is_asked(listening: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert resolve([f"root://{listening}//eos/some.root"]) == [f"root://{listening}//eos/some.root"]


def test_a_host_that_is_silent_costs_little(listening: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """ROOT's client waits longer than the limit is here."""
    monkeypatch.setattr(remote, "LOOK_TIMEOUT", 1.0)
    with pytest.raises(AfLabError, match=r"some\.root: it could not be opened within 1 s"):
        resolve([f"root://{listening}//eos/some.root"])


def test_root_finds_what_is_wrong_with_files_that_it_opens(files: list[Path]) -> None:
    """As with addresses, which cannot be had here; ROOT opens paths just the same."""
    bad = files[0].with_name("bad.root")
    put_another_tree(bad)
    none = str(files[0].with_name("none.root"))
    found = remote.look_with("ROOT", [str(files[0]), str(bad), none])
    assert found[str(bad)] == "it has no tree 'Events'; remove it from the list"
    assert str(found[none]).startswith("it cannot be opened; check the address")
    seen, expected = found[str(files[0])], contents.look(str(files[0]))
    assert isinstance(seen, contents.Contents)
    assert isinstance(expected, contents.Contents)
    assert (seen.kind, seen.entries, seen.types) == (expected.kind, expected.entries, expected.types)


def test_a_generated_dataset_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path))
    made = dataset("ttbar", events=3_000, progress=False)
    assert isinstance(made, Dataset)
    assert (made.name, made.events, made.cross_section) == ("ttbar", 3_000, 252.9)
    assert len(made.files) == 3  # fewer than the catalogue says, as they are small
    assert sum(map(entries_of, made.files)) == 3_000
    assert resolve(made.files) == made.files
    assert dataset("ttbar", events=3_000, progress=False) == made


def test_a_dataset_of_one_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path))
    assert dataset("single-muon", events=1, progress=False).events == 1


def test_real_datasets_are_addresses() -> None:
    real = dataset("Run2012B_SingleMu")
    assert real.files == ["root://eospublic.cern.ch//eos/root-eos/benchmark/Run2012B_SingleMu.root"]
    assert (real.events, real.cross_section) == (53_446_198, None)
    with pytest.raises(SpecError, match="not generated"):
        dataset("Run2012B_SingleMu", events=10)


def test_datasets_that_there_are_not() -> None:
    with pytest.raises(SpecError, match=r"no dataset 'ttbaar'.*ttbar"):
        dataset("ttbaar")


def test_all_processes_are_in_the_catalogue() -> None:
    generated = {name: entry.generated for name, entry in entries().items() if entry.generated}
    assert set(generated) == set(PROCESSES)
    assert all(sample.process == name for name, sample in generated.items())
    simulated = set(PROCESSES) - {"dimuon", "single-muon"}
    assert {name for name in generated if entries()[name].cross_section} == simulated


def test_all_addresses_are_at_cern() -> None:
    files = [file for entry in entries().values() for file in entry.files]
    assert len(files) == len(set(files)) == 10
    assert all(file.startswith("root://eospublic.cern.ch//eos/") and file.endswith(".root") for file in files)


@pytest.mark.parametrize(
    "entry",
    [
        "{title: neither}",
        "{title: both, files: [a.root], generated: {process: zll, events: 1, files: 1, seed: 1}}",
        "{title: events, events: 3, generated: {process: zll, events: 1, files: 1, seed: 1}}",
        "{title: typing error, file: [a.root]}",
        "{title: negative, files: [a.root], cross_section: -1}",
    ],
)
def test_entries_that_make_no_sense_are_refused(entry: str) -> None:
    with pytest.raises(ValidationError):
        Entry.model_validate(yaml.safe_load(entry))


def test_the_catalogue_belongs_to_the_package() -> None:
    assert Path(catalogue.__file__).with_name("datasets.yaml").is_file()
