"""The parts of the suite, and the tests of each that a selection contains."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

__all__ = ["ALONE", "BESIDE", "SYSTEM", "Part", "PartError", "Runner", "collected", "parse_selection", "select"]

WORKERS = 4
"""Processes for the tests in Python, each with a pool; beside the browser they keep two cores busy."""


class Runner(Enum):
    """What runs a part."""

    PYTEST = "pytest"
    JEST = "jest"


class PartError(Exception):
    """The selection cannot be run; the message says why."""


@dataclass(frozen=True)
class Part:
    """Tests that one command runs."""

    title: str
    runner: Runner
    folder: str
    marked: str = ""
    """Expression over the markers of the tests that belong to this part."""
    workers: int = 0
    """The number of further processes that run them; 0 for the process of the command itself."""
    limit: float = 600.0
    """Seconds that one test may take."""
    marker: str = ""
    """The marker that each of its tests has, if few files of its folder use it."""
    chosen: tuple[str, ...] = ()
    """Arguments that choose among its tests; all of them if empty."""

    @property
    def key(self) -> str:
        """A name for files."""
        return self.title.replace(" ", "-").replace("'", "")


_NEITHER = "not alone and not system"

BESIDE = (
    Part("tests in Python", Runner.PYTEST, "tests", _NEITHER, workers=WORKERS),
    Part("tests in the browser", Runner.PYTEST, "tests/ui", _NEITHER),
    Part("tests of the panel's parts", Runner.JEST, "labextension/tests"),
)
"""They run at the same time."""

ALONE = (
    Part("tests that measure time", Runner.PYTEST, "tests", "alone and not system", marker="alone"),
    Part("tests that measure time in the browser", Runner.PYTEST, "tests/ui", "alone and not system", marker="alone"),
)
"""They run one after the other, when no other part runs."""

SYSTEM = (
    Part("system tests", Runner.PYTEST, "tests", "system", limit=3600.0, marker="system"),
    Part("system tests in the browser", Runner.PYTEST, "tests/ui", "system", limit=3600.0, marker="system"),
)
"""Tests that take minutes each, outside the suite."""


@dataclass(frozen=True)
class Selection:
    """The tests that `ONLY=...` selects."""

    paths: tuple[str, ...] = ()
    expression: str = ""
    """As for pytest's option -k."""


def parse_selection(text: str) -> Selection:
    """Return the selection by paths of tests, and by words of their names.

    Raises
    ------
    PartError
        The text has an open quotation mark.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise PartError(f"ONLY={text!r} cannot be read: {error}.") from error
    paths = tuple(word.removeprefix("./").rstrip("/") for word in words if "/" in word or word.endswith(".py"))
    names = [word for word in words if not ("/" in word or word.endswith(".py"))]
    return Selection(paths, " ".join(names))


def select(parts: Sequence[Part], selection: Selection) -> list[Part]:
    """Return the parts that contain selected tests, each with the arguments that choose them."""
    if not selection.paths and not selection.expression:
        return list(parts)
    chosen = []
    for part in parts:
        paths = [path for path in selection.paths if _home(path) == part.folder]
        if selection.paths and not paths:
            continue
        if part.runner is Runner.JEST:
            if selection.expression and not paths:
                continue
            arguments = tuple(path.removesuffix("/*") for path in paths)
        else:
            arguments = (*paths, *(["-k", selection.expression] if selection.expression else []))
        # A file stays in one process, so further processes would have no tests.
        files = [path for path in paths if ".py" in path]
        workers = part.workers if len(files) < len(paths) or not paths else min(part.workers, len(files))
        workers = 0 if workers == 1 else workers
        chosen.append(replace(part, workers=workers, chosen=arguments))
    return chosen


def collected(part: Part, root: Path) -> tuple[str, ...]:
    """Return what pytest looks for a part's tests in: its folder, or the files that use its marker.

    To import all the others takes as long as some of these tests.
    """
    if not part.marker:
        return (part.folder,)
    files = [
        path for path in (root / part.folder).rglob("test_*.py") if f"mark.{part.marker}" in path.read_text("utf-8")
    ]
    names = sorted(path.relative_to(root).as_posix() for path in files)
    return tuple(name for name in names if _home(name) == part.folder) or (part.folder,)


def _home(path: str) -> str:
    """Return the folder of the part that a path belongs to."""
    for folder in ("tests/ui", "labextension/tests"):
        if path == folder or path.startswith(f"{folder}/"):
            return folder
    return "tests"
