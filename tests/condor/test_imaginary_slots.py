"""Slots of machines that do not exist, told to a collector: many of them, and strange ones."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest

from af_lab.condor.explain import SiteMatch, site_matches
from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.pool import Pool
from af_lab.condor.queue import account
from af_lab.condor.slots import Request, SlotMatch
from af_lab.playground.sizing import PoolSize
from af_lab.worker.protocol import MEGABYTE
from tests.condor.support import configured_pool, use_pool
from tests.support import until

pytestmark = pytest.mark.pool
SLOTS = 2000
SMALL = Request(cpus=1, memory=256 * MEGABYTE, disk=20 * MEGABYTE)
# Tells the collector of machines that do not exist.
ADVERTISE = """
import htcondor2, classad2, json, sys
collector = htcondor2.Collector()
ads = []
for number, given in enumerate(json.load(sys.stdin)):
    address = f"<10.0.{number // 250}.{number % 250}:9618?sock={number}>"
    ad = classad2.ClassAd({
        "MyType": "Machine", "Name": f"slot1@wn{number}", "Machine": f"wn{number}", "MyAddress": address,
        "StartdIpAddr": address, "Arch": "X86_64", "OpSys": "LINUX", "State": "Unclaimed", "Activity": "Idle",
        "PartitionableSlot": True, "Disk": 10**8, "TotalSlotDisk": 10**8,
    })
    for name, expression in given.items():
        ad[name] = classad2.ExprTree(expression)
    ads.append(ad)
for first in range(0, len(ads), 500):
    collector.advertise(ads[first:first + 500], "UPDATE_STARTD_AD", True)
"""


def advertise(ads: list[dict[str, str]]) -> None:
    command = [sys.executable, "-c", ADVERTISE]
    subprocess.run(command, input=json.dumps(ads), text=True, check=True, timeout=120)


@pytest.fixture
def imaginary(collector: HelperConnection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """A pool without any machine of its own."""
    with configured_pool(PoolSize(1, 2**30), {"START": "False"}) as empty:
        use_pool(empty, monkeypatch)
        yield Pool(collector, account())


async def test_thousands_of_slots_are_fine(imaginary: Pool, collector: HelperConnection) -> None:
    filler = {f"Attribute{number}": f'"{"x" * 20}"' for number in range(150)}
    advertise(
        [
            {
                **filler,
                "Cpus": str(number % 17),
                "TotalSlotCpus": "16",
                "Memory": str(2048 * (number % 17)),
                "TotalSlotMemory": "32768",
                "GLIDEIN_Site": f'"T2_{number % 5}"',
                "Start": "TARGET.RequestCpus <= 8",
                "Requirements": "Start && TARGET.RequestMemory <= MY.Memory",
                "ChildRemoteOwner": '{ "a@x", "b@x" }',
                "ChildCpus": f"{{ {16 - number % 17}, 0 }}",
            }
            for number in range(SLOTS)
        ]
    )
    sites = {f"T2_{number}": f'GLIDEIN_Site =?= "T2_{number}"' for number in range(5)}
    request = Request(cpus=1, memory=2048 * MEGABYTE, disk=MEGABYTE)
    assert await collector.acall("parameters", names=[]) == {}, "the helper is there"
    before = computed_for(collector)
    matches = site_matches(request, await imaginary.match(request, sites))
    took = computed_for(collector) - before
    assert matches[-1].site is None, "the machine that this test runs on"
    assert sum(match.ever for match in matches[:-1]) == SLOTS * 16
    assert sum(match.now for match in matches) == sum(number % 17 for number in range(SLOTS))
    overview = await imaginary.overview(sites)
    assert sum(part.busy_cores for part in overview.parts) == sum(16 - number % 17 for number in range(SLOTS))
    # It is 0.5 s, whatever else the machine does; ten times that is another algorithm.
    assert took < 5


def computed_for(connection: HelperConnection) -> float:
    """Return the seconds of a core that this process and a helper have used."""
    assert connection.pid is not None
    used = [process.cpu_times() for process in (psutil.Process(), psutil.Process(connection.pid))]
    return float(sum(times.user + times.system for times in used))


async def test_gpus_that_are_in_use_are_counted_for_ever(imaginary: Pool) -> None:
    gpu = "[ Capability = 8.0; Id = 1 ]"
    machine = {
        "Cpus": "4",
        "TotalSlotCpus": "8",
        "Memory": "8192",
        "TotalSlotMemory": "8192",
        "GPUs": "0",
        "TotalSlotGPUs": "2",
        "GPUs_GPU_1a": gpu,
        "GPUs_GPU_2b": gpu,
        "AssignedGPUs": '"GPU-1a,GPU-2b"',
        "AvailableGPUs": "{ }",
        "Requirements": "TARGET.RequestGPUs =?= undefined || MY.GPUs >= TARGET.RequestGPUs",
    }
    advertise([machine])

    async def room(capability: str) -> SiteMatch:
        requirements = "countMatches(MY.RequireGPUs, TARGET.AvailableGPUs) >= RequestGPUs"
        attributes = {"RequireGPUs": f"Capability >= {capability}"}
        request = Request(1, 1024 * MEGABYTE, MEGABYTE, gpus=1, requirements=requirements, attributes=attributes)
        return site_matches(request, await imaginary.match(request, {"here": 'Machine == "wn0"'}))[0]

    assert await room("7.5") == SiteMatch("here", 0, 2)
    assert await room("9.0") == SiteMatch("here", 0, 0)


async def test_machines_of_other_systems_and_parts_of_slots_are_not_counted(imaginary: Pool) -> None:
    large = {"Cpus": "100", "TotalSlotCpus": "100", "Memory": "1000000", "Requirements": "true"}
    advertise([large, large | {"OpSys": '"WINDOWS"'}, large | {"DynamicSlot": "true", "PartitionableSlot": "false"}])
    request = Request(1, 1024 * MEGABYTE, MEGABYTE)
    assert site_matches(request, await imaginary.match(request, {})) == (SiteMatch(None, 100, 100),)
    assert (await imaginary.overview({})).cores == 101


async def test_requests_of_one_look_see_the_same_slots(imaginary: Pool) -> None:
    ad = {"Cpus": "8", "Memory": "8000", "TotalSlotCpus": "8", "TotalSlotMemory": "8000"}
    large = replace(SMALL, cpus=4, memory=2**32)

    async def advertised(number: int) -> None:
        advertise([ad] * number)

        async def there() -> bool:
            return len(of_machines(await imaginary.match(SMALL, {}))) == number

        await until(there, f"{number} slots are known")

    await advertised(1)
    async with imaginary.one_look() as look:
        seen = of_machines(await look.match(SMALL, {}))
        await advertised(2)
        assert len(of_machines(await look.match(large, {}))) == 1
        assert of_machines(await look.match(SMALL, {})) == seen, "another request leaves the slot as it was"
    async with imaginary.one_look() as look:
        assert len(of_machines(await look.match(SMALL, {}))) == 2


def of_machines(slots: list[SlotMatch]) -> list[SlotMatch]:
    """Leave out the pool's own slot."""
    return [slot for slot in slots if slot.machine.startswith("wn")]
