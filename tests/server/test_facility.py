"""What the server tells of itself and of the pool."""

from __future__ import annotations

from typing import Any

import dask.config
import pytest

from tests.server.support import Api

pytestmark = pytest.mark.pool


async def test_the_root_tells_what_may_be_asked_for(api: Api) -> None:
    site = {"here": {"label": "Here", "requirements": 'OpSys =?= "LINUX"'}}
    with dask.config.set({"af-lab.limits.cores": 40, "af-lab.sites": site}):
        status, root = await api("GET")
    assert status == 200
    assert root["api"] == 2
    assert root["bounds"]["cores"] == {"minimum": 1, "maximum": 1024}
    assert root["health"] == {"ok": True, "message": None, "code": None, "seen": None}
    assert root["limits"] == {"clusters": 20, "workers": 2000, "cores": 40}
    assert (root["defaults"]["workers"], root["defaults"]["memory"]) == (2, 2_000_000_000)
    assert root["sites"] == [{"name": "here", "label": "Here"}]
    assert root["kernels"][0]["default"]
    assert root["kernels"][0]["name"] == "python3"


async def test_the_pool_is_told_by_site(api: Api) -> None:
    with dask.config.set({"af-lab.sites": {"here": {"requirements": 'OpSys =?= "LINUX"'}}}):
        status, pool = await api("GET", "pool")
    assert status == 200
    assert pool["cores"] == 16
    assert [part["site"] for part in pool["parts"]] == ["here"]
    assert pool["parts"][0]["memory"] == 32_000_000_000 // 2**20 * 2**20


async def test_a_specification_is_laid_beside_the_pool(api: Api) -> None:
    _, room = await api("POST", "match", body={"cores": 4, "memory": "2 GB"})
    # A slot of an earlier test may not be free yet.
    assert room["now"] in (3, 4)
    sites = [{"site": None, "now": room["now"], "ever": 4}]
    assert room == {"now": room["now"], "ever": 4, "sites": sites, "never": [], "fits": None}
    for body, says, fits in (
        (
            {"memory": "900 GB"},
            "the largest has 16 cores and 32 GB, asked for 1 core and 900 GB. Ask for less memory.",
            {"memory": 31_900_000_000},
        ),
        (
            {"cores": 500},
            "the largest has 16 cores, asked for 500 cores in each job. Ask for fewer cores.",
            {"cores": 16},
        ),
        ({"gpus": 2}, "none has a GPU, asked for 2 GPUs. Ask for none.", {"gpus": 0}),
    ):
        _, room = await api("POST", "match", body=body)
        assert (room["ever"], room["never"]) == (0, [f"No slot of the pool can ever run this: {says}"])
        usual: dict[str, Any] = {"cores": 1, "memory": 2_000_000_000, "gpus": 0, "arch": None, "sites": []}
        assert room["fits"] == {"disk": room["fits"]["disk"]} | usual | fits
        _, room = await api("POST", "match", body=room["fits"])
        assert room["ever"] > 0


async def test_what_fits_is_looked_for_elsewhere_too(api: Api) -> None:
    with dask.config.set({"af-lab.sites": {"moon": {"requirements": "TARGET.OnTheMoon =?= true"}}}):
        _, room = await api("POST", "match", body={"sites": ["moon"], "arch": "ppc64le", "cores": 17})
        fits = room["fits"]
        assert (room["ever"], fits["sites"], fits["arch"], fits["cores"]) == (0, [], None, 16)
        lines = {"requirements": "TARGET.OnTheMoon =?= true"}
        _, room = await api("POST", "match", body={"submit": lines})
        assert (room["ever"], room["fits"]) == (0, None), "less does not help"


async def test_unknown_sites_do_not_match(api: Api) -> None:
    status, error = await api("POST", "match", body={"sites": ["Atlantis"]})
    assert (status, error["code"]) == (400, "SpecError")
    assert "there is no site 'Atlantis'" in error["message"]
    assert list(error["fields"]) == ["sites"]


@pytest.mark.parametrize(
    ("limit", "body", "says"),
    [
        ({"clusters": 1}, {"name": "two", "workers": 0}, "at most 1 cluster at a time, and you have 1: one"),
        ({"workers": 3}, {"name": "two", "workers": 4}, "A cluster may have at most 3 workers, not 4"),
        ({"cores": 6}, {"name": "two", "workers": 5}, "which leaves 4 for this one, not 5"),
    ],
)
async def test_limits_are_told(api: Api, limit: dict[str, int], body: dict[str, object], says: str) -> None:
    await api("POST", "clusters", body={"name": "one", "workers": 2, "cores": 1})
    with dask.config.set({f"af-lab.limits.{name}": value for name, value in limit.items()}):
        status, error = await api("POST", "clusters", body=body)
        assert (status, error["code"]) == (409, "LimitExceeded")
        assert says in error["message"]
        assert [error["limit"]] == list(limit)
        if "workers" in limit:
            status, error = await api("PATCH", "clusters", "one", body={"workers": 4})
            assert (status, error["code"]) == (409, "LimitExceeded")


async def test_pages_of_the_list(api: Api) -> None:
    for name in ("a", "b.1", "b"):
        await api("POST", "clusters", body={"name": name, "workers": 0})
    seen, cursor = [], ""
    while cursor is not None:
        _, page = await api("GET", "clusters", limit="1", cursor=cursor)
        seen += [cluster["name"] for cluster in page["clusters"]]
        cursor = page["cursor"]
    assert seen == ["a", "b", "b.1"]


async def test_the_documents_are_served(api: Api) -> None:
    status, document = await api("GET", "openapi.yaml")
    assert (status, api.headers["Content-Type"]) == (200, "application/yaml")
    assert b"openapi: 3.1" in document
    status, schema = await api("GET", "events.schema.json")
    assert status == 200
    assert b"openapi.yaml#/components/schemas/Cluster" in schema
