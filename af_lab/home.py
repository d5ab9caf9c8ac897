"""Where af_lab keeps its files. Imports only the standard library: the set-up of a bare machine needs it too."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["af_lab_home", "make_private_folder"]


def af_lab_home() -> Path:
    """Return the folder where af_lab keeps its files: ``$AF_LAB_HOME``, else the user's data directory."""
    if chosen := os.environ.get("AF_LAB_HOME"):
        return Path(chosen).expanduser().absolute()
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser().absolute() / "af-lab"


def make_private_folder(folder: Path) -> None:
    """Create a folder, and those above it that are missing, all of them closed to other users whatever the umask is."""
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        # Another process may be making it.
        missing.mkdir(mode=0o700, exist_ok=True)
