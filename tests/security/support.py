"""What the tests of security share: hostile strings, and what HTCondor and the shell make of them."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask.config
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from af_lab.jobs.environment_script import job_variables, script
from af_lab.jobs.versions import Versions
from af_lab.manager.cluster_files import make_worker_files
from af_lab.manager.scheduler_job import scheduler_description, scheduler_program
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from af_lab.model.spec import ClusterSpec

EXPANDED = "this-is-a-macro-expanded"
"""What HTCondor's macros and the shell's variables would put into a string."""

MADE = "made-by-a-stranger"
"""The file that the commands in hostile strings would make."""

HOSTILE = (
    *("\n", "\r", "\t", "\0", "\x1b", "\u2028", "\u00a0", "\ud800", "\\", "\\\n", '"', "'", "`", " ", ",", "#", "%s"),
    *("$", "$$", "$(AFLABMACRO)", "$ENV(AFLABMACRO)", "$$(Memory)", "$$([1+1])", "$(DOLLAR)", "$(DOLLAR)(AFLABMACRO)"),
    *("$RANDOM_CHOICE(1,2)", "$F(AFLABMACRO)", "$INT(1)", "$(ClusterId)", "$(", "$$(", "${AFLABMACRO}", "$AFLABMACRO"),
    *(f"$(touch {MADE})", f"`touch {MADE}`", f"; touch {MADE};", f"| touch {MADE}", f"& touch {MADE} &", "<", ">", "~"),
    *("\nMy.Evil = 1\n", "\n+Evil = 1\n", "\nqueue 5\n", f"\ninclude command : touch {MADE}\n", "@=end", " = ", "//"),
    *("(", ")", "]", "])", "{", "}", "*", "?", "!", "-", "--", "é", "𝄞", "||", "&&", "=?=", "|| true ||", ")]"),
)
hostile = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=3), min_size=1, max_size=4).map("".join)


def unsafe(value: str) -> bool:
    """Tell whether a string cannot stand in a submit description at all."""
    return not value.isprintable() or "$$" in value or "$(DOLLAR)" in value.upper()


# Those that are not refused at once, so that the others get their turn.
kept = st.lists(st.sampled_from([text for text in HOSTILE if not unsafe(text)]), min_size=1, max_size=4).map("".join)
mostly_kept = st.one_of(kept, kept, kept, kept, hostile)

# Of each example HTCondor and shells are started.
few = settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)

# What one moment has unlike another; the size of the files depends on the worker's script.
OF_THE_MOMENT = ("QDate", "EnteredCurrentStatus", "AfLabSpec", "DiskUsage", "TransferInputSizeMB")


@dataclass(frozen=True)
class DryRun:
    """What condor_submit would put into the queue: the ad's expressions by attribute; none if it refused."""

    ad: Mapping[str, str]
    said: str

    def string(self, attribute: str) -> str:
        """Return the value of an attribute that is a text."""
        # In this notation a backslash stands for itself, unless it is before a quote.
        found = re.fullmatch(r'"((?:[^"]|(?<=\\)")*)"', self.ad[attribute])
        assert found, f"{attribute} = {self.ad[attribute]} is one text"
        return found[1].replace('\\"', '"')

    def words(self) -> list[str]:
        """Return the words of the job's command line, as HTCondor takes its own notation of them apart."""
        words = re.findall(r"((?:[^ ']|'(?:[^']|'')*')+)", self.string("Arguments"))
        return [re.sub(r"'((?:[^']|'')*)'", lambda quoted: quoted[1].replace("''", "'"), word) for word in words]

    def changed(self, other: DryRun) -> set[str]:
        """Return the attributes that another job has otherwise, or has not, or has in addition."""
        names = (self.ad.keys() | other.ad.keys()) - set(OF_THE_MOMENT)
        return {name for name in names if self.ad.get(name) != other.ad.get(name)}


