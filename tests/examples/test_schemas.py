"""The schemas reach every kind of process: those that have af_lab, and those that do not."""

from __future__ import annotations

import multiprocessing
import pickle
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from af_lab_examples import adl_coffea, dimuon
from af_lab_examples.adl_coffea import AdlSchema
from af_lab_examples.dimuon import DimuonSchema
from coffea import processor

from tests.examples import adl_reference, test_adl
from tests.examples.frameworks import in_coffea
from tests.examples.test_both_frameworks import good as good  # a fixture

SCHEMAS = [DimuonSchema, AdlSchema]

pytestmark = pytest.mark.timeout(240)


def forget_af_lab() -> None:
    """Make a process one that can import neither af_lab nor its examples."""
    for name in [name for name in sys.modules if name.partition(".")[0] in ("af_lab", "af_lab_examples")]:
        del sys.modules[name]
    for name in ("af_lab", "af_lab_examples"):
        sys.modules[name] = None  # type: ignore[assignment]


def pool(kind: str) -> ProcessPoolExecutor:
    if kind == "without af_lab":
        context: BaseContext = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(1, context, initializer=forget_af_lab)
    return ProcessPoolExecutor(1, multiprocessing.get_context(kind))


def described(schema: Any) -> tuple[str, bool, list[str]]:
    return schema.__name__, schema.error_missing_event_ids, schema.event_ids


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("module", [pickle, cloudpickle])
def test_a_schema_comes_back_as_itself(schema: Any, module: Any) -> None:
    assert module.loads(module.dumps(schema)) is schema
    assert schema.__module__.startswith("af_lab_examples.")


@pytest.mark.parametrize("kind", ["spawn", "without af_lab"])
def test_processes(kind: str, good: Path, tmp_path: Path) -> None:
    """One pool for all, as each of its processes takes seconds to import coffea."""
    file = tmp_path / "made.root"
    adl_reference.write(file, 500, seed=3)
    with pool(kind) as processes:
        for schema in SCHEMAS:
            assert processes.submit(described, schema).result(120) == described(schema)
        executor = processor.FuturesExecutor(pool=processes, status=False)
        assert dimuon.run([good], executor)["counts"] == in_coffea([good])
        expected = adl_reference.contents(adl_reference.query(adl_reference.read(file)))
        assert test_adl.filled(adl_coffea.run([file], executor)) == expected


def test_the_executor_of_coffea(good: Path) -> None:
    assert dimuon.run([good], processor.FuturesExecutor(workers=1, status=False))["counts"] == in_coffea([good])
