"""Signs in the file system that the queue has changed: they cost the schedd nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from af_lab.home import af_lab_home
from af_lab.model.folder import ClusterFolder

__all__ = ["Signs", "changed", "read_signs"]

Signs = Mapping[Path, int | None]
"""When each file was changed last, in nanoseconds; None for one that is not there."""


def read_signs(folders: Iterable[Path]) -> Signs:
    """Look at the folder of all clusters, and at those of clusters that nobody else tells of.

    A cluster that is made anywhere, or cleared away, changes the first; the start of a scheduler, its failure and
    its removal change files of the others.
    """
    paths = [af_lab_home() / "clusters"]
    for folder in map(ClusterFolder, folders):
        paths += [folder.contact, folder.reason, folder.events]
    return {path: _changed_at(path) for path in paths}


def changed(before: Signs, now: Signs) -> bool:
    """Tell whether anything happened to the files that were looked at both times."""
    return any(before[path] != now[path] for path in before.keys() & now.keys())


def _changed_at(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
