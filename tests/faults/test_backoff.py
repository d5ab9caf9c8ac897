"""Jobs that fail before their worker connects do not fill the queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from af_lab.condor.eventlog import EventKind, EventLog, JobEvent
from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from af_lab.runner.recovery import FIRST_DELAY, FREE_FAILURES
from tests.faults.support import connected
from tests.support import until

pytestmark = [pytest.mark.pool, pytest.mark.slow]

ENDED = "ended (exit code 1); another takes its place. Its log says: RuntimeError: no such conditions database"


async def events_of_workers(manager: ClusterManager, name: str, id_: int) -> list[JobEvent]:
    """Return when worker jobs were submitted and when they ended, as the event log has it."""
    log, events = EventLog((await manager.folder(name)).events), list[JobEvent]()
    while more := log.read():
        events += more
    kinds = (EventKind.SUBMIT, EventKind.TERMINATED)
    return [event for event in events if event.kind in kinds and event.job.cluster != id_]


async def test_after_some_failures_it_is_waited_before_the_next_trial_until_the_cause_is_gone(
    manager: ClusterManager, tmp_path: Path
) -> None:
    # A module that every worker loads at its start, and that is broken.
    module = tmp_path / "facility.py"
    module.write_text("raise RuntimeError('no such conditions database')\n")
    variables = {"DASK_DISTRIBUTED__WORKER__PRELOAD": str(module)}
    made = (await manager.create(make_spec({"name": "broken", "workers": 1, "variables": variables}))).info
    await manager.wait_until_running("broken")

    async def pausing() -> bool:
        told = sum(trouble.count for trouble in (await manager.get("broken")).troubles if ENDED in trouble.text)
        events = await events_of_workers(manager, "broken", made.id)
        ends = sum(event.kind == EventKind.TERMINATED for event in events)
        # The runner knows of all failures, and has tried nothing since.
        return FREE_FAILURES <= ends == len(events) - ends <= told

    await until(pausing, "the runner knows of enough failures, and waits")
    (first, *_) = await events_of_workers(manager, "broken", made.id)
    assert "no such conditions database" in (await manager.logs("broken", worker=str(first.job))).text
    info = await manager.get("broken")
    assert (info.state, len(info.troubles)) == ("running", 1)
    assert "says: RuntimeError: no such conditions database" in (await manager.explain("broken")).reasons[0]

    module.write_text("")
    await connected(manager, "broken", 1)
    *_, failure, trial = await events_of_workers(manager, "broken", made.id)
    assert (failure.kind, trial.kind) == (EventKind.TERMINATED, EventKind.SUBMIT)
    # The log has whole seconds.
    assert trial.when - failure.when >= FIRST_DELAY - 1
