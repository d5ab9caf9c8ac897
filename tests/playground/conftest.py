"""A command line with a home of its own, whose pools end with the test."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.playground.support import CommandLine


@pytest.fixture
def af_lab(tmp_path: Path) -> Iterator[CommandLine]:
    """`af-lab` with the daemons of this session's PATH; all its pools are stopped at the end."""
    if shutil.which("condor_master") is None:
        pytest.skip("needs HTCondor's daemons: run `af-lab pool run --temporary pytest`")
    home = tmp_path / "home"
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = os.environ | {"AF_LAB_HOME": str(home), "TMPDIR": str(temporary), "COLUMNS": "200"}
    command_line = CommandLine(home, environment)
    yield command_line
    for folder in sorted((home / "pools").glob("*")):
        command_line("pool", "stop", "--name", folder.name)


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which no HTCondor is found."""
    if shutil.which("condor_master", path="/usr/local/sbin:/usr/sbin"):
        pytest.skip("this machine has its own HTCondor")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    for name in ("CONDOR_CONFIG", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
