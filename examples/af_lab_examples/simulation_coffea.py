"""Simulated datasets with coffea: the common part of their analyses."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from af_lab_examples.adl_coffea import AdlSchema
from af_lab_examples.coffea_run import analyse
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
    output, metrics = analyse(files, analysis, executor, schema=AdlSchema, branches=branches, chunk=chunk)
    return {name: Part(**output[name]) for name in files}, metrics
