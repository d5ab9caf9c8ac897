"""What to tell somebody who asks for a cluster by a name that none has."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

__all__ = ["close_names", "no_such_cluster"]

MOST_NAMED = 10


def close_names(name: str, names: Sequence[str]) -> list[str]:
    """Return up to three of the names that may have been meant, the most likely first."""
    asked = name.lower()
    by_lower = {known.lower(): known for known in sorted(names)}
    begun = [lower for lower in by_lower if lower.startswith(asked)]
    similar = difflib.get_close_matches(asked, by_lower)
    return [by_lower[lower] for lower in dict.fromkeys([*similar, *begun])][:3]


def no_such_cluster(name: str, names: Sequence[str]) -> str:
    """Say that there is no such cluster, and what to do.

    Parameters
    ----------
    name
        The one asked for.
    names
        Those that there are.
    """
    if close := close_names(name, names):
        return f"You have no cluster {name!r}. Did you mean {' or '.join(map(repr, close))}?"
    if not names:
        return f"You have no cluster {name!r}, nor any other. `af-lab cluster create` starts one."
    listed = ", ".join(sorted(set(names))[:MOST_NAMED])
    others = " and others" if len(set(names)) > MOST_NAMED else ""
    return f"You have no cluster {name!r}. Those you have: {listed}{others}."
