"""What the targets of the Makefile do."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - it is about the Python that happens to be first on PATH
    sys.exit("af-lab needs Python 3.11 or newer: make PYTHON=python3.12 ...")

# The set-up uses modules of the package before there is an environment to install it into.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import argparse
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from browser import find_browser
from environment import BIN, PYTHON, STEPS, make_environment
from steps import ROOT, Failed, Steps, on_path

Command = tuple[str | Path, ...]
Part = tuple[str, Command]

_POOL: Command = (PYTHON, "-m", "af_lab", "pool", "run", "--temporary", "--cpus", "16", "--memory", "32 GB", "--")
_PYTEST: Command = (*_POOL, PYTHON, "-m", "pytest", "-p", "no:cacheprovider", "--durations=10", "--durations-min=10")

# Most tests wait for HTCondor, so that one part alone leaves a machine with two cores idle. What nobody waits for takes
# its time: there nothing shall fail for want of a core.
_AT_A_TIME = 1 if os.environ.get("CI") else 2
_PARTS: tuple[Part, ...] = (
    # The longest first; those that compute beside those that wait.
    ("tests of the clusters", (*_PYTEST, "tests/manager", "tests/faults")),
    ("tests of the gallery", (*_PYTEST, "tests/examples")),
    ("tests of the server", (*_PYTEST, "tests/server")),
    (
        "tests of all else in Python",
        (*_PYTEST, *(f"--ignore=tests/{folder}" for folder in ("manager", "faults", "examples", "server"))),
    ),
    # A process of its own for the browser: its event loop and that of the server's tests exclude each other.
    ("tests in the browser", (*_PYTEST, "tests/ui")),
    ("tests of the panel's parts", ("jlpm", "run", "test")),
)


def venv(steps: Steps) -> None:
    """Make `.venv`."""
    make_environment(steps)


def playground(steps: Steps) -> None:
    """Make `.venv`, then run a pool and JupyterLab."""
    make_environment(steps)
    steps.summary()
    sys.stdout.flush()
    # In the place of this process, so that Ctrl-C is its own.
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), "-m", "af_lab", "playground"], on_path(BIN))  # noqa: S606 - no shell is wanted


def test(steps: Steps) -> None:
    """Make `.venv`, then run all tests, two parts at a time, also those after the first that fail."""
    make_environment(steps)
    environment = on_path(BIN)
    with steps.step("Chromium for the browser tests"):
        environment |= {"AF_LAB_CHROMIUM": find_browser(steps) or ""}
    # Playwright's own needs a library that not every machine has.
    environment["PLAYWRIGHT_NODEJS_PATH"] = str(shutil.which("node", path=environment["PATH"]))
    _let_tests_write()
    failures: list[str] = []

    def run(part: Part) -> None:
        title, command = part
        try:
            with steps.step(title):
                steps.run_tests(*command, environment=environment)
        except Failed:
            failures.append(title)

    # What runs hears of Ctrl-C itself and is waited for; what does not run yet never does.
    with ThreadPoolExecutor(_AT_A_TIME) as running:
        list(running.map(run, _PARTS))
    if failures:
        raise Failed(f"failures in the {' and the '.join(failures)}")


def check(steps: Steps) -> None:
    """Make `.venv`, then check style and types in both languages."""
    make_environment(steps)
    environment = on_path(BIN)
    with steps.step("Python: ruff"):
        steps.run("ruff", "check", environment=environment)
        steps.run("ruff", "format", "--check", environment=environment)
    with steps.step("Python: mypy"):
        steps.run("mypy", environment=environment)
        steps.run("mypy", "tools", environment=environment)
    with steps.step("TypeScript: tsc, eslint, stylelint, prettier"):
        steps.run("jlpm", "run", "lint", environment=environment)
    with steps.step("yarn.lock names no host"):
        _check_lock_file()


def bench(steps: Steps) -> None:
    """Make `.venv`, then run the benchmarks."""
    make_environment(steps)
    with steps.step("benchmarks"):
        command = (*_POOL, PYTHON, "-m", "pytest", "-s", "-p", "no:cacheprovider")
        benchmarks = ("-o", "python_files=bench_*.py", "tests/benchmarks")
        steps.run_tests(*command, *benchmarks, environment=on_path(BIN))


def _let_tests_write() -> None:
    """Open the folders tests write to, as those of root may have to run as another user."""
    if os.geteuid() == 0:
        for name in ("screenshots", "test-results", ".hypothesis"):
            (ROOT / name).mkdir(exist_ok=True)
            (ROOT / name).chmod(0o1777)


def _check_lock_file() -> None:
    lines = (ROOT / "yarn.lock").read_text().splitlines()
    wrong = [line for line in lines if re.search(r"https?://|__archiveUrl", line)]
    if wrong:
        raise Failed("yarn.lock names hosts, so that it works with one registry only:\n" + "\n".join(wrong[:5]))


_TARGETS: dict[str, tuple[Callable[[Steps], None], int]] = {
    "venv": (venv, STEPS),
    "playground": (playground, STEPS),
    "test": (test, STEPS + 1 + len(_PARTS)),
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
