"""Find HTCondor's daemons on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from af_lab.condor_versions import bindings_version, work_together
from af_lab.playground.folders import installation_folder

__all__ = ["Installation", "examine", "find_installation"]

_VERSION_LIMIT = 30.0  # seconds for `condor_version`, which takes 0.05 when the disk is not busy


@dataclass(frozen=True)
class Installation:
    """One set of HTCondor daemons and tools."""

    release_dir: Path
    bin: Path
    sbin: Path
    libexec: Path
    lib: Path
    share: Path
    version: str
    origin: str
    """How it was found, in words for users."""

    @property
    def is_usable(self) -> bool:
        """Whether the bindings of this Python can work with these daemons."""
        return work_together(self.version, bindings_version())


def find_installation() -> Installation | None:
    """Return the first installation that the bindings can work with, or None.

    Searched in this order: ``PATH``, the ``RELEASE_DIR`` of ``$CONDOR_CONFIG``, conda's environment, and what
    `af-lab pool install` installed.
    """
    return next((found for found in installations() if found.is_usable), None)


def installations() -> Iterator[Installation]:
    """Yield every installation that answers, also those that the bindings cannot work with."""
    for origin, folder in _places():
        if found := examine(folder, origin):
            yield found


def examine(release_dir: Path, origin: str) -> Installation | None:
    """Return the installation in a folder, or None if none that runs is there."""
    sbin = _first_with("condor_master", release_dir / "sbin", release_dir / "bin")
    bin_ = _first_with("condor_version", release_dir / "bin")
    libexec = _first_with(
        "condor_shared_port",
        release_dir / "libexec" / "condor",
        release_dir / "lib" / "condor" / "libexec",
        release_dir / "libexec",
    )
    if sbin is None or bin_ is None or libexec is None:
        return None
    version = _version(bin_ / "condor_version")
    if version is None:
        return None
    return Installation(
        release_dir=release_dir,
        bin=bin_,
        sbin=sbin,
        libexec=libexec,
        lib=_own_subfolder(release_dir / "lib"),
        share=_own_subfolder(release_dir / "share"),
        version=version,
        origin=origin,
    )


def _places() -> Iterator[tuple[str, Path]]:
    # An ordinary user's PATH often lacks the folders where packages put daemons.
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin"])
    if master := shutil.which("condor_master", path=path):
        yield "PATH", Path(master).resolve().parent.parent
    if (config := os.environ.get("CONDOR_CONFIG")) and (folder := _release_dir_of(Path(config))):
        yield "CONDOR_CONFIG", folder
    if prefix := os.environ.get("CONDA_PREFIX"):
        yield "conda environment", Path(prefix)
    yield "environment of Python", Path(sys.prefix)
    for name in ("usr", "environment"):  # from Debian's packages, from conda-forge
        yield "installed by af-lab", installation_folder() / name


def _release_dir_of(config: Path) -> Path | None:
    try:
        text = config.read_text(errors="replace")
    except OSError:
        return None
    found = re.findall(r"^\s*RELEASE_DIR\s*=\s*(/\S.*?)\s*$", text, re.MULTILINE | re.IGNORECASE)
    return Path(found[-1]) if found else None


def _first_with(program: str, *folders: Path) -> Path | None:
    return next((folder for folder in folders if (folder / program).is_file()), None)


def _own_subfolder(folder: Path) -> Path:
    return folder / "condor" if (folder / "condor").is_dir() else folder


def _version(program: Path) -> str | None:
    try:
        said = subprocess.run([program], capture_output=True, text=True, timeout=_VERSION_LIMIT, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\$CondorVersion: (\d+\.\d+\.\d+)", said)
    return found.group(1) if found else None
