"""Dashboards of schedulers that are gone, slow, or somebody else."""

from __future__ import annotations

import asyncio
import logging
from html import escape, unescape
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError

from af_lab.errors import AfLabError, ClusterFailed, ClusterNotFound
from af_lab.manager.dashboard import Dashboard
from af_lab.model.folder import ClusterFolder
from af_lab.server import dashboards
from tests.server.dashboards.conftest import Found, Site
from tests.server.dashboards.standin import StandIn, credentials_of, folder_at, standing_in


async def check_refused(site: Site, says: str) -> None:
    answer = await site.fetch("status")
    assert (answer.code, answer.headers["Content-Type"]) == (409, "text/html; charset=UTF-8")
    assert says in unescape(answer.body.decode())
    socket = await site.connect()
    assert await socket.read_message() is None
    assert (socket.close_code, socket.close_reason) == (1011, "the Dask scheduler does not answer")


@pytest.mark.parametrize("speaks_tls", [True, False])
async def test_a_stranger_in_the_schedulers_place_gets_nothing(
    site: Site,
    folder: ClusterFolder,
    tmp_path: Path,
    found: Found,
    speaks_tls: bool,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    if not speaks_tls:
        # It waits for more, and never answers.
        monkeypatch.setattr(dashboards, "CONNECT_TIMEOUT", 1.0)
    shows = credentials_of(folder_at(tmp_path / "other")) if speaks_tls else None
    with standing_in(folder, shows) as stranger:
        found(stranger)
        says = "is not the Dask scheduler of the cluster 'x': its certificate belongs to someone else"
        await check_refused(site, says if speaks_tls else "does not answer")
    assert not stranger.asked
    assert stranger.dashboard.secret not in caplog.text


async def test_a_scheduler_that_is_gone_is_told_and_looked_for_anew(
    site: Site, shown: StandIn, folder: ClusterFolder, found: Found
) -> None:
    with standing_in(folder, credentials_of(folder)) as gone:
        found(gone)
        assert (await site.fetch("status")).code == 200
    await check_refused(site, "The Dask scheduler of the cluster 'x' does not answer")
    found(shown)
    assert (await site.fetch("status")).code == 200


async def test_what_the_manager_says_is_a_page(site: Site, found: Found) -> None:
    for error, status in ((ClusterNotFound("There is no <x>."), 404), (ClusterFailed("Not just now, <x>."), 409)):

        async def find(name: str, error: AfLabError = error) -> Dashboard:
            raise error

        found(find)
        answer = await site.fetch("status")
        assert (answer.code, answer.headers["Content-Type"]) == (status, "text/html; charset=UTF-8")
        assert escape(str(error)) in answer.body.decode()
        with pytest.raises(HTTPClientError) as refused:
            await site.connect()
        assert refused.value.code == status


async def test_many_requests_are_one_question_to_the_cluster(
    site: Site, stand_in: StandIn, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = []

    async def find(name: str) -> Dashboard:
        questions.append(name)
        await asyncio.sleep(0.1)
        return stand_in.dashboard

    found(find)
    assert {answer.code for answer in await asyncio.gather(*(site.fetch("status") for _ in range(20)))} == {200}
    assert len(questions) == 1
    await site.fetch("status")
    assert len(questions) == 1
    # A scheduler that was started again at its old place has no pages before it is asked for them.
    assert (await site.fetch("none")).code == 404
    monkeypatch.setattr(dashboards, "REMEMBERED", 0.0)
    await site.fetch("status")
    assert len(questions) == 2
    await site.fetch("status")
    assert len(questions) == 3


async def test_pages_go_to_sleep_and_come_back_and_nothing_else_does(site: Site, shown: StandIn) -> None:
    page = (await site.fetch("status")).body.decode()
    assert page.count("<script>") == 2
    assert page.index("asleep.html") < page.index("</head>")
    assert b"script" not in (await site.fetch("plain")).body
    before = len(shown.asked)
    asleep = await site.fetch("asleep.html")
    assert (asleep.code, asleep.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    assert len(shown.asked) == before, "so it does not need the scheduler"
