"""Messages for a name that belongs to no cluster."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

__all__ = ["close_names", "no_such_cluster"]

MOST_NAMED = 10


def close_names(name: str, names: Sequence[str]) -> list[str]:
    """Return up to three names that are similar to `name`, the most likely first."""
    asked = name.lower()
    by_lower = {known.lower(): known for known in sorted(names)}
    begun = [lower for lower in by_lower if lower.startswith(asked)]
    similar = difflib.get_close_matches(asked, by_lower)
    return [by_lower[lower] for lower in dict.fromkeys([*similar, *begun])][:3]


def no_such_cluster(name: str, names: Sequence[str]) -> str:
    """Return a message that the cluster does not exist, and what to do.

    Parameters
    ----------
    name
        The requested name.
    names
        The existing names.
    """
    if close := close_names(name, names):
        return f"You have no cluster {name!r}. Did you mean {' or '.join(map(repr, close))}?"
    if not names:
        return f"You have no cluster {name!r}, and no other clusters. Create one with `af-lab cluster create`."
    listed = ", ".join(sorted(set(names))[:MOST_NAMED])
    others = " and others" if len(set(names)) > MOST_NAMED else ""
    return f"You have no cluster {name!r}. Your clusters: {listed}{others}."
