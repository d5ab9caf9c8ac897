"""Whether the panel works in the JupyterLab that is installed, by the versions that its package.json allows.

`jupyter labextension list` says the same, but takes seconds, and does not say what to do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["Conflict", "conflicts", "core_of_jupyterlab", "range_of", "refusal"]

Conflict = tuple[str, str, str]
"""A package, the versions of it that JupyterLab has, and those that the panel works with."""

Version = tuple[int, int, int]

_RANGE = re.compile(r"([\^~]?)(\d+)\.(\d+)\.(\d+)(?:-[\w.]+)?")


def range_of(text: str) -> tuple[Version, Version] | None:
    """Return the first version of a range such as ``^4.2.0`` or ``~4.2.0``, and the first one after it.

    None if it is written in another way: nothing can be said about it then.
    """
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        return None
    first = major, minor, patch = int(found[2]), int(found[3]), int(found[4])
    if found[1] == "":
        return first, (major, minor, patch + 1)
    if found[1] == "~" or major == 0:
        return first, (major, minor + 1, 0)
    return first, (major + 1, 0, 0)


def conflicts(extension: Mapping[str, Any], core: Mapping[str, Any]) -> Iterator[Conflict]:
    """Yield the packages of which JupyterLab has no version that the panel works with.

    Parameters
    ----------
    extension
        The panel's package.json.
    core
        JupyterLab's package.json, which names the packages that all extensions share.
    """
    has = core["resolutions"]
    for name in core["jupyterlab"]["singletonPackages"]:
        wanted, provided = extension["dependencies"].get(name), has.get(name)
        ranges = [range_of(text) for text in (wanted, provided) if text]
        if len(ranges) == 2 and ranges[0] and ranges[1]:
            (first, after), (core_first, core_after) = ranges[0], ranges[1]
            if core_first >= after or first >= core_after:
                yield name, provided, wanted


def core_of_jupyterlab() -> dict[str, Any] | None:
    """Return JupyterLab's package.json; None if JupyterLab is not installed, or does not have it where it should be."""
    # To import JupyterLab takes a second.
    spec = find_spec("jupyterlab")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        file = Path(folder) / "staging" / "package.json"
        if file.is_file():
            found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return found
    return None


def refusal(package: Path) -> str:
    """Return why JupyterLab will not work with the panel whose package.json this is; empty if it will."""
    core = core_of_jupyterlab()
    if core is None:
        return ""
    found = list(conflicts(json.loads(package.read_text(encoding="utf-8")), core))
    if not found:
        return ""
    # What everybody knows the version of comes first.
    name, provided, wanted = next((one for one in found if one[0] == "@jupyterlab/application"), found[0])
    version = core["jupyterlab"].get("version", "?")
    return f"made for {name} {wanted}, but JupyterLab {version} has {provided}"
