"""Run a processor of coffea over files that were checked."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from coffea import processor
from coffea.processor.executor import FileMeta, WorkItem

from af_lab_examples.checking import Checked, check_datasets
from af_lab_examples.damage import damage_is_named
from af_lab_examples.inputs import TREE

__all__ = ["analyse", "chunks", "run_processor"]


def analyse(
    files: Mapping[str, Sequence[str | Path]],
    analysis: Any,
    executor: Any = None,
    *,
    schema: type,
    branches: Collection[str],
    chunk: int,
) -> tuple[Any, dict[str, float]]:
    """Run a processor over datasets.

    Parameters
    ----------
    files
        By name of the dataset: what `af_lab_examples.catalogue.resolve` takes.
    analysis
        The processor.
    executor
        The executor of coffea; if absent, this process does the work.
    branches
        The branches that files must have.
    chunk
        Events per task.

    Returns
    -------
    output
        Of the processor, added up over all tasks.
    metrics
        ``"seconds"`` it took, and ``"bytes"`` read from files, compressed as they are.

    Raises
    ------
    AfLabError
        If files cannot be read or lack branches; it names both.
    """
    datasets = check_datasets(files, branches=branches, reader="Coffea")
    start = time.perf_counter()
    with damage_is_named([file.name for listed in datasets.values() for file in listed], branches):
        output, metrics = run_processor(
            chunks(datasets, chunk), analysis, executor or processor.IterativeExecutor(status=False), schema
        )
    return output, {"seconds": time.perf_counter() - start, "bytes": metrics["bytesread"]}


def run_processor(parts: list[WorkItem], analysis: Any, executor: Any, schema: type) -> tuple[Any, dict[str, Any]]:
    """Let coffea analyse parts of files; return the output of the processor, and coffea's metrics."""
    runner = processor.Runner(executor=executor, schema=schema, savemetrics=True)
    output, metrics = runner(parts, analysis)
    return output, metrics


def chunks(datasets: Mapping[str, Sequence[Checked]], size: int) -> list[WorkItem]:
    """Return the parts that tasks analyse, cut as coffea cuts them.

    coffea would ask each file how many events it has, keep that by the name alone, so that a file that was written
    again would be taken for the old one, and fail with names that are not ASCII.
    """
    return [
        part
        for dataset, files in datasets.items()
        for file in files
        if file.contents is not None
        for part in FileMeta(
            dataset, file.name, TREE, {"numentries": file.contents.entries, "uuid": file.contents.uuid}
        ).chunks(size, False)
    ]
