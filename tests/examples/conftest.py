from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from af_lab_examples.sample import DimuonSample, Sample, process_sample

from af_lab.playground.locks import locked
from tests.examples.isolated import Isolated

REAL_FILE = Path(__file__).parents[3] / "shared" / "data" / "Run2012BC_DoubleMuParked_Muons_100k.root"
LOCK_LIMIT = 400  # seconds for a sample that takes two


@pytest.fixture(scope="session")
def make_sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int, int], Sample]:
    """Return what makes a sample of a process, so many events and files, once for all processes of the run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "samples-of-examples"
    folder.mkdir(exist_ok=True)

    def make(process: str, events: int, files: int) -> Sample:
        with locked(folder / f"{process}.lock", LOCK_LIMIT, f"making the sample {process}"):
            return process_sample(process, events, files, seed=7, folder=folder, progress=False)

    return make


@pytest.fixture(scope="session")
def dimuons(make_sample: Callable[[str, int, int], Sample]) -> DimuonSample:
    """Return a sample that is large enough for fits."""
    return make_sample("dimuon", 400_000, 4)


@pytest.fixture(scope="session")
def generated(make_sample: Callable[[str, int, int], Sample]) -> Callable[[str], Sample]:
    """Return what makes a sample of a process, large enough for fits, and makes it once."""
    return lambda process: make_sample(process, 60_000, 2)


@pytest.fixture(scope="module")
def root() -> Iterator[Isolated]:
    """Return what calls functions that use ROOT, in a process of the file's own.

    An analysis that needs C++ code of another one fails there: what a file tests is all that its process knows.
    """
    with Isolated() as process:
        yield process


@pytest.fixture(scope="session")
def real_file() -> str:
    """Return 100,000 events that CMS recorded in 2012."""
    if not REAL_FILE.exists():
        pytest.skip(f"there is no {REAL_FILE}")
    return str(REAL_FILE)
