"""How long sample data take to make, on this machine."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from af_lab_examples.processes import PROCESSES
from af_lab_examples.sample import process_sample

from tests.benchmarks.support import table

EVENTS = 1_000_000
AIM = 60.0  # seconds


@pytest.mark.timeout(900)
def test_a_million_events_of_each_process(tmp_path: Path) -> None:
    rows = []
    for process in PROCESSES:
        began = time.perf_counter()
        sample = process_sample(process, EVENTS, folder=tmp_path, progress=False)
        took = time.perf_counter() - began
        size = sum(Path(file).stat().st_size for file in sample.files)
        for file in sample.files:
            Path(file).unlink()
        rows.append([process, f"{took:.1f} s", f"{EVENTS / took:,.0f}", f"{size / 1e6:.0f} MB"])
        assert took < AIM, process
    table(f"{EVENTS:,} events", ["process", "time", "events/s", "size"], rows, f"aim: {AIM:.0f} s on two cores")
