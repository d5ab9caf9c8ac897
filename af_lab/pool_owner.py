"""The owner of a pool of one's own, as the pool's configuration records it.

Whoever starts a pool is looked up in ``/etc/passwd`` once. Later that file may say something else: in root's user
namespace the machine's own file comes back when a program replaces it (`useradd`, installations of packages), and a
directory service may not answer. HTCondor and af_lab therefore read the recorded name instead.
"""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["owner_settings", "recorded_owner"]

# HTCondor's own setting for this: name=uid,gid. Its daemons and tools then do not ask for that user.
_RECORD = re.compile(r"^USERID_MAP = ([^\s=]+)=\d+,\d+$", re.MULTILINE)
_NEVER = 2**31 - 1  # seconds


def owner_settings(name: str, uid: int, gid: int) -> str:
    """Return the lines of a pool's configuration that record its owner."""
    return f"USERID_MAP = {name}={uid},{gid}\nPASSWD_CACHE_REFRESH = {_NEVER}"


def recorded_owner(config: Path) -> str | None:
    """Return the owner that a configuration of HTCondor records; None if it is not that of a pool of one's own."""
    try:
        found = _RECORD.search(config.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    return found[1] if found else None
