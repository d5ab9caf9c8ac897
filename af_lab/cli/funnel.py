"""The states of a cluster's workers, from requested to connected, as one bar."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from af_lab.model.snapshot import Counts

__all__ = ["Part", "bar", "in_numbers", "legend", "parts"]


@dataclass(frozen=True)
class Part:
    """Workers in one state.

    Attributes
    ----------
    mark, plain
        The character for them in the bar, and the one for terminals without Unicode.
    """

    name: str
    workers: int
    mark: str
    plain: str
    style: str


def parts(counts: Counts) -> list[Part]:
    """Split the workers by their state, the connected ones first; each is in one part only."""
    split = [
        Part("connected", counts.connected, "█", "#", "green"),
        Part("starting", counts.starting, "▓", "+", "yellow"),
        Part("lost", counts.lost, "?", "?", "red"),
        Part("held", counts.held, "!", "!", "red"),
        Part("leaving", counts.leaving, "▒", "-", "dim"),
        Part("waiting", counts.waiting, "░", ".", "blue"),
        Part("not submitted yet", max(0, counts.requested - counts.submitted), "·", "_", "dim"),
    ]
    return [part for part in split if part.workers]


def bar(split: list[Part], width: int, *, ascii_only: bool = False) -> Text:
    """Draw the parts one after the other; even the smallest part is visible."""
    total = sum(part.workers for part in split)
    text = Text()
    cells = _cells([part.workers for part in split], min(width, max(total, 10)))
    for part, length in zip(split, cells, strict=True):
        text.append((part.plain if ascii_only else part.mark) * length, part.style)
    return text


def legend(split: list[Part], *, ascii_only: bool = False) -> Text:
    """Return what each character of the bar means, and how many workers it stands for."""
    entries = [
        Text.assemble((part.plain if ascii_only else part.mark, part.style), f" {part.workers:,} {part.name}")
        for part in split
    ]
    return Text("   ").join(entries)


def in_numbers(counts: Counts) -> str:
    """List all counts."""
    return ", ".join(f"{name} {number:,}" for name, number in asdict(counts).items())


def _cells(numbers: list[int], width: int) -> list[int]:
    """Distribute the cells of a bar in proportion to the numbers, at least one to each number."""
    total = sum(numbers)
    lengths = [max(1, number * width // total) for number in numbers]
    # The largest part absorbs the rounding, because it shows least there.
    if numbers:
        largest = lengths.index(max(lengths))
        lengths[largest] = max(1, lengths[largest] + width - sum(lengths))
    return lengths
