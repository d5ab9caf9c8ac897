"""Constants and formats that scheduler and worker jobs share."""

from __future__ import annotations

from pathlib import Path

__all__ = ["FILES", "HOST_BUSY", "MEGABYTE", "MEMORY_RESOURCE", "OUTGREW", "OUTGREW_CALL", "PRELOAD", "read_ad"]

FILES = "AF_LAB_FILES"
"""Environment variable with the folder of the cluster's files, as a job reaches them."""

HOST_BUSY = "af_lab_host_busy"
"""Metric in a worker's heartbeats: the part of the time in which the cores of its machine were busy."""

MEGABYTE = 2**20
"""Bytes; HTCondor counts memory in them."""

OUTGREW = 34
"""Exit code of a worker job that outgrew its memory."""

OUTGREW_CALL = "af_lab_outgrew"
"""Handler of the Dask scheduler, called for a worker whose job ends because it outgrew its memory."""

MEMORY_RESOURCE = "af_lab_memory"
"""Dask resource with the bytes that a worker's job requested for each of its workers."""

PRELOAD = "--preload-modules"
"""Option of a worker job: further modules, separated by commas, that are imported for its workers."""


def read_ad(path: Path) -> dict[str, str]:
    """Return the attributes of an ad file that HTCondor wrote, as text (``Name = expression`` lines)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name: value for name, separator, value in (line.partition(" = ") for line in lines) if separator}
