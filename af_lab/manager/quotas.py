"""Limits that a facility sets for one user, in addition to HTCondor's own."""

from __future__ import annotations

from collections.abc import Iterable

from af_lab import config
from af_lab.errors import LimitExceeded
from af_lab.model.ads import SchedulerJob
from af_lab.model.counting import jobs_for
from af_lab.model.spec import MAX_WORKERS, ClusterSpec
from af_lab.wording import count

__all__ = ["check_new", "check_scaling", "most_allowed"]


def check_new(spec: ClusterSpec, jobs: Iterable[SchedulerJob]) -> None:
    """Check that a new cluster is within the limits.

    Parameters
    ----------
    spec
        The new cluster.
    jobs
        All clusters of the user.

    Raises
    ------
    LimitExceeded
        It exceeds a limit; the message says which.
    SettingError
        The limit in the configuration is not valid.
    """
    living = [job for job in jobs if job.exists]
    allowed = _allowed("clusters")
    if allowed is not None and len(living) >= allowed:
        names = ", ".join(job.name for job in living)
        raise LimitExceeded(
            f"You may have at most {count(allowed, 'cluster')} at a time, and you have {len(living)}: {names}. "
            "End one first.",
            "clusters",
        )
    _check(spec.adapt.maximum if spec.adapt else spec.workers, spec.cores, living)


def check_scaling(name: str, workers: int, jobs: Iterable[SchedulerJob]) -> None:
    """Check that a cluster may be scaled to a number of workers; raises as `check_new` does.

    A number up to the present one is always allowed.
    """
    living = [job for job in jobs if job.exists]
    own = next(job for job in living if job.name == name)
    if workers > _most_workers(own):
        _check(workers, own.spec.cores, [job for job in living if job.name != name])


def most_allowed(name: str, jobs: Iterable[SchedulerJob]) -> int:
    """Return the largest number of workers that a cluster may be scaled to; raises SettingError as `check_new` does."""
    living = [job for job in jobs if job.exists]
    own = next((job for job in living if job.name == name), None)
    if own is None:
        return MAX_WORKERS
    workers, allowed = _allowed("workers"), _allowed("cores")
    most = MAX_WORKERS if workers is None else workers
    if allowed is not None:
        used = sum(_cores(_most_workers(job), job.spec.cores) for job in living if job is not own)
        most = min(most, max(0, allowed - used) // own.spec.cores * own.spec.cores)
    return min(max(most, _most_workers(own)), MAX_WORKERS)


def _check(workers: int, cores: int, others: Iterable[SchedulerJob]) -> None:
    allowed = _allowed("workers")
    if allowed is not None and workers > allowed:
        raise LimitExceeded(f"A cluster may have at most {count(allowed, 'worker')}, not {workers}.", "workers")
    allowed = _allowed("cores")
    asked, used = _cores(workers, cores), sum(_cores(_most_workers(job), job.spec.cores) for job in others)
    if allowed is not None and used + asked > allowed:
        raise LimitExceeded(
            f"All your clusters together may have at most {count(allowed, 'core')}. Your other clusters have {used}, "
            f"which leaves {max(0, allowed - used)} for this one, not {asked}.",
            "cores",
        )


def _allowed(what: str) -> int | None:
    allowed: int | None = config.get(f"limits.{what}")
    return allowed


def _most_workers(job: SchedulerJob) -> int:
    return job.workers if job.adapt is None else job.adapt[1]


def _cores(workers: int, cores: int) -> int:
    """Return the cores of all jobs that are needed for a number of workers."""
    return cores * jobs_for(workers, cores)
