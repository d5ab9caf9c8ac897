"""The file in a cluster's folder that keeps its timeline over restarts of the scheduler."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from af_lab.model.folder import write_private
from af_lab.model.snapshot import Counts, TimelinePoint

__all__ = ["MOST_LINES", "TimelineFile", "read_timeline"]

MOST_LINES = 4000  # of 50 bytes each; then the file is written again, with the points that are kept


class TimelineFile:
    """Writes a timeline, one line for each point.

    Lines are appended, so a change costs a few bytes. All points are written at once, atomically, at first, after a
    failure, and when there are many lines.

    Parameters
    ----------
    path
        Its file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: int | None = None  # None if all points are to be written

    @property
    def is_behind(self) -> bool:
        """Whether the file lacks points, because the last attempt failed or there was none."""
        return self._lines is None

    def write(self, new: Sequence[TimelinePoint], points: Sequence[TimelinePoint]) -> None:
        """Add points.

        Parameters
        ----------
        new
            The points since the last call.
        points
            All points, with the new ones.

        Raises
        ------
        OSError
            The disk is full, for example. The next call writes all points.
        """
        lines, self._lines = self._lines, None
        if lines is None or lines + len(new) > MOST_LINES:
            write_private(self._path, _text(points))
            self._lines = len(points)
            return
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_APPEND), "ab") as file:
            file.write(_text(new))
        self._lines = lines + len(new)


def read_timeline(path: Path) -> list[TimelinePoint]:
    """Return the points in a file; empty if it does not exist, and without lines that were cut off.

    Raises
    ------
    OSError
        The file exists, but cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return [point for line in lines if (point := _point(line)) is not None]


def _text(points: Sequence[TimelinePoint]) -> bytes:
    return b"".join(json.dumps([point.when, *astuple(point.counts)]).encode() + b"\n" for point in points)


def _point(line: bytes) -> TimelinePoint | None:
    """Return what a line says; None if it was cut off, by a crash or a full disk."""
    try:
        when, *counts = json.loads(line)
        return TimelinePoint(float(when), Counts(*map(int, counts)))
    except (TypeError, ValueError):
        return None
