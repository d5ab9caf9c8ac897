"""What a worker's job said before it failed is told wherever people look."""

from __future__ import annotations

import asyncio

import dask.config
import pytest

from af_lab.manager.manager import ClusterManager
from af_lab.manager.progress import Reasons
from af_lab.model.spec import make_spec
from af_lab.notebook.waiting import Why
from tests.cli.support import af_lab
from tests.faults.support import troubles
from tests.support import until

pytestmark = pytest.mark.pool

WORDS = "Error: No such option '--no-such-option'."


async def test_the_last_words_of_jobs_that_fail_are_told_everywhere(manager: ClusterManager) -> None:
    with dask.config.set({"jobqueue.htcondor.worker-extra-args": ["--no-such-option"]}):
        await manager.create(make_spec({"name": "wordy", "workers": 3}))
    await manager.wait_until_running("wordy")

    async def all_failed() -> bool:
        info = await manager.get("wordy")
        return bool(info.failing and info.failing.jobs >= 3)

    await until(all_failed, "three jobs failed")
    (told,) = await troubles(manager, "wordy")
    assert told.endswith(f"ended (exit code 2); another takes its place. Its log says: {WORDS}")
    info = await manager.get("wordy")
    assert info.troubles[0].count >= 3
    assert info.failing
    assert info.failing.words == WORDS
    why = await manager.explain("wordy")
    assert (why.why_failing, why.failing >= 3) == (WORDS, True)
    assert "jobs in a row ended before a worker connected" in why.summary
    assert f"says: {WORDS}" in why.reasons[0]
    assert Why(manager).reasons(info) == Reasons(failing=WORDS)
    shown, explained = await asyncio.gather(
        *(
            asyncio.to_thread(af_lab, "cluster", *words, environment={"COLUMNS": "300"})
            for words in (("show", "wordy"), ("explain", "wordy"))
        )
    )
    assert WORDS in shown.stdout
    assert WORDS in explained.stdout
