from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from af_lab_examples.sample import DimuonSample, Sample, dimuon_sample, process_sample

REAL_FILE = Path(__file__).parents[3] / "shared" / "data" / "Run2012BC_DoubleMuParked_Muons_100k.root"


@pytest.fixture(scope="session")
def dimuons(tmp_path_factory: pytest.TempPathFactory) -> DimuonSample:
    """Return a sample that is large enough for fits."""
    return dimuon_sample(400_000, files=4, seed=7, folder=tmp_path_factory.mktemp("samples"), progress=False)


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Sample]:
    """Return what makes a sample of a process, large enough for fits, and makes it once."""
    folder = tmp_path_factory.mktemp("generated")
    return lambda process: process_sample(process, 60_000, files=2, seed=7, folder=folder, progress=False)


@pytest.fixture(scope="session")
def real_file() -> str:
    """Return 100,000 events that CMS recorded in 2012."""
    if not REAL_FILE.exists():
        pytest.skip(f"there is no {REAL_FILE}")
    return str(REAL_FILE)
