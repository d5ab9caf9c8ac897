"""How busy the machine of a worker is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from af_lab.worker import host_cpu
from af_lab.worker.host_cpu import HostCpu, busy_part


@pytest.mark.parametrize(
    ("before", "now", "part"),
    [
        ([0, 0, 0, 0, 0], [30, 0, 20, 40, 10], 0.5),
        ([10, 5, 5, 100, 0], [20, 5, 5, 100, 0], 1.0),
        ([10, 5, 5, 100, 0], [10, 5, 5, 150, 50], 0.0),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 0.0),
        ([], [], 0.0),
    ],
)
def test_it_is_the_time_that_cores_did_not_idle(before: list[int], now: list[int], part: float) -> None:
    assert busy_part(before, now) == part


def test_it_is_measured_here_and_a_machine_that_does_not_say_it_is_not_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, end = HostCpu(), time.monotonic() + 0.2
    while time.monotonic() < end:
        sum(range(1000))
    assert 0 < host.look() <= 1
    monkeypatch.setattr(host_cpu, "STAT", tmp_path / "missing")
    assert HostCpu().look() == 0
