"""FileTimes in the file system that the queue has changed; reading them puts no load on the schedd."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from af_lab.home import af_lab_home
from af_lab.model.folder import ClusterFolder

__all__ = ["FileTimes", "changed", "read_file_times"]

FileTimes = Mapping[Path, int | None]
"""When each file was last changed, in nanoseconds; None for a file that does not exist."""


def read_file_times(folders: Iterable[Path]) -> FileTimes:
    """Look at the folder of all clusters, and at the folders of clusters whose runners report nothing.

    Creating or removing a cluster changes the first; the start of a scheduler, its failure and its removal change
    files in the others.
    """
    paths = [af_lab_home() / "clusters"]
    for folder in map(ClusterFolder, folders):
        paths += [folder.contact, folder.reason, folder.events]
    return {path: _changed_at(path) for path in paths}


def changed(before: FileTimes, now: FileTimes) -> bool:
    """Return whether any file that was looked at both times has changed."""
    return any(before[path] != now[path] for path in before.keys() & now.keys())


def _changed_at(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
