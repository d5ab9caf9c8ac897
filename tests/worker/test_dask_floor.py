"""The oldest Dask that af_lab works with, in an environment of its own: the one that coffea's dask mode needs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import venv
from pathlib import Path

import pytest
from af_lab_examples.sample import process_sample

from tests.worker.environment import REQUIREMENTS, link_af_lab

pytestmark = [pytest.mark.system, pytest.mark.timeout(3600)]

REPOSITORY = Path(__file__).parents[2]
EVENTS = 4_000
# What af_lab itself imports where clusters are made, and what the tests of the hooks need.
BESIDE = [
    "bokeh",
    "click",
    "cryptography",
    "dask-jobqueue>=0.9,<0.10",
    "packaging",
    "psutil",
    "pydantic>=2.9",
    "pytest",
    "rich",
]


@pytest.fixture(scope="module")
def floor() -> str:
    """Return the oldest version of Dask that jobs may have."""
    found = re.search(r"^dask>=([0-9.]+),", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    return f"{found[1]}.0"


@pytest.fixture(scope="module")
def python(folder_of_programs: Path, floor: str) -> Path:
    folder = folder_of_programs / "venv"
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    wanted = [
        f"dask[distributed]=={floor}",
        f"distributed=={floor}",
        "coffea[dask-awkward]>=2026.1",
        "htcondor",
        *BESIDE,
    ]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True, timeout=1800)
    link_af_lab(next(folder.glob("lib/python*/site-packages")))
    return python


def test_it_has_everything_that_is_not_public(python: Path) -> None:
    done = subprocess.run(
        [
            *(python, "-m", "pytest", "-q", "-c", os.devnull, f"--rootdir={REPOSITORY}", "--noconftest"),
            *("-p", "no:cacheprovider", "tests/test_dask_hooks.py"),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.pool
@pytest.mark.usefixtures("no_clusters_left")
def test_coffeas_dask_mode_scales_and_heals(python: Path, floor: str, tmp_path: Path) -> None:
    files = process_sample("dimuon", EVENTS, files=2, seed=7, folder=tmp_path, progress=False).files
    done = subprocess.run(
        [python, REPOSITORY / "tests" / "worker" / "dask_mode.py", *files],
        cwd=REPOSITORY / "docs",
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    told = json.loads(done.stdout.splitlines()[-1])
    print(told)
    assert told["versions"] == [floor, floor]
    late = told["counts"].pop("late")
    assert re.fullmatch(r"Only [0-2]/9 workers arrived after 0.1", late)
    assert set(told["counts"]) == {"two workers", "four workers", "a worker killed", "the scheduler killed"}
    (counted,) = {tuple(counts) for counts in told["counts"].values()}
    events, pairs, mass = counted
    assert events == EVENTS
    assert 0 < pairs == mass
