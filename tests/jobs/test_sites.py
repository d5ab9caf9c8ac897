"""Where workers run, what they ask for, and what is passed on to them."""

from __future__ import annotations

import os
import platform
import subprocess
from typing import Any

import dask.config
import pytest

from af_lab.errors import SpecError
from af_lab.home import af_lab_home
from af_lab.jobs import sites
from af_lab.manager.manager import ClusterManager
from af_lab.model import ads
from af_lab.model.spec import make_spec
from tests.faults.support import client_of, connected
from tests.support import jobs_left, until

# The slots of the pool that the tests run in all have a name of their machine, and none of them this one.
HERE = 'Machine =!= undefined && Machine =!= "elsewhere"'
THERE = 'Machine =?= "elsewhere"'


def with_sites(**given: Any) -> dask.config.set:
    return dask.config.set({"af-lab.sites": given})


async def waits_in_the_queue(manager: ClusterManager, name: str, workers: int) -> bool:
    counts = (await manager.get(name)).counts
    return (counts.waiting, counts.in_slots) == (workers, 0)


@pytest.mark.pool
async def test_workers_run_only_at_their_sites_and_tell_where(manager: ClusterManager) -> None:
    chosen = {"at-one": ["here"], "at-another": ["there"], "at-either": ["there", "here"], "anywhere": []}
    with with_sites(here={"requirements": HERE}, there={"requirements": THERE, "label": "Far away"}):
        for name, names in chosen.items():
            await manager.create(make_spec({"name": name, "workers": 1, "sites": names}))
    for name in chosen:
        await manager.wait_until_running(name)
    for name in ("at-one", "at-either", "anywhere"):
        await connected(manager, name, 1)

        async def told(name: str = name) -> bool:
            (worker,) = await manager.workers(name)
            return worker.site == "here"

        await until(told, f"the worker of {name!r} is told to be at the site")
    assert await waits_in_the_queue(manager, "at-another", 1)
    (waiting,) = await manager.workers("at-another")
    assert (waiting.state, waiting.site) == ("waiting", None)


@pytest.mark.pool
async def test_the_site_is_told_by_the_queue_as_well(manager: ClusterManager) -> None:
    # Quotes and dollar signs in an expression are HTCondor's, not the submit language's.
    odd = 'regexp("^[A-Za-z0-9_.-]+$", Machine) && Machine =!= "$(c)"'
    with with_sites(there={"requirements": THERE}, odd={"requirements": odd}):
        info = (await manager.create(make_spec({"name": "odd", "workers": 1}))).info

    async def matched() -> bool:
        found = await manager.queue.query(f"{ads.SCHEDULER} =?= {info.id}", ads.PROJECTION)
        return [ads.WorkerJob.from_ad(ad).site for ad in found] == ["odd"]

    await until(matched, "the worker job's ad tells its site")


@pytest.mark.pool
async def test_what_no_slot_offers_is_waited_for(manager: ClusterManager) -> None:
    own = {"x86_64": "x86_64", "aarch64": "aarch64"}[platform.machine()]
    other = {"x86_64": "aarch64", "aarch64": "x86_64"}[own]
    await manager.create(make_spec({"name": "own", "workers": 1, "arch": own}))
    await manager.create(make_spec({"name": "other", "workers": 1, "arch": other}))
    graphics = (await manager.create(make_spec({"name": "graphics", "workers": 2, "gpus": 2}))).info
    for name in ("own", "other", "graphics"):
        await manager.wait_until_running(name)
    await connected(manager, "own", 1)
    assert await waits_in_the_queue(manager, "other", 1)
    assert await waits_in_the_queue(manager, "graphics", 2)
    found = await manager.queue.query(f"{ads.SCHEDULER} =?= {graphics.id}", ["RequestGPUs"])
    assert [ad["RequestGPUs"] for ad in found] == [2, 2]


