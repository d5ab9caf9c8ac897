"""What follows a batch waits for HTCondor, without asking it all the time."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from af_lab.errors import CondorUnavailable
from af_lab.runs import follower
from af_lab.runs.follower import patiently


async def test_a_call_is_made_again_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[float] = []
    monkeypatch.setattr(follower, "CONDOR_PAUSE", 0.05)

    async def call() -> str:
        made.append(asyncio.get_running_loop().time())
        if len(made) < 3:
            raise CondorUnavailable("the schedd is stopped")
        return "done"

    assert await patiently(call) == "done"
    assert min(later - earlier for earlier, later in itertools.pairwise(made)) >= 0.05


async def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "CONDOR_PATIENCE", 0.0)

    async def call() -> str:
        raise CondorUnavailable("the schedd is stopped")

    with pytest.raises(CondorUnavailable, match="stopped"):
        await patiently(call)
