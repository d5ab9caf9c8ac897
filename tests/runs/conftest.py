"""Batches on the pool of the tests."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import af_lab
from tests.support import clean, with_queue

NewBatch = Callable[..., af_lab.BatchExecutor]


@pytest.fixture(scope="module")
def executor() -> Iterator[af_lab.BatchExecutor]:
    """An executor that the tests of a module share."""
    with af_lab.BatchExecutor(f"shared-{uuid.uuid4().hex[:8]}", memory="200 MB", quiet=True) as made:
        yield made


@pytest.fixture
def new_batch() -> Iterator[NewBatch]:
    """Make executors whose calls are cancelled when the test ends."""
    made: list[af_lab.BatchExecutor] = []

    def make(*, quiet: bool = True, **shape: Any) -> af_lab.BatchExecutor:
        fields = {"memory": "200 MB"} | shape
        made.append(af_lab.BatchExecutor(f"test-{uuid.uuid4().hex[:8]}", quiet=quiet, **fields))
        return made[-1]

    yield make
    for executor in made:
        for future in executor.futures:
            future.cancel()
        executor.shutdown()
    if made:
        with_queue(clean)
