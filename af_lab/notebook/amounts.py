"""Numbers of workers as Dask's users give them to ``scale`` and ``adapt``: workers, jobs, cores or memory."""

from __future__ import annotations

import contextlib
import math
import operator
from dataclasses import dataclass

from dask.utils import parse_bytes

from af_lab.errors import SpecError
from af_lab.model.info import ClusterInfo
from af_lab.model.spec import check_workers

__all__ = ["Amount", "amount"]


@dataclass(frozen=True)
class Amount:
    """How large a cluster is to be; None where a user gave nothing.

    Attributes
    ----------
    workers
        Dask worker processes.
    jobs
        Worker jobs.
    memory
        Bytes of all workers together.
    cores
        Cores of all workers together; each worker has one.
    """

    workers: int | None = None
    jobs: int | None = None
    memory: int | None = None
    cores: int | None = None

    def at_least(self, cluster: ClusterInfo) -> int | None:
        """Return the smallest number of workers that has all of it; None if nothing was given."""
        given = [self.workers, self.cores, self._of_jobs(cluster)]
        if self.memory is not None:
            given.append(-(-self.memory * cluster.cores // cluster.memory))
        return max((number for number in given if number is not None), default=None)

    def at_most(self, cluster: ClusterInfo) -> int | None:
        """Return the largest number of workers that exceeds none of it; None if nothing was given."""
        given = [self.workers, self.cores, self._of_jobs(cluster)]
        if self.memory is not None:
            given.append(self.memory * cluster.cores // cluster.memory)
        return min((number for number in given if number is not None), default=None)

    def _of_jobs(self, cluster: ClusterInfo) -> int | None:
        return None if self.jobs is None else self.jobs * cluster.cores


def amount(workers: object = None, jobs: object = None, memory: object = None, cores: object = None) -> Amount:
    """Check what a user gave.

    Infinity is taken for nothing, as Dask's default for the maximum of adaptive scaling.

    Raises
    ------
    SpecError
        A number or a size is not allowed.
    """
    return Amount(_number(workers), _number(jobs), _bytes(memory), _number(cores))


def _number(given: object) -> int | None:
    if given is None or given == math.inf:
        return None
    # NumPy's whole numbers are numbers, too.
    is_whole = hasattr(given, "__index__") and not isinstance(given, bool)
    return check_workers(operator.index(given) if is_whole else given)  # type: ignore[arg-type]


def _bytes(given: object) -> int | None:
    if given is None or given == math.inf:
        return None
    if isinstance(given, int | float | str) and not isinstance(given, bool):
        with contextlib.suppress(ValueError, OverflowError):
            if (found := int(parse_bytes(given))) >= 0:
                return found
    raise SpecError(f"memory: {given!r} is not a size; write '100 GB' or a number of bytes.")
