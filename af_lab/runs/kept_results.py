"""The folders of checkpoints: which there are, what they keep, and how it is removed.

A checkpoint may lie anywhere, so each that is made on a machine leaves a note in the folder of af_lab.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from af_lab.disk_errors import storage_errors
from af_lab.errors import AfLabError
from af_lab.home import af_lab_home
from af_lab.model.folder import private_folder, write_private
from af_lab.model.info import time_json

__all__ = ["KeptResults", "checkpoints", "note_checkpoint", "remove_results"]

logger = logging.getLogger("af_lab")

NOTES = "checkpoints"
OF_RESULTS = re.compile(r"[0-9a-f]{64}\.pickle")


class KeptResults(NamedTuple):
    """What a checkpoint keeps.

    Attributes
    ----------
    folder
        Where.
    results
        How many results.
    size
        Bytes of all of them.
    used
        When one was written or used last, in seconds since the epoch; None if there are none.
    """

    folder: Path
    results: int
    size: int
    used: float | None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON; the time is ISO 8601 in UTC."""
        used = None if self.used is None else time_json(self.used)
        return self._asdict() | {"folder": str(self.folder), "used": used}


def note_checkpoint(folder: Path) -> None:
    """Leave a note of a checkpoint's folder, so that `checkpoints` finds it; raises as `private_folder` does."""
    notes = private_folder(af_lab_home(), NOTES)
    note = notes / f"{hashlib.sha256(bytes(folder)).hexdigest()[:32]}.json"
    if not note.exists():
        write_private(note, json.dumps({"folder": str(folder)}).encode())


def checkpoints() -> list[KeptResults]:
    """Return the checkpoints that were made on this machine and still keep something, by folder."""
    found = []
    for note in private_folder(af_lab_home(), NOTES).glob("*.json"):
        try:
            folder = Path(json.loads(note.read_text(encoding="utf-8"))["folder"])
            kept = _look(folder)
            if kept.results:
                found.append(kept)
            elif not folder.exists() and folder.parent.exists():
                note.unlink(missing_ok=True)  # Its owner has removed it.
        except OSError as error:
            logger.warning("A checkpoint cannot be looked at: %s", error)
    return sorted(found)


def remove_results(folder: Path, unused_for: float) -> KeptResults:
    """Remove the results of a checkpoint that were neither written nor used for so many seconds; returns those.

    Raises
    ------
    AfLabError
        The folder is not one of a checkpoint, or cannot be written.
    """
    if folder.absolute() not in [kept.folder for kept in checkpoints()]:
        have = ", ".join(str(kept.folder) for kept in checkpoints()) or "none"
        raise AfLabError(f"{folder} is not a checkpoint that keeps results; those of this machine are: {have}.")
    until = time.time() - unused_for
    old = [(path, size, used) for path, size, used in _results(folder.absolute()) if used <= until]
    with storage_errors(folder):
        for path, _, _ in old:
            path.unlink(missing_ok=True)
    return _sum(folder.absolute(), old)


def _look(folder: Path) -> KeptResults:
    return _sum(folder, list(_results(folder)))


def _sum(folder: Path, results: list[tuple[Path, int, float]]) -> KeptResults:
    used = max((used for _, _, used in results), default=None)
    return KeptResults(folder, len(results), sum(size for _, size, _ in results), used)


def _results(folder: Path) -> Iterator[tuple[Path, int, float]]:
    """Yield the files of results; whatever else lies in the folder is not af_lab's."""
    for path in folder.glob("[0-9a-f][0-9a-f]/*.pickle"):
        if OF_RESULTS.fullmatch(path.name) and path.name.startswith(path.parent.name):
            try:
                at = path.stat()
            except FileNotFoundError:
                continue  # It was removed at this moment.
            yield path, at.st_size, at.st_mtime
