"""What users give as files, as text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from af_lab_examples import higgs, inputs
from af_lab_examples.catalogue import resolve
from af_lab_examples.simulation import find_files

from af_lab.errors import SpecError


@pytest.mark.parametrize(
    "given", [None, [None], ["a.root", 3], 7, b"a.root", [b"a.root"], {"a.root": "Events"}, [""], [" "], ["a\0b.root"]]
)
def test_what_does_not_name_files_is_refused_in_words(given: Any) -> None:
    with pytest.raises(SpecError, match=r"does not name files|is not the name of a file"):
        resolve(given)


@pytest.mark.parametrize("given", ["a.root", Path("a.root"), ["a.root"], (Path("a.root"),), iter(["a.root"])])
def test_one_name_or_several(given: Any) -> None:
    assert inputs.names(given) == ["a.root"]


def test_datasets_of_one_name_and_of_none() -> None:
    assert find_files("x.root", higgs.SAMPLE, ("higgs-4l",)) == {"higgs-4l": ["x.root"]}
    assert find_files({"higgs-4l": "x.root"}, higgs.SAMPLE, ("higgs-4l",)) == {"higgs-4l": ["x.root"]}
    with pytest.raises(SpecError, match="files of 'higgs-4l': None does not name files"):
        find_files({"higgs-4l": None}, higgs.SAMPLE, ("higgs-4l",))  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("https://host/x.root", True),
        ("root://host//x.root", True),
        ("davs://host/x.root", True),
        ("file:///x.root", False),
        ("file:/x.root", False),
        ("file://localhost/x.root", False),
        ("/a/b://c.root", False),
        ("x.root:Events", False),
    ],
)
def test_addresses(name: str, address: bool) -> None:
    assert inputs.is_address(name) is address


@pytest.mark.parametrize("name", ["file:/a%20b.root", "file:///a%20b.root", "FILE://localhost/a b.root"])
def test_file_addresses_are_paths(name: str) -> None:
    assert inputs.path_of_url(name) == "/a b.root"


def test_variables_and_homes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AF_LAB_TEST_DATA", "/data")
    monkeypatch.setenv("HOME", "/home/me")
    assert inputs.expanded("$AF_LAB_TEST_DATA/${AF_LAB_TEST_DATA}x/~") == "/data//datax/~"
    assert inputs.expanded("~/x.root") == "/home/me/x.root"
    with pytest.raises(SpecError, match="the variable NOT_SET_HERE, which is not set"):
        inputs.expanded("${NOT_SET_HERE}/x.root")
    with pytest.raises(SpecError, match="a user who does not exist"):
        inputs.expanded("~no-such-user-here/x.root")


@pytest.mark.parametrize("tree", ["Events", "/Events", "Events;1"])
def test_the_tree_may_be_named(tree: str) -> None:
    assert inputs.without_tree(f"/a:b/x.root:{tree}") == "/a:b/x.root"
    assert inputs.without_tree(f"root://host:1094//x.root:{tree}") == "root://host:1094//x.root"


def test_another_tree_is_refused() -> None:
    with pytest.raises(
        SpecError, match=r"asks for the tree 'Runs', but this analysis reads 'Events'. Leave out ':Runs'"
    ):
        inputs.without_tree("x.root:Runs")


@pytest.mark.parametrize(
    ("name", "root", "coffea"),
    [
        ("/ä [1] %20 {b} it's: ,+~.root", None, None),
        ("/a#b.root", "'#'", None),
        ("/a?b.root", "'?'", None),
        ("/a|b.root", "'|'", None),
        ("/$a/b.root", "'$'", None),
        ("/a:/b.root", "':/'", None),
        ("/d[1]/b.root", "folder contains '['", None),
        ("/d*/b.root", r"folder contains '*'", None),
        ("/a::b.root", None, "'::'"),
        ("/a\udcff.root", "UTF-8", "UTF-8"),
        ("root://host//a*.root", "patterns", "patterns"),
        ("https://host/a[1].root", "patterns", "patterns"),
        ("root://[::1]//a.root?token=a*b", None, None),
    ],
)
def test_names_that_a_framework_cannot_read(name: str, root: str | None, coffea: str | None) -> None:
    for reader, expected in (("RDataFrame", root), ("Coffea", coffea)):
        found = inputs.unreadable(name, reader)  # type: ignore[arg-type]
        assert (found is None) if expected is None else (expected in str(found))


@pytest.mark.parametrize(
    "other", ["root://host:1094//x.root", "xroot://me@HOST//x.root", "root://host/x.root", "ROOT://host///x.root"]
)
def test_spellings_of_an_address(other: str) -> None:
    assert inputs.address_key("root://host//x.root") == inputs.address_key(other)


@pytest.mark.parametrize("other", ["root://host//X.root", "root://host:1095//x.root", "root://host//x.root?a=b"])
def test_other_addresses(other: str) -> None:
    assert inputs.address_key("root://host//x.root") != inputs.address_key(other)
