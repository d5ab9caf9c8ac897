"""Run the suite: `make test`, which makes the environment first."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rich.console import Console

from af_lab.playground.identity import become_ordinary_user
from suite.commands import ROOT, environment
from suite.leftovers import clear, clear_old_runs, run_folder
from suite.parts import ALONE, BESIDE, SYSTEM, Part, PartError, parse_selection, select
from suite.running import RunningPart, end_with_parent, run_together
from suite.screen import Screen
from suite.summary import closing_line, summary

LOGS = ROOT / "test-logs"
KEPT = 10
"""Runs whose logs are kept."""

GRACE = 15.0
"""Seconds within which the daemons of the tests' pools must end."""


def main() -> int:
    """Run what the arguments say; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="paths of tests, and words of their names as pytest's -k has them")
    parser.add_argument("--system", action="store_true", help="the tests that take minutes each")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)
    if options.inside is not None:
        return run(options.inside, options.only, options.system)
    clear_old_runs(print)
    with run_folder() as folder:
        begun = time.time()
        try:
            status = supervised([sys.executable, "-m", "suite", *sys.argv[1:], "--inside", str(folder)])
        finally:
            left = clear(folder, begun, GRACE)
    if left.processes:
        print("Processes outlived the tests that started them, which is a fault of the tests:")
        print("\n".join(f"  {words[:200]}" for words in left.processes))
        status = status or 1
    return status


def supervised(words: Sequence[str]) -> int:
    """Run the suite as a child, which may become another user, and return its exit status."""
    child = subprocess.Popen(words)
    while True:
        try:
            return child.wait()
        except SystemExit:
            # It ends by itself, and handles only the first signal.
            child.terminate()


def run(folder: Path, only: str, system: bool) -> int:
    """Run the parts as an ordinary user; returns the exit status."""
    try:
        selection = parse_selection(only)
        beside = [] if system else select(BESIDE, selection)
        alone = select(SYSTEM if system else ALONE, selection)
    except PartError as error:
        print(f"make test: {error}")
        return 2
    become_ordinary_user()
    end_with_parent()  # only now, because a change of user clears it
    console = Console()
    done: list[RunningPart] = []
    ended = False
    logs = make_log_folder()
    try:
        with Screen(console) as screen:
            for group in (beside, *([part] for part in alone)):
                done += (started := start(group, folder, logs))
                run_together(started, screen)
    except SystemExit:
        ended = True
    for line in summary(done):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    print(closing_line([one.results for one in done]))
    if ended:
        print("It was interrupted.")
        return 130
    if not any(one.results.done for one in done):
        print(f"No test is selected by ONLY='{only}'.")
        return 2
    return int(any(one.failed for one in done))


def start(parts: Sequence[Part], folder: Path, logs: Path) -> list[RunningPart]:
    """Start parts that run at the same time."""
    around = environment(folder, os.environ)
    return [RunningPart.start(part, logs, folder, around) for part in parts]


def make_log_folder() -> Path:
    """Make a folder for what this run prints, and remove those of old runs."""
    LOGS.mkdir(exist_ok=True)
    folder = LOGS / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{os.getpid()}"
    folder.mkdir()
    for old in sorted(path for path in LOGS.iterdir() if path.is_dir())[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
