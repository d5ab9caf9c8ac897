"""Files that kill the processes that read them are named, however the error reaches the analysis."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from af_lab_examples.damage import DEATHS, damage_is_named
from af_lab_examples.sample import process_sample
from distributed import KilledWorker

from af_lab.errors import AfLabError
from tests.examples.frameworks import damage_basket

BRANCHES = ["Muon_pt", "Muon_eta"]


def killed() -> KilledWorker:
    worker: Any = SimpleNamespace(address="tls://192.0.2.2:1")
    return KilledWorker("dask_mapper-1", worker, allowed_failures=3)


ERRORS = {
    "of Dask": killed,
    "of coffea": lambda: RuntimeError("failed after 3 tries: KilledWorker('dask_mapper-1')"),
    "of ROOT": lambda: RuntimeError(
        "An error was encountered while processing the data. TTreeReader status code is: 6"
    ),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return a good file and a damaged one."""
    folder = tmp_path_factory.mktemp("damage")
    (good,) = process_sample("dimuon", 1_000, 1, 5, folder=folder, progress=False).files
    damage_basket(Path(good), "Muon_pt", folder / "bad.root", first=100)
    return [good, str(folder / "bad.root")]


@pytest.mark.parametrize("origin", ERRORS)
def test_the_damaged_file_is_named_with_its_branch(files: list[str], origin: str) -> None:
    with pytest.raises(AfLabError) as told, damage_is_named(files, BRANCHES):
        raise ERRORS[origin]()
    assert f"{files[1]}: it is damaged, its branch Muon_pt cannot be read" in str(told.value)
    assert files[0] not in str(told.value)


def test_if_no_file_is_damaged_the_way_to_the_last_words_is_told(files: list[str]) -> None:
    with pytest.raises(KilledWorker) as told, damage_is_named(files[:1], BRANCHES):
        raise killed()
    assert told.value.__notes__ == [DEATHS]


def test_another_error_stays_what_it_is(files: list[str]) -> None:
    with pytest.raises(ZeroDivisionError) as told, damage_is_named(files, BRANCHES):
        raise ZeroDivisionError
    assert not hasattr(told.value, "__notes__")
