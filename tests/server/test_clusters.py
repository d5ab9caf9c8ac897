"""The REST interface, on a real pool."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from af_lab.home import af_lab_home
from af_lab.manager.manager import ClusterManager
from tests.jobs.pythons import bare_python
from tests.server.support import Api
from tests.support import until

pytestmark = pytest.mark.pool


async def test_the_whole_life(api: Api) -> None:
    status, listed = await api("GET", "clusters")
    assert (status, listed["clusters"], listed["cursor"], listed["health"]["ok"]) == (200, [], None, True)

    status, made = await api("POST", "clusters", body={"name": "rest", "workers": 1})
    assert status == 201
    assert api.headers["Location"] == "/user/alice/af-lab/api/clusters/rest"
    assert (made["state"], made["workers"], made["counts"]["requested"]) == ("pending", 1, 1)
    assert made["environment"]["path"] == sys.executable
    assert made["environment"]["kernel"] == "python3"

    async def connected(count: int) -> bool:
        _, info = await api("GET", "clusters", "rest")
        return bool(info["state"] == "running" and info["counts"]["connected"] == count)

    await until(lambda: connected(1), "a worker is connected", seconds=90)
    status, more = await api("PATCH", "clusters", "rest", body={"workers": 2})
    assert (status, more["workers"], more["generation"], more["observed_generation"]) == (200, 2, 2, 2)
    await until(lambda: connected(2), "two workers are connected", seconds=90)
    status, adaptive = await api("PATCH", "clusters", "rest", body={"adapt": {"minimum": 2, "maximum": 3}})
    assert (status, adaptive["workers"], adaptive["adapt"]) == (200, None, {"minimum": 2, "maximum": 3})
    status, kept = await api("PATCH", "clusters", "rest", body={"idle_timeout": "3 h"})
    assert (status, kept["spec"]["idle_timeout"], kept["adapt"]) == (200, 3 * 3600, {"minimum": 2, "maximum": 3})
    _, listed = await api("GET", "clusters")
    assert [info["name"] for info in listed["clusters"]] == ["rest"]

    assert await api("DELETE", "clusters", "rest") == (204, None)

    async def gone() -> bool:
        return (await api("GET", "clusters", "rest"))[0] == 404

    await until(gone, "the cluster is gone")


async def test_a_cluster_on_hold_is_told_and_released(api: Api, manager: ClusterManager) -> None:
    await api("POST", "clusters", body={"name": "paused", "workers": 0})
    id_ = (await manager.wait_until_running("paused")).id
    await manager.queue.hold(f"ClusterId == {id_}", "held by the test")

    async def held() -> bool:
        return bool((await api("GET", "clusters", "paused"))[1]["state"] == "held")

    await until(held, "the hold is told")
    _, info = await api("GET", "clusters", "paused")
    assert "by hand: held by the test" in info["reason"]
    assert (await api("POST", "clusters", body={"name": "paused"}))[0] == 409
    status, info = await api("POST", "clusters", "paused", "release")
    assert (status, info["state"] != "held") == (200, True)
    await manager.wait_until_running("paused")
    status, info = await api("POST", "clusters", "paused", "release", body={})
    assert (status, info["state"]) == (200, "running"), "a second release changes nothing"


@pytest.mark.parametrize("where", ["af_lab.model.folder.write_private", "af_lab.manager.manager.examine"])
async def test_a_full_disk_is_told_and_leaves_nothing(api: Api, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """`test_full_disk` fills one; here it is full for two of the parts that write."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/home/alice/af-lab/file")

    folders = set((af_lab_home() / "clusters").glob("*"))
    monkeypatch.setattr(where, full)
    status, error = await api("POST", "clusters", body={"name": "squeezed", "workers": 0})
    assert (status, error["code"], error["reason"]) == (409, "StorageError", "The folder cannot be written")
    folder = af_lab_home() if "folder" in where else "/home/alice/af-lab"
    assert error["message"].startswith(f"The disk of {folder} is full: ")
    assert set((af_lab_home() / "clusters").glob("*")) == folders
    monkeypatch.undo()
    assert (await api("GET", "clusters", "squeezed"))[0] == 404


async def test_a_name_that_is_taken_says_where_it_is(api: Api) -> None:
    await api("POST", "clusters", body={"name": "taken", "workers": 0})
    status, error = await api("POST", "clusters", body={"name": "taken", "workers": 0})
    assert (status, error["code"]) == (409, "ClusterExists")
    assert api.headers["Location"] == "/user/alice/af-lab/api/clusters/taken"


