"""What a server with panels writes into its log: no secret, and not a line for each question."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from af_lab.condor.queue import Queue
from af_lab.home import af_lab_home
from tests.security.plugin import found_in, secrets_of
from tests.server.live import TOKEN, served
from tests.server.support import Panel

pytestmark = [pytest.mark.pool, pytest.mark.slow]

QUESTIONS = ("clusters", "clusters/logged", "clusters/logged/workers", "runs", "pool", "examples", "")


async def test_a_day_of_a_server(tmp_path: Path, queue: Queue) -> None:
    """Clusters, panels, plots, refusals, and HTCondor that goes and comes back."""
    with served(tmp_path / "server") as server:

        async def call(method: str, path: str, body: object = None) -> object:
            return await asyncio.to_thread(server, method, path, body)

        await call("POST", "clusters", {"name": "logged", "workers": 1})
        panel = await Panel.open(lambda *_: server.listen())
        await panel.until(lambda: panel.counts("logged")["connected"] == 1, "its worker connects")
        await call("GET", "clusters/logged/plots")
        before = len(server.log.read_text().splitlines())
        for _ in range(10):
            for question in QUESTIONS:
                await call("GET", question)
            with pytest.raises(OSError, match="404"):
                await call("GET", "clusters/none-such")
        panel.close()
        await call("DELETE", "clusters/logged")
        written = server.log.read_bytes()
    lines = written.decode().splitlines()
    assert len(lines) - before <= 2, "\n".join(lines[before:])
    secrets = {"the token": TOKEN.encode(), **secrets_of([af_lab_home()])}
    assert len(secrets) > 1
    assert found_in(written, secrets) == []
    assert b"Traceback" not in written
    assert " 500 " not in written.decode()


async def test_that_htcondor_is_away_is_logged_once(tmp_path: Path) -> None:
    with served(tmp_path / "server", CONDOR_CONFIG="/dev/null") as server:
        panel = await Panel.open(lambda *_: server.listen())
        await panel.until(lambda: panel.health and not panel.health["ok"], "the panel is told")
        assert "af-lab pool start" in panel.health["message"]
        for _ in range(20):
            with pytest.raises(OSError, match="503"):
                await asyncio.to_thread(server, "GET", "clusters")
        # It is looked for again and again meanwhile.
        said = server.log.read_text()
        panel.close()
    assert said.count("HTCondor does not run here") == said.count("af-lab pool start") == 1, said
    assert " 503 " not in said
