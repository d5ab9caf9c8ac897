"""Numbers as people read them."""

from __future__ import annotations

import pytest

from af_lab.wording import duration, size
from tests.condor.made_slots import GB


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (999.6, "1 kB"),
        (160_000_000, "160 MB"),
        (2 * GB, "2 GB"),
        (1_234_567_890, "1.23 GB"),
        (20_000 * GB, "20 TB"),
        (5_000_000 * GB, "5 PB"),
    ],
)
def test_sizes_are_written_as_people_ask_for_them(number: float, said: str) -> None:
    assert size(number) == said


@pytest.mark.parametrize(("seconds", "said"), [(20, "20 s"), (300, "5 min"), (10_800, "3 h"), (200_000, "2 days")])
def test_durations_are_written_in_their_largest_unit(seconds: float, said: str) -> None:
    assert duration(seconds) == said
