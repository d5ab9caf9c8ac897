"""What scheduler and worker jobs agree on."""

from __future__ import annotations

from pathlib import Path

__all__ = ["MEGABYTE", "MEMORY_RESOURCE", "OUTGREW", "OUTGREW_CALL", "PRELOAD", "read_ad"]

MEGABYTE = 2**20
"""Bytes; HTCondor counts memory in them."""

OUTGREW = 34
"""Exit code of a worker job that outgrew its memory."""

OUTGREW_CALL = "af_lab_outgrew"
"""Handler of the Dask scheduler that hears of a worker whose job ends because it outgrew its memory."""

MEMORY_RESOURCE = "af_lab_memory"
"""Dask's resource that tells how many bytes a worker's job asked for, for each of its workers."""

PRELOAD = "--preload-modules"
"""Option of a worker job: further modules, separated by commas, that its workers find imported."""


def read_ad(path: Path) -> dict[str, str]:
    """Return the attributes of an ad file that HTCondor wrote, as text (``Name = expression`` lines)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name: value for name, separator, value in (line.partition(" = ") for line in lines) if separator}