async def test_of_two_creations_at_once_one_wins(api: Api, jp_fetch: Callable[..., Any]) -> None:
    answers = await asyncio.gather(
        *(Api(jp_fetch)("POST", "clusters", body={"name": "twice", "workers": 1}) for _ in range(2))
    )
    assert sorted(status for status, _ in answers) == [201, 409]
    assert [told["code"] for status, told in answers if status == 409] == ["ClusterExists"]

    async def alone() -> bool:
        _, listed = await api("GET", "clusters")
        return [cluster["name"] for cluster in listed["clusters"]] == ["twice"]

    await until(alone, "there is one cluster of that name")


async def test_a_kernel_that_lacks_something_is_told(
    api: Api, jp_data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The server of the tests has the packages of this environment there, for all its kernels.
    monkeypatch.delenv("PYTHONPATH", raising=False)
    bare = bare_python(tmp_path)
    folder = jp_data_dir / "kernels" / "bare"
    folder.mkdir(parents=True)
    spec = {"argv": [bare, "-m", "ipykernel"], "display_name": "Bare", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    _, root = await api("GET")
    assert {"name": "bare", "display_name": "Bare", "default": False} in root["kernels"]
    status, error = await api("POST", "clusters", body={"name": "x", "environment": {"kernel": "bare"}})
    assert (status, error["code"]) == (400, "EnvironmentMismatch")
    assert f"{bare} lacks what a cluster needs" in error["message"]
    assert "distributed" in error["message"]
    assert f"{bare} -m pip install af-lab" in error["message"]


async def test_tasks_start_below_the_root_of_the_servers_files(api: Api, jp_root_dir: Path) -> None:
    (jp_root_dir / "analyses" / "dimuon").mkdir(parents=True)
    for directory, expected in (
        ({}, jp_root_dir),
        ({"directory": "analyses/dimuon"}, jp_root_dir / "analyses" / "dimuon"),
        ({"directory": str(jp_root_dir / "analyses")}, jp_root_dir / "analyses"),
    ):
        status, made = await api("POST", "clusters", body={"name": "at", "workers": 0, **directory})
        assert (status, made["spec"]["directory"]) == (201, str(expected))
        await api("DELETE", "clusters", "at")
    status, error = await api("POST", "clusters", body={"name": "at", "directory": "analyses/none"})
    assert status == 400
    assert error["fields"]["directory"].startswith("There is no such folder")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_unknown_name_is_told(api: Api, method: str) -> None:
    status, error = await api(method, "clusters", "nobody")
    assert (status, error["code"]) == (404, "ClusterNotFound")
    assert "nobody" in error["message"]
    assert error["reason"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{bad json", "is not JSON"),
        ("[1]", "an object is expected"),
        ({"name": "a/b"}, "letters, digits"),
        ({"name": "x", "workers": -1}, "greater than or equal to 0"),
        ({"name": "x", "workers": "many"}, "valid integer"),
        ({"name": "x", "colour": "blue"}, "no such field"),
        ({"name": "x", "environment": {"kernel": "none-such"}}, "no kernel 'none-such'"),
        ({"name": "x", "environment": {"path": "/none/such"}}, "no Python"),
        ({"name": "x", "environment": "python3"}, "is allowed"),
        ({"name": "x", "directory": "no/such"}, "there is no such folder"),
        ({"name": "x", "directory": 5}, "valid string"),
    ],
)
async def test_a_wrong_body_is_told_with_what_is_allowed(api: Api, body: Any, says: str) -> None:
    status, error = await api("POST", "clusters", body=body)
    assert (status, error["code"]) == (400, "SpecError"), error
    assert says in error["message"]
    assert (await api("GET", "clusters"))[1]["clusters"] == [], "and nothing happened"


@pytest.mark.parametrize(
    "body",
    [{}, {"workers": -1}, {"workers": True}, {"workers": 2, "name": "y"}, {"cores": 2}, {"idle_timeout": 0}],
)
async def test_a_wrong_change_is_told(api: Api, body: Any) -> None:
    status, error = await api("PATCH", "clusters", "any", body=body)
    assert (status, error["code"]) == (400, "SpecError"), error


async def test_only_the_user_is_answered(api: Api, jp_base_url: str, jp_serverapp: Any, jp_http_port: int) -> None:
    url = f"http://127.0.0.1:{jp_http_port}{jp_base_url}af-lab/api/clusters"
    for headers in ({}, {"Authorization": "token wrong"}):
        with pytest.raises(HTTPClientError) as refused:
            await AsyncHTTPClient().fetch(url, headers=headers)
        assert refused.value.code == 403


async def test_looking_is_no_activity(api: Api, jp_serverapp: Any) -> None:
    await api("POST", "clusters", body={"name": "watched", "workers": 0})
    before = jp_serverapp.web_app.settings["api_last_activity"]
    await api("GET", "clusters")
    await api("GET", "clusters", "watched")
    assert jp_serverapp.web_app.settings["api_last_activity"] == before
    await api("PATCH", "clusters", "watched", body={"workers": 0})
    assert jp_serverapp.web_app.settings["api_last_activity"] > before
