"""Simulated datasets with coffea: the common part of their analyses."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from coffea import processor

from af_lab_examples.adl_coffea import AdlSchema
from af_lab_examples.checking import resolve
from af_lab_examples.simulation import Files, Part

__all__ = ["process"]


def process(
    files: Files, analysis: Any, executor: Any, *, branches: Collection[str], chunk: int
) -> tuple[dict[str, Part], dict[str, float]]:
    """Analyse datasets with a processor of coffea.

    Parameters
    ----------
    analysis
        A processor that returns the fields of a `Part` by name of the dataset.
    executor
        The executor of coffea; None for this process.
    branches
        The branches that files must have.
    chunk
        Events per task.

    Returns
    -------
    parts
        By name of the dataset.
    metrics
        ``"seconds"`` it took, and ``"bytes"`` read from files, compressed as they are.

    Raises
    ------
    AfLabError
        If files cannot be read or lack branches; it names both.
    """
    fileset = {name: resolve(listed, branches=branches) for name, listed in files.items()}
    runner = processor.Runner(
        executor=executor or processor.IterativeExecutor(status=False),
        schema=AdlSchema,
        chunksize=chunk,
        savemetrics=True,
        metadata_cache={},  # otherwise coffea would take a file that was made again for the old one
    )
    start = time.perf_counter()
    output, metrics = runner(fileset, analysis, treename="Events")
    seconds = time.perf_counter() - start
    return {name: Part(**output[name]) for name in fileset}, {"seconds": seconds, "bytes": metrics["bytesread"]}
