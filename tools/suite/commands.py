"""The command of each part."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from af_lab.home import af_lab_home
from suite.leftovers import RUN
from suite.parts import Part, Runner, collected

__all__ = ["Files", "command", "environment"]

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ("own_pool", "order", "second_run", "last_words", "record")

# Variables set by the caller's programs would affect the clusters, servers and pools of the tests.
FOREIGN: tuple[str, ...] = (
    "DASK_",
    "_CONDOR_",
    "CONDOR_",
    "JUPYTER",
    "IPYTHON",
    "PYTEST_",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
)
FOREIGN += ("AF_LAB_HOME", "XDG_", "MPL", "COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "BEARER_TOKEN", "X509_")

# Dask looks at itself up to a hundred times a second in each process, also in those that only wait for their test: a
# third of what two cores can do.
CALM = """\
distributed:
  admin:
    tick:
      interval: 1s
  worker:
    profile:
      enabled: false
    memory:
      monitor-interval: 500ms
"""


@dataclass(frozen=True)
class Files:
    """What a part writes.

    Attributes
    ----------
    log
        Its complete output.
    record
        Lines of JSON on each test (pytest), or a document at its end (jest).
    """

    log: Path
    record: Path

    @classmethod
    def of(cls, part: Part, logs: Path) -> Files:
        """Return a part's files in the folder of a run's logs."""
        return cls(logs / f"{part.key}.log", logs / f"{part.key}.json")


def command(part: Part, files: Files, run: Path) -> list[str]:
    """Return the words of the command that runs a part."""
    if part.runner is Runner.JEST:
        jest = ["jlpm", "run", "test", "--cacheDirectory", str(ROOT / "node_modules" / ".cache" / "jest")]
        return [*jest, "--json", f"--outputFile={files.record}", *part.chosen]
    plugins = [word for name in PLUGINS for word in ("-p", f"tests.plugins.{name}")]
    pytest = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *plugins]
    # A file stays in one process, so that its tests can share fixtures.
    # Without a limit, xdist waits for ever for the tests of a process that crashed.
    sharing = ["--dist", "loadfile", "--no-loadscope-reorder", "--max-worker-restart=0"]
    processes = ["-n", str(part.workers), *sharing] if part.workers else []
    limits = ["--timeout", f"{part.limit:.0f}", "--record", str(files.record), "--basetemp", str(run / part.key)]
    # Playwright's plugin, loaded everywhere, empties its folder when it starts.
    limits += ["--output", str(run / f"{part.key}-pages")]
    return [*pytest, *processes, *limits, "-m", part.marked, *(part.chosen or collected(part, ROOT))]


def environment(run: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the tests: that of this process, without variables that would change their outcome."""
    kept = {name: value for name, value in given.items() if not name.upper().startswith(FOREIGN)}
    home = run / "home"
    calm = home / ".config" / "dask" / "calm.yaml"
    calm.parent.mkdir(parents=True, exist_ok=True)
    calm.write_text(CALM)
    kept |= {RUN: str(run), "TMPDIR": str(run), "HOME": str(home)}
    # A clean checkout has nothing compiled yet, and each process would compile it for itself.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    # HTCondor and Chromium that were unpacked for this user are in the real home.
    kept["AF_LAB_HOME"] = str(af_lab_home())
    # ROOT compiles the tests' small analyses in half the time when it does not optimise them.
    kept["EXTRA_CLING_ARGS"] = "-O0"
    if node := shutil.which("node", path=kept.get("PATH", os.defpath)):
        # Playwright's own Chromium needs a library that is missing on some machines.
        kept["PLAYWRIGHT_NODEJS_PATH"] = node
    return kept
