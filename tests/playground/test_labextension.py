"""Which JupyterLab the panel works in, by its package.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from af_lab.playground import labextension
from af_lab.playground.labextension import conflicts, core_of_jupyterlab, range_of, refusal

ROOT = Path(__file__).parents[2]
PANEL = json.loads((ROOT / "package.json").read_text())
CORE = ("application", "apputils", "coreutils", "services")
# The versions of these packages in JupyterLab's releases; the last is one that does not exist yet.
WORKS = {
    "4.2.0": ("~4.2.0", "~4.3.0", "~6.2.0", "~7.2.0"),
    "4.4.10": ("~4.4.10", "~4.5.10", "~6.4.10", "~7.4.10"),
    "4.6.6": ("~4.6.6", "~4.7.6", "~6.6.6", "~7.6.6"),
}
FAILS = {
    "4.1.8": ("~4.1.8", "~4.2.8", "~6.1.8", "~7.1.8"),
    "5.0.0": ("~5.0.0", "~5.0.0", "~7.0.0", "~8.0.0"),
}


def core(version: str, ranges: tuple[str, ...]) -> dict[str, Any]:
    names = [f"@jupyterlab/{name}" for name in CORE]
    resolutions = dict(zip(names, ranges, strict=True)) | {"@lumino/widgets": "^2.3.1-alpha.0", "yjs": "^13.5.40"}
    return {"jupyterlab": {"version": version, "singletonPackages": list(resolutions)}, "resolutions": resolutions}


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("^4.2.0", ((4, 2, 0), (5, 0, 0))),
        ("~7.2.5", ((7, 2, 5), (7, 3, 0))),
        ("^0.17.1", ((0, 17, 1), (0, 18, 0))),
        ("2.3.2", ((2, 3, 2), (2, 3, 3))),
        ("^2.3.1-alpha.0", ((2, 3, 1), (3, 0, 0))),
        (">=4 <5", None),
        ("*", None),
        ("", None),
    ],
)
def test_ranges_as_npm_reads_them(text: str, bounds: object) -> None:
    assert range_of(text) == bounds


@pytest.mark.parametrize("version", WORKS)
def test_the_panel_works_in_what_it_promises(version: str) -> None:
    assert list(conflicts(PANEL, core(version, WORKS[version]))) == []


@pytest.mark.parametrize("version", FAILS)
def test_other_versions_are_conflicts(version: str) -> None:
    found = {name for name, _, _ in conflicts(PANEL, core(version, FAILS[version]))}
    assert found == {f"@jupyterlab/{name}" for name in CORE}


def test_a_conflict_says_both_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labextension, "core_of_jupyterlab", lambda: core("4.1.8", FAILS["4.1.8"]))
    said = refusal(ROOT / "package.json")
    assert said == "made for @jupyterlab/application ^4.2.0, but JupyterLab 4.1.8 has ~4.1.8"


def test_the_installed_jupyterlab_works() -> None:
    assert core_of_jupyterlab() is not None
    assert refusal(ROOT / "package.json") == ""


def test_it_is_built_against_the_oldest_that_it_promises() -> None:
    lock = (ROOT / "yarn.lock").read_text()
    for name, wanted in PANEL["dependencies"].items():
        if name.startswith(("@jupyterlab/", "@lumino/")):
            key = next(
                line for line in lock.splitlines() if line.startswith(f'"{name}@npm:') and f"npm:{wanted}" in line
            )
            version = lock.partition(f"{key}\n  version: ")[2].partition("\n")[0]
            assert version.split(".")[:2] == wanted.removeprefix("^").split(".")[:2], name
