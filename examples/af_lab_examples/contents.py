"""What a file of events holds, as far as its description tells: nothing of the events is read."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import uproot

from af_lab_examples.branch_types import types_of
from af_lab_examples.inputs import TREE

__all__ = ["Contents", "contents_of", "look"]

SHOWN = 5  # objects of a file that a message lists
REMEMBERED = 10_000  # files
MAGIC = b"root"  # which a list of users begins with too, hence the next
FIRST_RECORDS = (64, 100)  # where the first record of a file can be
LARGE_FILE = 1_000_000  # added to the version in the header of files whose positions have 64 bits


@dataclass(frozen=True)
class Contents:
    """The events of a file.

    Attributes
    ----------
    kind
        ``"TTree"`` or ``"RNTuple"``.
    entries
        The number of events.
    uuid
        The file's own identifier, 16 bytes.
    types
        Of the branches, by their names; of the fields of an RNTuple.
    """

    kind: str
    entries: int
    uuid: bytes
    types: Mapping[str, str]

    @property
    def branches(self) -> frozenset[str]:
        """The names of the branches."""
        return frozenset(self.types)


def look(path: str) -> Contents | str:
    """Return what a file on a disk holds, or what is wrong with it and what to do.

    A file takes about 10 ms. One that did not change since is not opened a second time: its number, size and times of
    change count, not only its name.
    """
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            fault = _header_fault(file, status.st_size)
    except FileNotFoundError:
        return "it does not exist; check the path, and whether this machine sees that disk"
    except IsADirectoryError:
        return "it is a folder; give its files, for example with /*.root"
    except NotADirectoryError:
        return "a part of its path is a file, not a folder; check the path"
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    if fault:
        return fault
    return _look(path, (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))


def _header_fault(file: BinaryIO, size: int) -> str | None:
    if not size:
        return "it is empty; fetch or make it again"
    header = file.read(20)
    if not header.startswith(MAGIC) or len(header) < 20 or struct.unpack(">i", header[8:12])[0] not in FIRST_RECORDS:
        return "it is not a ROOT file; remove it from the list"
    (version,) = struct.unpack(">i", header[4:8])
    (end,) = struct.unpack(">q", header[12:20]) if version >= LARGE_FILE else struct.unpack(">i", header[12:16])
    if size < end:
        return f"it is cut off, {size} of its {end} bytes are there; fetch or make it again"
    return None


@lru_cache(REMEMBERED)
def _look(path: str, version: tuple[int, ...]) -> Contents | str:
    try:
        # an open file, not its name: uproot would cut some names
        with Path(path).open("rb") as source, uproot.open(source) as file:
            return contents_of(file)
    except Exception as error:  # a broken file may cause any error in its reader
        return f"it is damaged ({type(error).__name__}); fetch or make it again"


def contents_of(file: Any) -> Contents | str:
    """Return what a file that uproot opened holds, or what is wrong with it and what to do."""
    names = file.keys(cycle=False)
    if TREE not in names:
        has = ", ".join(names[:SHOWN]) or "nothing"
        return f"it has no tree {TREE!r} (it has: {has}); remove it from the list"
    kind = file.classname_of(TREE).rpartition("::")[2]
    if kind not in ("TTree", "RNTuple"):
        return f"its {TREE!r} is not a tree, but a {kind}; remove it from the list"
    tree = file[TREE]
    return Contents(kind, int(tree.num_entries), file.file.uuid.bytes, types_of(tree))
