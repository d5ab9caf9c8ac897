"""`af_lab.Checkpoint`: results that are kept, and used again as long as nothing changes that they depend on."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cloudpickle

from af_lab.errors import AfLabError
from af_lab.home import make_private_folder
from af_lab.model.folder import write_private
from af_lab.runs.code_key import NotCertain, code_key
from af_lab.runs.kept_results import note_checkpoint

__all__ = ["Checkpoint"]

logger = logging.getLogger(__name__)


class Checkpoint:
    """Results that are kept in a folder, each under a key of all that it was computed from.

    The key has the byte code of the analysis and of all that it calls in modules that are not installed, the arguments,
    size and time of each file that these name, and the versions of the packages that are used. Where a key cannot be
    made, the result is computed anew, and a warning says why.

    It is the ``checkpoint`` of a `BatchExecutor`, and the ``checkpointer`` of coffea's ``Runner`` (whose schema is not
    part of the key: give another `version` if you change it).

    Parameters
    ----------
    folder
        Where the results are kept. Where workers save them, it must be on a shared file system.
    version
        Changes the key: another version does not use what was kept before.

    Raises
    ------
    AfLabError
        The folder cannot be written, or others can write into it.
    """

    def __init__(self, folder: str | os.PathLike[str], version: str | None = None) -> None:
        self.folder = Path(folder).absolute()
        self.version = version
        self._asked_for: str | None = None
        _make_safe(self.folder)
        _register()
        try:
            note_checkpoint(self.folder)
        except (AfLabError, OSError) as error:
            logger.warning("`af-lab batch clean` will not list the checkpoint %s: %s", self.folder, error)

    def __reduce__(self) -> tuple[Callable[..., Checkpoint], tuple[Path, str | None]]:
        return _restored, (self.folder, self.version)

    def key(self, function: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> str | None:
        """Return the key of a call; None if there is none that holds in another process."""
        try:
            return code_key(function, arguments, keywords, _files([arguments, keywords]), self.version)
        except NotCertain as error:
            logger.warning("The result is computed anew, not taken from the checkpoint: %s", error)
            return None

    def read(self, key: str) -> tuple[bool, Any]:
        """Return whether there is a result of a key, and the result."""
        try:
            with self._path(key).open("rb") as file:
                result = pickle.load(file)
        except FileNotFoundError:
            return False, None
        except Exception as error:  # whatever a damaged file or a class that changed gives
            logger.warning("A result of the checkpoint cannot be read, and is computed anew: %s", error)
            return False, None
        # `af-lab batch clean` removes what was not used for long.
        with contextlib.suppress(OSError):
            os.utime(self._path(key))
        return True, result

    def write(self, key: str, result: Any) -> None:
        """Keep a result, completely or not at all; a full disk is reported and nothing else."""
        path = self._path(key)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            write_private(path, cloudpickle.dumps(result))
        except OSError as error:
            logger.warning("A result cannot be kept in %s: %s", self.folder, error.strerror or error)

    def load(self, metadata: Any, processor_instance: Any) -> Any:
        """Return the result of a chunk for coffea's ``Runner``; None if there is none."""
        key = self.key(processor_instance, [dict(metadata)], {})
        self._asked_for = key
        return self.read(key)[1] if key is not None else None

    def save(self, output: Any, metadata: Any, processor_instance: Any) -> None:
        """Keep the result of the chunk that coffea's ``Runner`` asked for last.

        Its key is that of the question: metadata and processor may have changed while the chunk was processed.
        """
        if self._asked_for is not None:
            self.write(self._asked_for, output)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.pickle"


def _restored(folder: Path, version: str | None) -> Checkpoint:
    """Return the checkpoint of another process, where that may have no folder of af_lab: on a worker."""
    checkpoint = Checkpoint.__new__(Checkpoint)
    checkpoint.folder, checkpoint.version, checkpoint._asked_for = folder, version, None
    _make_safe(folder)
    _register()
    return checkpoint


def _files(value: Any) -> list[tuple[str, int, int]]:
    """Return size and time of the files that arguments name, in any depth."""
    if isinstance(value, str | os.PathLike):
        with contextlib.suppress(OSError, ValueError):
            at = os.stat(value)
            if stat.S_ISREG(at.st_mode):
                return [(os.fspath(value), at.st_size, at.st_mtime_ns)]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return [found for item in value for found in _files(item)]
    return []


def _make_safe(folder: Path) -> None:
    """Make the folder; what others could write there would be run here when it is read."""
    try:
        make_private_folder(folder)
        at = folder.stat()
    except OSError as error:
        raise AfLabError(f"The checkpoint {folder} cannot be written: {error.strerror or error}.") from error
    if at.st_uid != os.geteuid() or at.st_mode & 0o022:
        raise AfLabError(
            f"Others can write into the checkpoint {folder}, so its results could not be trusted. "
            f"Run `chmod go-w {folder}` if it is yours, or choose another folder."
        )


def _register() -> None:
    """Make coffea take checkpoints, which are no subclass of its own: af_lab does not need coffea."""
    if "coffea" in sys.modules or find_spec("coffea") is not None:
        from coffea.processor import CheckpointerABC

        CheckpointerABC.register(Checkpoint)
