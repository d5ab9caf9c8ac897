"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["count", "duration", "enumerate_words", "figure", "percent", "size"]


def size(number: float) -> str:
    """Return a number of bytes with three digits and a decimal unit, as people ask for memory: ``2 GB``."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if number < 999.5:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} PB"


def duration(seconds: float) -> str:
    """Return a duration in its largest unit: ``20 s``, ``5 min``, ``3 h``, ``2 days``."""
    for unit, length, most in (("s", 1, 120), ("min", 60, 7200), ("h", 3600, 172_800)):
        if seconds < most:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86_400:.0f} days"


def figure(number: int) -> str:
    """Return a number with its digits in groups of three: ``20 000``."""
    return f"{number:,}".replace(",", " ")


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number and what is counted: ``1 slot``, ``3 slots``."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def percent(part: float, whole: float) -> str:
    """Return a part as a percentage of the whole; ``0 %`` if the whole is 0."""
    return f"{100 * part / whole if whole else 0:.0f} %"


def enumerate_words(words: Sequence[str], last: str = "and") -> str:
    """Return ``a``, ``a and b``, or ``a, b and c``."""
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
