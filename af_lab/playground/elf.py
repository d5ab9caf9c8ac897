"""Find programs and libraries among files."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ElfFile", "elf_files"]

_MAGIC_64_LITTLE = b"\x7fELF\x02\x01"
_DYNAMIC = 2
_INTERPRETER = 3


@dataclass(frozen=True)
class ElfFile:
    """A dynamically linked program or library."""

    path: Path
    interpreter: str | None
    """Path of the loader; None for libraries."""


def elf_files(folder: Path) -> list[ElfFile]:
    """Return all dynamically linked 64-bit little-endian files below a folder, without symbolic links."""
    return list(_search(folder))


def _search(folder: Path) -> Iterator[ElfFile]:
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            if file.read(6) != _MAGIC_64_LITTLE:
                continue
            file.seek(0)
            header = file.read(64)
            (offset,) = struct.unpack_from("<Q", header, 32)
            size, number = struct.unpack_from("<HH", header, 54)
            file.seek(offset)
            segments = [file.read(size) for _ in range(number)]
            kinds = {struct.unpack_from("<I", segment)[0]: segment for segment in segments}
            if _DYNAMIC not in kinds:
                continue
            interpreter = None
            if _INTERPRETER in kinds:
                where, length = struct.unpack_from("<Q24xQ", kinds[_INTERPRETER], 8)[0:2]
                file.seek(where)
                interpreter = file.read(length).rstrip(b"\0").decode()
            yield ElfFile(path, interpreter)
