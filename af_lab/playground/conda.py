"""HTCondor's daemons from conda-forge."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from af_lab.errors import PlaygroundError
from af_lab.playground.install_progress import Progress

__all__ = ["install", "program"]

_INSTALL_LIMIT = 1800.0  # seconds; solving and downloading take 1 to 5 minutes


def program() -> str | None:
    """Return the fastest program that can create a conda environment; None if there is none."""
    return next((found for name in ("micromamba", "mamba", "conda") if (found := shutil.which(name))), None)


def install(conda: str, folder: Path, progress: Progress) -> Path:
    """Install into an empty folder, which must not be moved afterwards; return the RELEASE_DIR."""
    progress.step(1, 1, f"installing HTCondor from conda-forge with {Path(conda).name} (takes a few minutes)")
    prefix = folder / "environment"
    made = subprocess.run(
        [conda, "create", "--yes", "--prefix", prefix, "--channel", "conda-forge", "--override-channels", "htcondor"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_INSTALL_LIMIT,
    )
    if made.returncode != 0:
        lines = (made.stdout + made.stderr).strip().splitlines()
        raise PlaygroundError(f"{conda} could not install HTCondor:\n" + "\n".join(lines[-10:]))
    return prefix