def dry_run(description: Mapping[str, str]) -> DryRun:
    """Let condor_submit read a description, in the way in which the bindings write it down."""
    written = "\n".join(f"{name} = {value}" for name, value in description.items()) + "\nqueue\n"
    done = subprocess.run(
        ["condor_submit", "-dry-run", "/dev/stdout", "-"],
        input=written.encode(),
        capture_output=True,
        timeout=60,
    )
    said, complaint = done.stdout.decode(), done.stderr.decode()
    assert said.count("** Proc ") <= 1, f"more than one job:\n{said}"
    assert EXPANDED not in said, f"a macro was expanded:\n{said}"
    ad = said.partition(":\n")[2].partition("\n\n")[0]
    lines = (line.partition(" = ") for line in ad.splitlines())
    found = {name: value for name, separator, value in lines if separator}
    assert bool(found) == (done.returncode == 0), complaint
    return DryRun(found, complaint)


@dataclass(frozen=True)
class Place:
    """A cluster's folder and a program that stands in for its Python and notes how it was started."""

    folder: ClusterFolder
    python: Path

    @classmethod
    def make(cls, home: Path, python: Path | None = None) -> Place:
        """Make the folder of a cluster, and the program unless it is somewhere already."""
        folder = ClusterFolder.create(home, make_credentials("x"))
        place = cls(folder, python or home / "bin" / "python")
        place.python.parent.mkdir(parents=True, exist_ok=True)
        words, variables = shlex.quote(str(place._words)), shlex.quote(str(place._variables))
        place.python.write_text(f'#!/bin/sh\nprintf "%s\\0" "$0" "$@" > {words}\nenv -0 > {variables}\n')
        place.python.chmod(0o700)
        for file in (folder.environment, folder.scheduler_program):
            file.touch()
        return place

    @property
    def _words(self) -> Path:
        return self.folder.path.parent / f"{self.folder.path.name}-words"

    @property
    def _variables(self) -> Path:
        return self.folder.path.parent / f"{self.folder.path.name}-variables"

    def worker(self, spec: ClusterSpec) -> dict[str, str]:
        """Write the program of a worker job of this cluster; return the job's description."""
        return make_worker_files(self.folder, spec)

    def scheduler(self, spec: ClusterSpec) -> dict[str, str]:
        """Return the description of the scheduler job of this cluster."""
        return scheduler_description(self.folder, spec, Versions("3", "4", "5", "6"), "physicist")

    def start_worker(self, spec: ClusterSpec, job: DryRun) -> tuple[list[str], dict[str, str]]:
        """Run a worker job's command line; returns what the Python gets to see of it."""
        return self._started(spec, ["/bin/sh", *job.words()])

    def start_scheduler(self, spec: ClusterSpec) -> tuple[list[str], dict[str, str]]:
        """Run what a scheduler job executes; returns what the Python gets to see of it."""
        program = self.folder.scheduler_program
        self.folder.write(program, scheduler_program(self.folder, spec).encode())
        return self._started(spec, ["/bin/sh", str(program)])

    def _started(self, spec: ClusterSpec, command: list[str]) -> tuple[list[str], dict[str, str]]:
        variables = job_variables(spec.environment.path, {}, {}, {}) | spec.variables
        self.folder.write(self.folder.environment, script(variables).encode())
        scratch = self.folder.path.parent / "scratch"
        scratch.mkdir(exist_ok=True)
        before = set(self.folder.path.iterdir())
        for file in (self._words, self._variables):
            file.unlink(missing_ok=True)
        done = subprocess.run(
            command,
            cwd=self.folder.path,
            env={"_CONDOR_SCRATCH_DIR": str(scratch)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, ""), done
        assert set(self.folder.path.iterdir()) == before, "the shell did more than start a Python"
        words = self._words.read_bytes().decode().split("\0")[:-1]
        lines = self._variables.read_bytes().decode().split("\0")[:-1]
        return words, dict(line.partition("=")[::2] for line in lines)


@contextmanager
def configured(section: str, **values: Any) -> Iterator[None]:
    """Set settings of one section of Dask's configuration, with '_' for '-'."""
    changes = {f"{section}.{name.replace('_', '-')}": value for name, value in values.items()}
    with dask.config.set(changes):
        yield


def expandable(patch: pytest.MonkeyPatch) -> None:
    """Define what hostile strings would expand to: a variable, and a macro of HTCondor's configuration."""
    patch.setenv("AFLABMACRO", EXPANDED)
    patch.setenv("_CONDOR_AFLABMACRO", EXPANDED)
