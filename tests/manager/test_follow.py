"""How a cluster is looked at whose scheduler does not answer; that of real ones is tested with who follows them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from af_lab.errors import CondorUnavailable
from af_lab.home import af_lab_home
from af_lab.manager import follow
from af_lab.manager.follow import PatientLook
from af_lab.model.cluster_view import ClusterView
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from tests.model.jobs import scheduler_job


@pytest.fixture
def folder() -> ClusterFolder:
    return ClusterFolder.create(af_lab_home(), make_credentials("x"))


async def unchanged(view: ClusterView) -> ClusterView:
    return view


async def test_pauses_grow_until_the_runner_answers(folder: ClusterFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(follow, "LONGEST_PAUSE", 0.08)
    pauses = []

    async def noted(look: PatientLook, _: ClusterFolder) -> bool:
        pauses.append(look._pause)
        return False

    monkeypatch.setattr(PatientLook, "_starts", noted)
    answering = ClusterView.of(scheduler_job(folder.path))
    silent = answering.heard(None)
    look = PatientLook(unchanged)
    for view in (silent, silent, silent, silent, answering, silent):
        await look(view)
    assert pauses == [0.02, 0.04, 0.08, 0.08, 0.02]


async def test_a_scheduler_that_starts_ends_the_pause(folder: ClusterFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "FIRST_PAUSE", 60.0)
    pending = ClusterView.of(replace(scheduler_job(folder.path), ready=False))
    begun, look = time.monotonic(), PatientLook(unchanged)
    looking = asyncio.create_task(look(pending))
    await asyncio.sleep(0.2)
    assert not looking.done()
    folder.write_address("tls://10.0.0.1:8786")
    await looking
    assert time.monotonic() - begun < 30
    # Its ad says so a moment later: the next looks come soon.
    await look(pending)
    assert time.monotonic() - begun < 30


async def test_a_silent_htcondor_changes_nothing(folder: ClusterFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "FIRST_PAUSE", 0.01)

    async def away(_: ClusterView) -> ClusterView:
        raise CondorUnavailable("HTCondor does not answer.")

    view = ClusterView.of(scheduler_job(folder.path)).heard(None)
    assert await PatientLook(away)(view) is view
