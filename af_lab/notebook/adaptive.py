"""The range of adaptive scaling, from the keywords that Dask's clusters take."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from operator import index
from typing import Any

import dask.config
from dask.utils import parse_timedelta

from af_lab.errors import SpecError
from af_lab.model.ads import USUAL_PACE, Pace
from af_lab.model.info import ClusterInfo
from af_lab.notebook.amounts import Amount, amount

__all__ = ["AdaptiveRange", "adaptive_range", "does_not_count"]

AMOUNTS = [f"{end}_{unit}" for end in ("minimum", "maximum") for unit in ("jobs", "cores", "memory")]
# How fast adaptive scaling follows the tasks.
OF_PACE = ("interval", "wait_count", "target_duration")
# Which workers Dask's own adaptive scaling removes together; here they are the processes of a job.
OF_DASK = ("worker_key",)


@dataclass(frozen=True)
class AdaptiveRange:
    """What a user gave for both ends of the range, and for the pace."""

    minimum: Amount
    maximum: Amount
    pace: Pace = USUAL_PACE

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
    if unknown := [name for name in others if name not in (*AMOUNTS, *OF_PACE, *OF_DASK)]:
        raise SpecError(
            f"cluster.adapt does not take {', '.join(unknown)}. "
            f"It takes minimum, maximum, active, {', '.join((*AMOUNTS, *OF_PACE))}."
        )

    def end(name: str, workers: object) -> Amount:
        jobs, cores, memory = (others.get(f"{name}_{unit}") for unit in ("jobs", "cores", "memory"))
        return amount(workers, jobs, memory, cores)

    asked = AdaptiveRange(end("minimum", minimum), end("maximum", maximum), pace_of(others))
    return asked, [name for name in OF_DASK if name in others]


def pace_of(given: Mapping[str, Any]) -> Pace:
    """Return how fast adaptive scaling shall follow the tasks.

    Dask looks at the tasks after each interval, and removes a worker that it could do without so many times in a row.
    Here the cluster looks by itself; it waits for as long.

    Raises
    ------
    SpecError
        A value is not a duration, or not a number of times.
    """
    patience = duration = None
    if given.get("interval") is not None or given.get("wait_count") is not None:
        interval = _seconds("interval", _or_default(given, "interval"))
        patience = interval * _times("wait_count", _or_default(given, "wait_count"))
    if given.get("target_duration") is not None:
        duration = _seconds("target_duration", given["target_duration"])
    return Pace(patience, duration)


def _or_default(given: Mapping[str, Any], name: str) -> Any:
    value = given.get(name)
    return dask.config.get(f"distributed.adaptive.{name.replace('_', '-')}") if value is None else value


def _seconds(name: str, value: Any) -> float:
    try:
        seconds = float(parse_timedelta(value))
    except (TypeError, ValueError, KeyError, AttributeError):
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise SpecError(f"cluster.adapt: {name} is a duration such as '5 s', not {value!r}.")
    return seconds


def _times(name: str, value: Any) -> int:
    try:
        times = index(value)
    except TypeError:
        times = -1
    if times < 0 or isinstance(value, bool):
        raise SpecError(f"cluster.adapt: {name} is a number of times, from 0 on, not {value!r}.")
    return times


def does_not_count(keywords: list[str]) -> str:
    """Say in words that keywords of Dask do not count, and what does."""
    return (
        f"cluster.adapt does not use {', '.join(keywords)}: the cluster adapts itself, also while no notebook runs, "
        "and removes the worker processes of a job together."
    )


def _default(name: str) -> Amount:
    given = dask.config.get(f"distributed.adaptive.{name}", None)
    # YAML has ".inf", an environment variable "inf".
    return amount(None if isinstance(given, str) and given.strip() == "inf" else given)
