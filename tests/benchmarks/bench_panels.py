"""What open panels cost the schedd and the collector while clusters wait for slots."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from af_lab.condor.helper_connection import HelperConnection
from af_lab.manager.manager import ClusterManager
from af_lab.wording import count
from tests.benchmarks.support import table
from tests.server.conftest import api, jp_base_url, jp_server_config, open_panel  # noqa: F401 - fixtures
from tests.server.support import Api, Panel

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left"), pytest.mark.timeout(1800)]

CLUSTERS = 10
TABS = (1, 20)
MINUTE = 60.0
EVERY = 15.0  # seconds between two questions of a tab that asks for itself


async def test_panels_while_clusters_wait(
    api: Api,  # noqa: F811
    open_panel: Callable[[], Awaitable[Panel]],  # noqa: F811
    jp_serverapp: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manager: ClusterManager = jp_serverapp.web_app.settings["af_lab_manager"]
    schedd, collector = (_calls(asked._connection, monkeypatch) for asked in (manager.queue, manager.condor_pool))
    names = [f"waits-{number}" for number in range(CLUSTERS)]
    panels = [await open_panel()]
    for name in names:
        await api("POST", "clusters", body={"name": name, "workers": 1, "memory": "900 GB"})
    await panels[0].until(lambda: len(panels[0].causes()) == CLUSTERS, "all are explained", 300)
    rows = []

    async def measured(what: str, work: Callable[[], Awaitable[object]]) -> None:
        before = schedd.total(), collector.total()
        await work()
        rows.append([what, str(schedd.total() - before[0]), str(collector.total() - before[1])])

    for tabs in TABS:
        while len(panels) < tabs:
            panels.append(await open_panel())
        await measured(count(tabs, "open panel"), lambda: asyncio.sleep(MINUTE))
    for panel in panels:
        panel.close()
    for tabs in TABS:
        await measured(
            f"{count(tabs, 'tab')} asking for each cluster every {EVERY:g} s", partial(_ask, manager, names * tabs)
        )
    table(f"Calls a minute while {CLUSTERS} clusters wait", ["", "schedd", "collector"], rows)


def _calls(connection: HelperConnection, patch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the calls over a connection that reach a daemon."""
    calls: Counter[str] = Counter()
    call = connection.call

    def counted(method: str, **params: Any) -> Any:
        calls[method] += method != "forget_slots"
        return call(method, **params)

    patch.setattr(connection, "call", counted)
    return calls


async def _ask(manager: ClusterManager, names: list[str]) -> None:
    """Explain each cluster for a minute as often as a tab would that asks for itself."""

    async def tab(name: str) -> None:
        for _ in range(int(MINUTE / EVERY)):
            await asyncio.gather(manager.explain(name), asyncio.sleep(EVERY))

    await asyncio.gather(*map(tab, names))
