"""Sizes from machines and containers, as their files describe them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from af_lab.playground.sizing import machine_size

_GIB = 2**30


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A /proc of a machine of 64 GiB, in the control group of version 2 `/user/job`."""
    proc = tmp_path / "proc"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text(f"MemTotal:       {64 * _GIB // 1024} kB\nMemFree:  1 kB\n")
    (proc / "self" / "cgroup").write_text("0::/user/job\n")
    return proc


@pytest.fixture(autouse=True)
def sixteen_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(16)))


def _write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text + "\n")


def test_whole_machine(proc: Path, tmp_path: Path) -> None:
    size = machine_size(proc, tmp_path / "none")
    assert size.cpus == 16
    assert size.memory == 64 * _GIB


def test_limits_of_version_2(proc: Path, tmp_path: Path) -> None:
    _write(tmp_path / "cgroup/user/job", cpu__max="350000 100000", memory__max=str(8 * _GIB))
    size = machine_size(proc, tmp_path / "cgroup")
    assert size.cpus == 3
    assert size.memory == 8 * _GIB


def test_the_tightest_group_above_counts(proc: Path, tmp_path: Path) -> None:
    _write(tmp_path / "cgroup/user/job", cpu__max="max 100000", memory__max="max")
    _write(tmp_path / "cgroup/user", cpu__max="200000 100000", memory__max=str(4 * _GIB))
    size = machine_size(proc, tmp_path / "cgroup")
    assert size.cpus == 2
    assert size.memory == 4 * _GIB


def test_soft_limit_of_version_2(proc: Path, tmp_path: Path) -> None:
    _write(tmp_path / "cgroup/user/job", memory__max=str(16 * _GIB), memory__high=str(8 * _GIB))
    assert machine_size(proc, tmp_path / "cgroup").memory == 8 * _GIB


def test_container_whose_group_is_mounted_at_the_root(proc: Path, tmp_path: Path) -> None:
    _write(tmp_path / "cgroup", cpu__max="100000 100000", memory__max=str(2 * _GIB))
    size = machine_size(proc, tmp_path / "cgroup")
    assert size.cpus == 1
    assert size.memory == 2 * _GIB


def test_less_than_one_core_is_one(proc: Path, tmp_path: Path) -> None:
    _write(tmp_path / "cgroup", cpu__max="50000 100000")
    assert machine_size(proc, tmp_path / "cgroup").cpus == 1


def test_limits_of_version_1(proc: Path, tmp_path: Path) -> None:
    (proc / "self" / "cgroup").write_text("5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n1:name=systemd:/docker/x\n")
    _write(tmp_path / "cgroup/memory/docker/x", memory__limit_in_bytes=str(6 * _GIB))
    _write(tmp_path / "cgroup/cpu,cpuacct", cpu__cfs_quota_us="400000", cpu__cfs_period_us="100000")
    size = machine_size(proc, tmp_path / "cgroup")
    assert size.cpus == 4
    assert size.memory == 6 * _GIB


def test_no_limits_of_version_1(proc: Path, tmp_path: Path) -> None:
    (proc / "self" / "cgroup").write_text("5:memory:/\n4:cpu:/\n")
    _write(tmp_path / "cgroup/memory", memory__limit_in_bytes="9223372036854771712")
    _write(tmp_path / "cgroup/cpu", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    size = machine_size(proc, tmp_path / "cgroup")
    assert size.cpus == 16
    assert size.memory == 64 * _GIB
