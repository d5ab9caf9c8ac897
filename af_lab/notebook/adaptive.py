"""The range of adaptive scaling, from the keywords that Dask's clusters take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dask.config

from af_lab.errors import SpecError
from af_lab.model.info import ClusterInfo
from af_lab.notebook.amounts import Amount, amount

__all__ = ["AdaptiveRange", "adaptive_range", "does_not_count"]

AMOUNTS = [f"{end}_{unit}" for end in ("minimum", "maximum") for unit in ("jobs", "cores", "memory")]
# How Dask's own adaptive scaling runs, in the process of the cluster object.
OF_DASK = ("interval", "wait_count", "target_duration", "worker_key")


@dataclass(frozen=True)
class AdaptiveRange:
    """What a user gave for both ends of the range."""

    minimum: Amount
    maximum: Amount

    def for_cluster(self, cluster: ClusterInfo) -> tuple[int, int | None]:
        """Return the numbers of workers at both ends, with what was not given: the present ones, else Dask's defaults.

        Returns
        -------
        The maximum is None if nothing limits it.
        """
        minimum, maximum = self.minimum.at_least(cluster), self.maximum.at_most(cluster)
        if minimum is None:
            minimum = cluster.adapt.minimum if cluster.adapt else _default("minimum").at_least(cluster) or 0
        if maximum is None:
            maximum = cluster.adapt.maximum if cluster.adapt else _default("maximum").at_most(cluster)
        return minimum, maximum


def adaptive_range(minimum: object, maximum: object, others: Mapping[str, Any]) -> tuple[AdaptiveRange, list[str]]:
    """Check the keywords of ``cluster.adapt``.

    Returns
    -------
    The range, and those of the keywords that Dask's clusters take, but that do not count here.

    Raises
    ------
    SpecError
        A keyword is not known, or its value is not allowed.
    """
    if unknown := [name for name in others if name not in (*AMOUNTS, *OF_DASK)]:
        raise SpecError(
            f"cluster.adapt does not take {', '.join(unknown)}. "
            f"It takes minimum, maximum, active, {', '.join(AMOUNTS)}."
        )

    def end(name: str, workers: object) -> Amount:
        jobs, cores, memory = (others.get(f"{name}_{unit}") for unit in ("jobs", "cores", "memory"))
        return amount(workers, jobs, memory, cores)

    return AdaptiveRange(end("minimum", minimum), end("maximum", maximum)), [name for name in OF_DASK if name in others]


def does_not_count(keywords: list[str]) -> str:
    """Say in words that keywords of Dask do not count, and what does."""
    return (
        f"cluster.adapt does not use {', '.join(keywords)}: the cluster adapts itself, also while no notebook runs. "
        "The settings af-lab.adaptive.patience and distributed.adaptive.target-duration say how fast; they count as "
        "they are when a cluster is made."
    )


def _default(name: str) -> Amount:
    given = dask.config.get(f"distributed.adaptive.{name}", None)
    # YAML has ".inf", an environment variable "inf".
    return amount(None if isinstance(given, str) and given.strip() == "inf" else given)
