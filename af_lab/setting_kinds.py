"""What each setting of the section ``af-lab`` may be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from dask.utils import parse_bytes, parse_timedelta

from af_lab.bounds import BOUNDS, Bounds
from af_lab.wording import size

__all__ = ["KINDS", "SITE_SETTINGS", "duration"]

Kind = Callable[[object], None]
"""Checks a value; raises ValueError with what is allowed."""

SITE_SETTINGS = ("requirements", "label", "submit")
DAY = 86_400.0  # seconds
YEAR = 365 * DAY
MOST = 10**9
HIGHEST_PORT = 65_535


def duration(text: str) -> float:
    """Return the seconds of a duration such as ``2 h`` or ``10 min``.

    Raises
    ------
    ValueError
        The text is not a duration.
    """
    try:
        # Dask knows only "minutes" and "m".
        return float(parse_timedelta(re.sub(r"\bmins?\b", "minutes", text)))
    except (LookupError, ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a duration; write '2 h', '30 min' or a number of seconds") from None


def _duration(minimum: float, maximum: float) -> Kind:
    def check(value: object) -> None:
        seconds = math.nan if isinstance(value, bool) else duration(str(value))
        if not minimum <= seconds <= maximum:
            raise ValueError(f"{value!r} is not a duration from {minimum:g} s to {maximum / DAY:g} days")

    return check


def _whole(bounds: Bounds) -> Kind:
    def check(value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not bounds.minimum <= value <= bounds.maximum:
            raise ValueError(f"{value!r} is not a whole number from {bounds.minimum} to {bounds.maximum}")

    return check


def _size(bounds: Bounds) -> Kind:
    def check(value: object) -> None:
        try:
            found = parse_bytes(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
        except (ValueError, OverflowError):
            found = None
        if found is None:
            raise ValueError(f"{value!r} is not a size; write '2 GB', '500 MiB' or a number of bytes")
        if not bounds.minimum <= found <= bounds.maximum:
            raise ValueError(f"{value!r} is not a size from {size(bounds.minimum)} to {size(bounds.maximum)}")

    return check


def _text(value: object) -> None:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError(f"{value!r} is not a name")


def _ports(value: object) -> None:
    found = re.fullmatch(r"\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?", str(value))
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 0 < first <= last <= HIGHEST_PORT:
        raise ValueError(f"{value!r} is not a range of ports; write '20000-20100'")


def _modules(value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(module, str) for module in value):
        raise ValueError(f"{value!r} is not a list of modules; write [coffea.processor]")


def _sites(value: object) -> None:
    if not isinstance(value, Mapping):
        raise ValueError(f"it must map names to sites, not {value!r}")


def _or_null(kind: Kind) -> Kind:
    def check(value: object) -> None:
        if value is not None:
            kind(value)

    return check


KINDS: Mapping[str, Kind] = {
    "condor.timeout": _duration(0.1, DAY),
    "cluster.workers": _whole(BOUNDS["workers"]),
    "cluster.idle-timeout": _or_null(_duration(1, 10 * YEAR)),
    "limits.clusters": _or_null(_whole(Bounds(0, MOST))),
    "limits.workers": _or_null(_whole(Bounds(0, MOST))),
    "limits.cores": _or_null(_whole(Bounds(0, MOST))),
    "scheduler.interface": _or_null(_text),
    "scheduler.contact-host": _or_null(_text),
    "scheduler.ports": _or_null(_ports),
    "scheduler.start-timeout": _duration(0.1, DAY),
    "scheduler.poll": _duration(0.1, DAY),
    "scheduler.starts": _whole(Bounds(1, MOST)),
    "scheduler.starts-within": _duration(1, YEAR),
    "adaptive.patience": _duration(0, YEAR),
    "worker.cores": _whole(BOUNDS["cores"]),
    "worker.memory": _size(BOUNDS["memory"]),
    "worker.disk": _size(BOUNDS["disk"]),
    "worker.death-timeout": _duration(1, YEAR),
    "worker.preload": _or_null(_modules),
    "worker.connect-timeout": _duration(0.1, YEAR),
    "logs.each": _size(Bounds(200_000, 10**12)),
    "logs.cluster": _size(Bounds(10**6, 10**15)),
    "sites": _or_null(_sites),
}
"""The check of each setting, by its name below the section."""
