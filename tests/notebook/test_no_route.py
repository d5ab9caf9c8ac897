"""A scheduler that cannot be reached from where the notebook is, on a real pool."""

from __future__ import annotations

import asyncio

import dask.config
import pytest

import af_lab
from af_lab.errors import ClusterFailed
from af_lab.notebook import connection
from tests.notebook.clusters import states
from tests.support import wait

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left")]


HOST = "203.0.113.1"  # of a network for documentation


def test_no_route_is_told_with_the_address_and_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ANSWER_TIMEOUT", 2.0)
    says = rf"'away' runs, but its Dask scheduler at tls://{HOST}:\d+ cannot be reached .*contact-host.*stop away"
    with dask.config.set({"af-lab.scheduler.contact-host": HOST}), pytest.raises(ClusterFailed, match=says):
        af_lab.cluster("away", workers=0)
    assert states() == {"away": "running"}, "others may reach it"
    with pytest.raises(ClusterFailed, match=says):
        af_lab.connect("away")

    async def in_a_loop() -> None:
        await af_lab.connect("away", asynchronous=True)

    with pytest.raises(ClusterFailed, match=says):
        asyncio.run(in_a_loop())
    wait(lambda: states() == {"away": "running"}, "it goes on")
