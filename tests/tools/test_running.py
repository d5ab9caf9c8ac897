"""When a part of the suite counts as failed."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from suite.commands import Files
from suite.parts import BESIDE, Runner
from suite.running import RunningPart

NO_TESTS = 5  # pytest's exit status where it finds none


@pytest.mark.parametrize(
    ("runner", "chosen", "failed"),
    [(Runner.PYTEST, (), True), (Runner.PYTEST, ("-k", "hold"), False), (Runner.JEST, ("hold",), True)],
)
def test_a_part_without_tests_failed_unless_a_selection_left_none(
    tmp_path: Path, runner: Runner, chosen: tuple[str, ...], failed: bool
) -> None:
    part = replace(BESIDE[0], runner=runner, chosen=chosen)
    files = Files.of(part, tmp_path)
    files.log.write_text("no tests ran")
    with subprocess.Popen([sys.executable, "-c", f"raise SystemExit({NO_TESTS})"]) as process:
        process.wait()
    running = RunningPart(part, files, process, time.monotonic())
    running.look()
    assert running.failed == failed
    assert any("no tests ran" in words for words in running.results.broken) == failed
