"""Which versions of HTCondor's daemons and of its Python bindings work together."""

from __future__ import annotations

import importlib.metadata
import re

__all__ = ["OLDEST_DAEMONS", "bindings_for", "bindings_version", "work_together"]

OLDEST_DAEMONS = (23, 9)
"""The oldest daemons, and the oldest bindings, that af_lab works with: the module `htcondor2` is complete since."""

# Bindings from 24 on refuse the folder in which older daemons have them prove who they are ("FS:1004:Directory name
# doesn't match"); those of 23.10 work with daemons from 23.9 to 25.14.
STRICT = 24


def bindings_version() -> str | None:
    """Return the version of the bindings that are installed in this Python, as in ``25.14.1``; None without any."""
    try:
        return importlib.metadata.version("htcondor")
    except importlib.metadata.PackageNotFoundError:
        return None


def work_together(daemons: str, bindings: str | None) -> bool:
    """Return whether daemons and bindings of these versions work together; without bindings only the daemons count."""
    daemons_ = _parts(daemons)
    if daemons_ < OLDEST_DAEMONS:
        return False
    return bindings is None or daemons_[0] >= STRICT or _parts(bindings)[0] < STRICT


def bindings_for(daemons: str) -> str:
    """Return what to give to ``pip install`` for the bindings that fit daemons of a version."""
    major = max(_parts(daemons), OLDEST_DAEMONS)[0]
    # The last before 24.
    return "htcondor==23.10.*" if major < STRICT else f"htcondor=={major}.*"


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])
