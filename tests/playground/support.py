"""What the tests of the playground share that is no fixture."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import at_a_terminal

_LIMIT = 240.0  # seconds, for a machine that many tests share

AS_ROOT = ("unshare", "--user", "--map-root-user")
"""Before a command: it believes that it is root."""


def _root_is_possible() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*AS_ROOT, "true"], capture_output=True, check=False).returncode == 0


as_root = pytest.mark.skipif(not _root_is_possible(), reason="the kernel lets nobody look like root")


@dataclass(frozen=True)
class CommandLine:
    """`af-lab` as a user calls it, in a home of its own."""

    home: Path
    environment: dict[str, str]

    def words(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "af_lab", *arguments]

    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.words(*arguments),
            env=self.environment | variables,
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )

    def popen(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it as a terminal does."""
        return subprocess.Popen(
            at_a_terminal(*self.words(*arguments)),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def make_installation(folder: Path, version: str = "25.1.2", libexec: str = "libexec") -> Path:
    """Lay out what looks like HTCondor, and return its RELEASE_DIR."""
    for name in ("bin/condor_version", "sbin/condor_master", f"{libexec}/condor_shared_port"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho '$CondorVersion: {version} 2026-01-01 PackageID: x $'\n")
        path.chmod(0o755)
    (folder / "lib" / "condor").mkdir(parents=True, exist_ok=True)
    return folder