@pytest.mark.pool
async def test_submit_commands_and_attributes_reach_the_worker_jobs_as_they_were_written(
    manager: ClusterManager,
) -> None:
    text = "a \"b\" 'c' $(d) $ENV(HOME); include command : touch /tmp/x"
    submit = {"+Project": text, "My.Share": 2.5, "+Nights": -3, "+Urgent": True, "priority": 7}
    of_site = {"+WantNorth": True, "concurrency_limits": "north:2"}
    with with_sites(north={"requirements": HERE, "submit": of_site}):
        info = (
            await manager.create(
                make_spec({"name": "extra", "workers": 1, "sites": ["north"], "submit": {**submit, "nice_user": False}})
            )
        ).info
    wanted = {"Project": text, "Share": 2.5, "Nights": -3, "Urgent": True, "JobPrio": 7, "WantNorth": True}
    (found,) = await manager.queue.query(
        f"{ads.SCHEDULER} =?= {info.id}", [*wanted, "ConcurrencyLimits", ads.SCHEMA_ATTRIBUTE]
    )
    assert {name: found.get(name) for name in wanted} == wanted
    assert found["ConcurrencyLimits"] == "north:2"
    assert found[ads.SCHEMA_ATTRIBUTE] == ads.SCHEMA
    (scheduler,) = await manager.queue.query(f"ClusterId == {info.id}", ["WantNorth", "Project"])
    assert "WantNorth" not in scheduler


@pytest.mark.pool
async def test_environment_variables_reach_scheduler_and_workers_and_stand_in_no_ad(manager: ClusterManager) -> None:
    value = "hidden-5d1c \"quoted\" 'twice' $HOME `id`\nand a second line"
    await manager.create(make_spec({"name": "told", "workers": 1, "variables": {"TOKEN": value, "EMPTY": ""}}))
    async with client_of(manager, "told") as client:
        await connected(manager, "told", 1)

        def seen() -> tuple[str | None, str | None]:
            return os.environ.get("TOKEN"), os.environ.get("EMPTY")

        assert list((await client.run(seen)).values()) == [(value, "")]
        assert await client.run_on_scheduler(seen) == (value, "")
    written = subprocess.run(["condor_q", "-long"], check=True, capture_output=True, text=True, timeout=60).stdout
    info = await manager.get("told")
    assert ads.NAME in written
    assert "hidden-5d1c" not in written + info.model_dump_json()
    assert info.spec.variables == {"TOKEN": "", "EMPTY": ""}


@pytest.mark.pool
async def test_sites_that_contradict_each_other_are_refused_before_anything_is_submitted(
    manager: ClusterManager,
) -> None:
    folders = set((af_lab_home() / "clusters").glob("*"))
    north = {"requirements": HERE, "submit": {"accounting_group": "north", "priority": 1}}
    south = {"requirements": HERE, "submit": {"accounting_group": "south", "priority": 1}}
    with with_sites(north=north, south=south):
        with pytest.raises(SpecError, match=r"north, south cannot be used by one cluster: .* of accounting_group"):
            await manager.create(make_spec({"name": "both", "sites": ["south", "north"]}))
        assert await jobs_left(manager.queue) == 0
        assert set((af_lab_home() / "clusters").glob("*")) == folders
        await manager.create(make_spec({"name": "one", "workers": 0, "sites": ["north"]}))


def test_an_unknown_site_is_refused_with_those_that_there_are() -> None:
    with (
        with_sites(north={"requirements": HERE}, south={"requirements": THERE}),
        pytest.raises(SpecError, match=r"there is no site 'east'; there are: north, south"),
    ):
        make_spec({"sites": ["north", "east"]})


@pytest.mark.parametrize(
    ("site", "says"),
    [
        pytest.param({}, "needs `requirements`", id="empty"),
        pytest.param("Machine == 1", "needs `requirements`", id="text"),
        pytest.param({"requirements": HERE, "submit": ["x"]}, "must map names to values", id="list"),
        pytest.param({"requirements": HERE, "submit": {"executable": "x"}}, "cannot be set", id="command"),
        pytest.param({"requirements": "a == $$(b)"}, "cannot be used", id="macro"),
        pytest.param({"requirements": 'regexp("\\w", Machine)'}, "has a backslash", id="backslash"),
        pytest.param({"requirements": 'strcat("x])", Machine)'}, r"ends such an expression too early", id="bracket"),
    ],
)
def test_a_site_that_is_configured_wrongly_is_told_with_its_name(site: Any, says: str) -> None:
    with with_sites(north=site), pytest.raises(SpecError, match=rf"site 'north' .*{says}"):
        sites.configured()


def test_an_expression_may_stand_on_several_lines() -> None:
    with with_sites(north={"requirements": "Machine =!= undefined\n  && Cpus > 1\n"}):
        assert sites.requirements(["north"]) == "((Machine =!= undefined   && Cpus > 1))"
