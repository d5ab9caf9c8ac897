"""The doctor's checks, and the remedies of those that fail."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from collections import namedtuple
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from af_lab.playground import doctor
from af_lab.playground.doctor import Check, check_all, check_namespaces
from tests.playground.support import CommandLine

_Usage = namedtuple("_Usage", ["total", "used", "free"])


def _found(subject: str) -> Check:
    return next(check for check in check_all("default") if check.subject == subject)


def test_every_failure_has_a_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    monkeypatch.setattr(doctor, "installations", lambda: iter(()))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: _Usage(0, 0, 0))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    checks = [*check_all("default"), check_namespaces("not allowed")]
    failed = {check.subject for check in checks if not check.passed}
    expected = {"Python", "HTCondor daemons", "Disk", "/dev/shm", "User namespace for root"}
    assert expected <= failed
    assert all(check.remedy for check in checks if not check.passed)


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.0")
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: ["click>=8.1", "rich; extra == 'x'", "dask>=0.5"])
    check = _found("Packages")
    assert not check.passed
    assert check.found == f"click is 1.0, not {Requirement('click>=8.1').specifier}"


def test_pool_that_does_not_run_fails_with_its_remedy(af_lab: CommandLine) -> None:
    done = af_lab("doctor")
    assert done.returncode == 1
    line = next(line for line in done.stdout.splitlines() if "Pool 'default'" in line)
    assert line.startswith("failed")
    assert "af-lab pool start --name default" in line
    assert "Traceback" not in done.stderr


@pytest.mark.pool
def test_pool_that_runs_passes(af_lab: CommandLine) -> None:
    assert af_lab("pool", "start", "--cpus", "4", "--memory", "1 GiB").returncode == 0
    done = af_lab("doctor")
    line = next(line for line in done.stdout.splitlines() if "Pool 'default'" in line)
    assert line.startswith("ok")
    assert "4 cores, 1.07 GB" in line
    assert "HTCondor daemons" in done.stdout
