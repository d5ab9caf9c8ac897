"""dask-jobqueue's `HTCondorJob`, imported without the import's side effect on signals.

The package sets a handler for SIGINT that ends the process with status 0 and without a message: scripts would lose
Ctrl-C, event loops their cancellation, and an import outside of the main thread would fail.
"""

from __future__ import annotations

import signal
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import dask.config
import yaml

__all__ = ["HTCondorJob", "said_of_unused_settings", "unused_settings", "warn_of_unused_settings"]

SECTION = "jobqueue.htcondor"
# What `af_lab.manager.facility_directives` takes from the section.
USED = frozenset(
    (
        *("death-timeout", "interface", "local-directory", "worker-extra-args", "extra"),
        *("job-script-prologue", "env-extra", "job-extra-directives", "job-extra"),
    )
)


@contextmanager
def _handlers_kept() -> Iterator[None]:
    set_handler = signal.signal

    def leave_alone(*_: Any) -> None:
        """Stand in for `signal.signal`."""

    signal.signal = leave_alone  # type: ignore[assignment]
    try:
        yield
    finally:
        signal.signal = set_handler


with _handlers_kept():
    import dask_jobqueue
    from dask_jobqueue.htcondor import HTCondorJob


def unused_settings() -> list[str]:
    """Return the names of the settings of dask-jobqueue that somebody has set, but that do not count for af_lab."""
    settings, defaults = dask.config.get(SECTION, {}), _defaults()
    if not isinstance(settings, Mapping):
        return []
    named = {str(name).replace("_", "-"): value for name, value in settings.items()}
    return sorted(name for name, value in named.items() if name not in USED and value and value != defaults.get(name))


def said_of_unused_settings() -> str | None:
    """Name `unused_settings` in a sentence; None if there are none."""
    if not (unused := unused_settings()):
        return None
    return (
        f"Of the settings in {SECTION}, these do not count for clusters of af_lab: {', '.join(unused)}. The section "
        "af-lab sets cores, memory and disk of worker jobs (af-lab.worker) and what schedulers use "
        "(af-lab.scheduler); logs are in the cluster's own folder."
    )


def warn_of_unused_settings() -> None:
    """Warn of `unused_settings`, once in a process."""
    if said := said_of_unused_settings():
        _warn(said)


@cache
def _warn(said: str) -> None:
    # The line of the user that makes a cluster.
    warnings.warn(said, stacklevel=4)


@cache
def _defaults() -> Mapping[str, Any]:
    with Path(dask_jobqueue.__file__).with_name("jobqueue.yaml").open(encoding="utf-8") as file:
        defaults: Mapping[str, Any] = yaml.safe_load(file)["jobqueue"]["htcondor"]
    return defaults
