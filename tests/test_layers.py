"""Imports run one way, and nothing below the server knows Jupyter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import af_lab

ROOT = Path(af_lab.__file__).parent
# What each package may import of the others. What stands beside the packages (errors, config, ...) is below all of
# them but worker, which travels with its jobs.
BELOW: dict[str, set[str]] = {
    "worker": set(),
    "condor": {"worker"},
    "jobs": {"condor", "worker"},
    "model": {"condor", "jobs", "worker"},
    "runner": {"condor", "jobs", "model", "worker"},
    "manager": {"condor", "jobs", "model", "worker"},
    "notebook": {"condor", "jobs", "model", "manager"},
    "runs": {"condor", "jobs", "model", "runner", "manager", "worker"},
    "gallery": set(),
    "playground": {"gallery"},
    "server": {"condor", "jobs", "model", "manager", "runs", "gallery"},
    "cli": {"condor", "jobs", "model", "manager", "notebook", "runs", "gallery", "playground"},
}
JUPYTER = ("jupyter", "tornado.web", "IPython", "ipywidgets")


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_packages(file: Path) -> set[str]:
    """Return what a file imports of af_lab, by the first name below it."""
    return {name.split(".")[1] for name in imports(file) if name.startswith("af_lab.")}


def test_every_package_has_its_place() -> None:
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == set(BELOW)


@pytest.mark.parametrize("package", BELOW)
def test_package_imports_only_those_below(package: str) -> None:
    above = set(BELOW) - BELOW[package] - {package}
    wrong = [
        (str(file.relative_to(ROOT)), sorted(found))
        for file in (ROOT / package).rglob("*.py")
        if (found := imported_packages(file) & above)
    ]
    assert not wrong


def test_worker_imports_nothing_else_of_af_lab() -> None:
    found = {name for file in (ROOT / "worker").rglob("*.py") for name in imported_packages(file)}
    assert found == {"worker"}


def test_nothing_below_the_server_imports_jupyter() -> None:
    # Dask's own HTTP side is made of tornado; and only Jupyter can start a kernel as Jupyter does.
    allowed = {"scheduler.py", "started_kernels.py"}
    wrong = [
        (str(file.relative_to(ROOT)), name)
        for file in ROOT.rglob("*.py")
        if file.relative_to(ROOT).parts[0] != "server" and file.name not in allowed
        for name in imports(file)
        if name.startswith(JUPYTER)
    ]
    assert not wrong


def test_no_package_is_named_like_a_public_function() -> None:
    packages = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert not packages & set(af_lab.__all__)


def test_no_two_packages_have_a_file_of_one_name() -> None:
    """But for those that are the same subject, as a face of it."""
    faces = {"server", "cli", "gallery"}
    places: dict[str, list[str]] = {}
    for file in ROOT.rglob("*.py"):
        package = file.parent.relative_to(ROOT).parts[:1]
        if not file.name.startswith("__") and not faces & set(package):
            places.setdefault(file.name, []).append("/".join(package))
    assert not {name: found for name, found in places.items() if len(found) > 1}
