"""An environment that has nothing but what worker and scheduler jobs need."""

from __future__ import annotations

import re
import venv
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

import af_lab

REQUIREMENTS = Path(af_lab.__file__).parent / "worker" / "requirements.txt"


def lean_environment(folder: Path) -> Path:
    """Make an environment of the requirements of jobs and of af_lab without its dependencies; returns its Python.

    What is installed here is linked, so that nothing has to be downloaded.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    for found in _closure(line for line in lines if line and not line.startswith("#")):
        for part in {Path(file).parts[0] for file in found.files or () if not str(file).startswith("..")}:
            if part != "__pycache__" and not (packages / part).exists():
                (packages / part).symlink_to(Path(str(found.locate_file(part))).resolve())
    link_af_lab(packages)
    return folder / "bin" / "python"


def link_af_lab(packages: Path) -> None:
    """Put this af_lab into a folder of packages, without what it requires."""
    (packages / "af_lab").symlink_to(Path(af_lab.__file__).parent)
    metadata = next(Path(str(distribution("af-lab").locate_file(""))).glob("af_lab-*.dist-info"))
    (packages / metadata.name).symlink_to(metadata)


def _closure(lines: Iterable[str]) -> list[Distribution]:
    """Return the distributions of some requirements, and those that they require."""
    found: dict[str, Distribution] = {}
    left = [Requirement(line) for line in lines]
    while left:
        requirement = left.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found[name] = distribution(requirement.name)
        left += [Requirement(line) for line in found[name].requires or ()]
    return list(found.values())
