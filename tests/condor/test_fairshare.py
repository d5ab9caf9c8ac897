"""What fair share gives."""

from __future__ import annotations

import pytest

from af_lab.condor.fairshare import fair_part
from af_lab.condor.pool import Share


def test_the_fair_part_is_in_inverse_proportion_to_the_priorities() -> None:
    shares = [Share("me", 500, 1000, 2, own=True), Share("other", 1500, 1000, 6, own=False)]
    assert fair_part(shares) == pytest.approx(0.75)
    assert fair_part([*shares, Share("gone", 1, 1000, 0, own=False)]) == pytest.approx(0.75), "has no slot"
    assert fair_part(shares[1:]) is None
