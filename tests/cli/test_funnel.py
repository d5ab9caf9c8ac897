"""A cluster's workers as a bar."""

from __future__ import annotations

from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from af_lab.cli import funnel
from af_lab.model.snapshot import Counts


@given(
    counts=st.builds(Counts, *[st.integers(0, 3000)] * 6),
    width=st.integers(10, 100),
)
def test_bar_has_a_cell_for_every_part_and_fills_its_width(counts: Counts, width: int) -> None:
    split = funnel.parts(counts)
    text = funnel.bar(split, width).plain
    for part in split:
        assert part.mark in text
    if split:
        assert len(text) == min(width, max(10, sum(part.workers for part in split)))


def test_bar_is_in_proportion() -> None:
    counts = Counts(requested=38, waiting=10, starting=4, connected=20, leaving=2, lost=1)
    split = funnel.parts(counts)
    assert [(part.name, part.workers) for part in split] == [
        ("connected", 20),
        ("starting", 4),
        ("lost", 1),
        ("leaving", 2),
        ("waiting", 10),
        ("not submitted yet", 3),
    ]
    assert funnel.bar(split, 40).plain == "█" * 20 + "▓" * 4 + "?" + "▒" * 2 + "░" * 10 + "·" * 3
    assert funnel.bar(split, 40, ascii_only=True).plain.isascii()
    for name, number in asdict(counts).items():
        assert f"{name} {number}" in funnel.in_numbers(counts)
