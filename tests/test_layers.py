"""Imports run one way, and nothing below the server knows Jupyter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import af_lab

ROOT = Path(af_lab.__file__).parent
# What each package may import of the others.
BELOW: dict[str, set[str]] = {
    "condor": set(),
    "server": {"condor", "jobs", "model", "worker", "runner", "manager", "gallery"},
}
HIGH = {*BELOW, "notebook", "playground", "cli"}
JUPYTER = ("jupyter", "tornado.web", "IPython", "ipywidgets")


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("package", BELOW)
def test_a_package_imports_only_those_below(package: str) -> None:
    above = [f"af_lab.{other}" for other in HIGH - BELOW[package] - {package}]
    wrong = [
        (file.name, name)
        for file in (ROOT / package).rglob("*.py")
        for name in imports(file)
        if name.startswith(tuple(above))
    ]
    assert not wrong


def test_nothing_below_the_server_imports_jupyter() -> None:
    allowed = {"scheduler.py"}  # Dask's own HTTP side is made of tornado
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
