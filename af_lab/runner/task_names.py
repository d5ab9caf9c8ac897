"""What tasks do, from the names that the frameworks of our field give them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

__all__ = ["what_tasks_do"]

NAMES = {
    # coffea 2026.9; the tasks that process have the name of the user's processor
    "automatic_retries": "preprocessing",
    "reduce": "merging",
    # distributed RDataFrame of ROOT 6.40; what a task fills is hidden in the function that it calls
    "dask_mapper": "processing",
    "distrdf_reducer": "merging",
}
"""By the prefixes of the keys."""


def what_tasks_do(prefixes: Iterable[str]) -> str | None:
    """Return what most of some tasks do.

    Parameters
    ----------
    prefixes
        Dask's prefixes of their keys. One that is not known is shown if it is the name of a function or class, which
        is the user's own.

    Returns
    -------
    None if nothing is known of them.
    """
    known = Counter(name for prefix in prefixes if (name := NAMES.get(prefix) or _own(prefix)))
    return min(known, key=lambda name: (-known[name], name), default=None)


def _own(prefix: str) -> str | None:
    return prefix if prefix.isidentifier() and prefix != "lambda" else None
