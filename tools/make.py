"""What the targets of the Makefile do."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - checks the Python that is first on PATH
    sys.exit("af-lab needs Python 3.11 or newer: make PYTHON=python3.12 ...")

# The set-up uses modules of the package before the environment for it exists.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import argparse
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

from browser import find_browser
from environment import BIN, PYTHON, STEPS, make_environment
from oldest_lab import make_oldest_lab
from steps import ROOT, Failed, Steps, on_path

_POOL = (PYTHON, "-m", "af_lab", "pool", "run", "--temporary", "--cpus", "16", "--memory", "32 GB", "--")


def venv(steps: Steps) -> None:
    """Make `.venv`."""
    make_environment(steps)


def playground(steps: Steps) -> None:
    """Make `.venv`, then run a pool and JupyterLab."""
    make_environment(steps)
    steps.summary()
    _become(on_path(BIN), str(PYTHON), "-m", "af_lab", "playground")


def test(steps: Steps) -> None:
    """Make `.venv`, then run all tests, or those selected by ONLY."""
    _run_suite(steps, "--only", os.environ.get("ONLY", ""))


def test_system(steps: Steps) -> None:
    """Make `.venv`, then run the tests that take minutes each."""
    _run_suite(steps, "--only", os.environ.get("ONLY", ""), "--system")


def check(steps: Steps) -> None:
    """Make `.venv`, then check style and types in both languages, which are independent of each other."""
    make_environment(steps)
    with ThreadPoolExecutor(2) as both:
        for language in [both.submit(_check_python, steps), both.submit(_check_typescript, steps)]:
            language.result()


def _check_python(steps: Steps) -> None:
    environment = on_path(BIN)
    with steps.step("Python: ruff"):
        steps.run("ruff", "check", environment=environment)
        steps.run("ruff", "format", "--check", environment=environment)
    with steps.step("Python: mypy"):
        steps.run("mypy", environment=environment)


def _check_typescript(steps: Steps) -> None:
    with steps.step("TypeScript: tsc, eslint, stylelint, prettier"):
        steps.run("jlpm", "run", "lint", environment=on_path(BIN))
    with steps.step("yarn.lock names no host"):
        _check_lock_file()


def bench(steps: Steps) -> None:
    """Make `.venv`, then run the benchmarks."""
    make_environment(steps)
    with steps.step("benchmarks"):
        command = (*_POOL, PYTHON, "-m", "pytest", "-s", "-p", "no:cacheprovider")
        benchmarks = ("-o", "python_files=bench_*.py", "tests/benchmarks")
        steps.run(*command, *benchmarks, environment=on_path(BIN))


def _run_suite(steps: Steps, *arguments: str) -> None:
    make_environment(steps)
    environment = on_path(BIN)
    with ThreadPoolExecutor(1) as beside:
        only = os.environ.get("ONLY", "")
        # Tests that are chosen by their names may be in the browser, too.
        oldest = beside.submit(make_oldest_lab, steps) if "tests/ui" in only or "/" not in only else None
        with steps.step("Chromium for the browser tests"):
            environment |= {"AF_LAB_CHROMIUM": find_browser(steps) or ""}
        if oldest:
            oldest.result()
    if os.geteuid() == 0:
        # If root cannot become an ordinary user in a namespace, the tests run as another user.
        for name in ("screenshots", "test-logs", "test-results", ".hypothesis"):
            (ROOT / name).mkdir(exist_ok=True)
            (ROOT / name).chmod(0o1777)
    steps.summary()
    _become(environment | {"PYTHONPATH": str(ROOT / "tools")}, str(PYTHON), "-m", "suite", *arguments)


def _become(environment: dict[str, str], *words: str) -> NoReturn:
    """Replace this process by a command, so that the command receives Ctrl-C."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(words[0], words, environment)  # noqa: S606 - a shell is not needed


def _check_lock_file() -> None:
    lines = (ROOT / "yarn.lock").read_text().splitlines()
    wrong = [line for line in lines if re.search(r"https?://|__archiveUrl", line)]
    if wrong:
        raise Failed("yarn.lock names hosts, so that it works with one registry only:\n" + "\n".join(wrong[:5]))


_TARGETS: dict[str, tuple[Callable[[Steps], None], int]] = {
    "venv": (venv, STEPS),
    "playground": (playground, STEPS),
    "test": (test, STEPS + 2),
    "test-system": (test_system, STEPS + 2),
    "check": (check, STEPS + 4),
    "bench": (bench, STEPS + 1),
}
"""Each with its number of steps."""


def main() -> None:
    """Run one target and print its times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=_TARGETS)
    chosen = parser.parse_args().target
    target, number = _TARGETS[chosen]
    steps = Steps(number)
    problem: int | str = 0
    try:
        target(steps)
    except Failed as failure:
        problem = f"make {chosen}: {failure}"
    except KeyboardInterrupt:
        problem = 130
    steps.summary()
    sys.exit(problem)


if __name__ == "__main__":
    main()
