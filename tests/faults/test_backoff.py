"""Jobs that fail before their worker connects do not fill the queue."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from af_lab.condor.eventlog import EventKind, EventLog, JobEvent
from af_lab.manager.manager import ClusterManager
from af_lab.manager.spec import make_spec
from tests.faults.support import connected, troubles
from tests.support import until

pytestmark = [pytest.mark.pool, pytest.mark.slow]


async def submitted(manager: ClusterManager, name: str, id_: int) -> list[str]:
    """Return the ids of all worker jobs that were ever submitted."""
    log, events = EventLog((await manager.folder(name)).events), list[JobEvent]()
    while more := log.read():
        events += more
    return [str(event.job) for event in events if event.kind == EventKind.SUBMIT and event.job.cluster != id_]


async def test_jobs_that_fail_at_once_come_ever_more_seldom_until_the_cause_is_gone(
    manager: ClusterManager, tmp_path: Path
) -> None:
    # A module that every worker loads at its start, and that is broken.
    module = tmp_path / "facility.py"
    module.write_text("raise RuntimeError('no such conditions database')\n")
    variables = {"DASK_DISTRIBUTED__WORKER__PRELOAD": str(module)}
    made = await manager.create(make_spec({"name": "broken", "workers": 4, "variables": variables}))
    await manager.wait_until_running("broken")

    async def told() -> bool:
        return any("ended (exit code 1); another takes its place" in text for text in await troubles(manager, "broken"))

    await until(told, "it is told that the workers fail")
    await asyncio.sleep(15)
    jobs = await submitted(manager, "broken", made.id)
    print(f"{len(jobs)} jobs were submitted in 15 s")
    # Three times all of them, and a few of the ever rarer trials.
    assert len(jobs) <= 3 * 4 + 2
    assert "no such conditions database" in (await manager.logs("broken", worker=jobs[0])).text
    info = await manager.get("broken")
    assert (info.state, info.counts.idle + info.counts.running <= 1) == ("running", True)

    module.write_text("")
    await connected(manager, "broken", 4)
