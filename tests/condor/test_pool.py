from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from af_lab.condor.explain import SiteMatch, explain, site_matches
from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.job import JobStatus
from af_lab.condor.pool import Pool, PoolPart
from af_lab.condor.queue import Queue, account
from af_lab.condor.slots import MEGABYTE, Request, SlotMatch
from af_lab.errors import CondorError, CondorUnavailable
from af_lab.playground.personal_pool import PersonalPool
from af_lab.playground.sizing import PoolSize
from tests.condor.support import SLEEP, ConfiguredPool, configured_pool, use_pool
from tests.support import LIMIT, until

pytestmark = pytest.mark.pool

# One partitionable slot, two static ones, and a policy that looks at the job as facilities write it.
SETTINGS = {
    "NUM_SLOTS": "3",
    "NUM_SLOTS_TYPE_1": "1",
    "SLOT_TYPE_1": "cpus=8, memory=8192, disk=50%",
    "NUM_SLOTS_TYPE_2": "2",
    "SLOT_TYPE_2": "cpus=1, memory=512, disk=5%",
    "SLOT_TYPE_2_PARTITIONABLE": "False",
    "GLIDEIN_Site": '"T2_IT_Legnaro"',
    "SLOT_TYPE_2_GLIDEIN_Site": '"T3_Desk"',
    "SLOT_TYPE_1_STARTD_ATTRS": "GLIDEIN_Site",
    "SLOT_TYPE_2_STARTD_ATTRS": "GLIDEIN_Site",
    "START": f'(Owner == "{account()}") && (AcctGroup =!= "unwanted") && (TARGET.RequestCpus < 7)',
    "NEGOTIATOR_INTERVAL": "2",
}
SITES = {"Legnaro": 'GLIDEIN_Site == "T2_IT_Legnaro"', "Nowhere": "NoSuchAttribute", "Desk": "SlotTypeID == 2"}
SLOTS = 2000
"""Of imaginary machines."""
SMALL = Request(cpus=1, memory=256 * MEGABYTE, disk=20 * MEGABYTE)


@pytest.fixture(scope="module")
def mixed_pool() -> Iterator[ConfiguredPool]:
    with configured_pool(PoolSize(10, 9216 * MEGABYTE), SETTINGS) as pool:
        yield pool


@pytest.fixture
def collector() -> Iterator[HelperConnection]:
    connection = HelperConnection(LIMIT)
    yield connection
    connection.close()


@pytest.fixture
def pool(mixed_pool: ConfiguredPool, collector: HelperConnection, monkeypatch: pytest.MonkeyPatch) -> Pool:
    use_pool(mixed_pool, monkeypatch)
    return Pool(collector)


@pytest.fixture
def jobs(pool: Pool, queue: Queue) -> Queue:
    """The queue of the mixed pool."""
    return queue


async def empty_slots(pool: Pool, request: Request = SMALL) -> list[SlotMatch]:
    """Return the slots once the jobs of earlier tests have left them."""
    slots: list[SlotMatch] = []

    async def empty() -> bool:
        slots[:] = await pool.match(request, SITES)
        return len(slots) == 3 and all(slot.cpus == slot.total_cpus for slot in slots)

    await until(empty, "three empty slots")
    return slots


async def test_slots_are_laid_beside_a_request(pool: Pool) -> None:
    slots = {slot.name: slot for slot in await empty_slots(pool)}
    large = slots["slot1@localhost"]
    assert (large.partitionable, large.cpus, large.total_cpus, large.gpus) == (True, 8, 8, 0)
    assert large.memory == large.total_memory == 8192 * MEGABYTE
    assert (large.arch, large.state, large.machine) == ("X86_64", "Unclaimed", "localhost")
    assert (large.meets, large.willing, large.draining, large.owners) == (True, True, False, {})
    assert large.site == "Legnaro"
    small = slots["slot2@localhost"]
    assert (small.partitionable, small.total_cpus, small.total_memory) == (False, 1, 512 * MEGABYTE)
    assert small.site == "Desk"
    expected = (SiteMatch("Desk", 2, 2), SiteMatch("Legnaro", 8, 8))
    assert site_matches(SMALL, list(slots.values())) == expected


async def test_requirements_are_evaluated_as_the_negotiator_does(pool: Pool) -> None:
    async def meeting(requirements: str) -> list[bool]:
        await empty_slots(pool)
        request = Request(cpus=1, memory=MEGABYTE, disk=MEGABYTE, requirements=requirements)
        return [slot.meets for slot in sorted(await pool.match(request, {}))]

    assert await meeting("true") == [True, True, True]
    assert await meeting("TARGET.Memory > 1000") == [True, False, False]
    assert await meeting("Memory > 1000 && RequestCpus == 1") == [True, False, False]
    assert await meeting("NoSuchAttribute") == [False, False, False]
    assert await meeting("1 / 0 == 1") == [False, False, False]
    assert await meeting('regexp("T2", GLIDEIN_Site)') == [True, False, False]


async def test_requirements_hold_for_the_whole_slot_whatever_is_free(pool: Pool, jobs: Queue) -> None:
    await empty_slots(pool)
    await jobs.submit(SLEEP | {"request_cpus": "6", "request_memory": "6000", "request_disk": "10 MB"})
    request = Request(cpus=4, memory=4096 * MEGABYTE, disk=MEGABYTE, requirements="TARGET.Cpus >= RequestCpus")
    found: list[SlotMatch] = []

    async def started() -> bool:
        found[:] = [slot for slot in await pool.match(request, {}) if slot.partitionable]
        return found[0].cpus == 2

    await until(started, "the job has its cores")
    (large,) = found
    assert (large.meets, large.willing, large.owners) == (True, True, {jobs.owner: 6})
    assert site_matches(request, found) == (SiteMatch(None, 0, 2),)


async def test_a_slot_whose_policy_refuses_the_job_is_told(pool: Pool) -> None:
    attributes = {"AcctGroup": '"unwanted"'}
    slots = await empty_slots(pool, Request(SMALL.cpus, SMALL.memory, SMALL.disk, attributes=attributes))
    assert [slot.willing for slot in slots] == [False] * 3
    assert [slot.willing for slot in await empty_slots(pool)] == [True] * 3
    seven = Request(cpus=7, memory=MEGABYTE, disk=MEGABYTE)
    slots = await empty_slots(pool, seven)
    assert site_matches(seven, slots) == (SiteMatch("Desk", 0, 0), SiteMatch("Legnaro", 0, 0))
    told = explain(seven, slots, owner=pool.owner, waiting_since=[time.time()])
    assert "the policy (START) of all 3 slots refuses your jobs" in told.reasons[0]


async def test_an_expression_that_is_none_is_named(pool: Pool) -> None:
    with pytest.raises(CondorError, match=r"'Memory > \(' is no ClassAd expression"):
        await pool.match(Request(1, MEGABYTE, MEGABYTE, requirements="Memory > ("), {})
    with pytest.raises(CondorError, match="'a b' is no ClassAd expression"):
        await pool.overview({"T2": "a b"})


async def test_as_many_jobs_start_as_were_foretold(pool: Pool, jobs: Queue) -> None:
    # Of 8 cores and 8192 MB.
    large = Request(cpus=1, memory=1500 * MEGABYTE, disk=20 * MEGABYTE, sites=["Legnaro"])
    (site,) = site_matches(large, await empty_slots(pool, large))
    assert site == SiteMatch("Legnaro", 5, 5)
    description = SLEEP | {"request_memory": "1500", "request_disk": "20 MB", "requirements": SITES["Legnaro"]}
    await jobs.submit(description | {"accounting_group": "group_cms"}, 7)
    submitted = time.time()

    async def running(number: int) -> bool:
        return len(await jobs.query(f"JobStatus == {JobStatus.RUNNING}", ["ClusterId"])) == number

    await until(lambda: running(5), "five jobs run")
    # Whoever came later runs elsewhere: slots were handed out again, and this one takes no more.
    elsewhere = SLEEP | {"request_memory": "256", "request_disk": "10 MB", "requirements": SITES["Desk"]}
    await jobs.submit(elsewhere | {"accounting_group_user": "somebody"})
    await until(lambda: running(6), "the other job runs")
    slots: list[SlotMatch] = []

    async def seen() -> bool:
        slots[:] = await pool.match(large, SITES)
        return sum(slot.total_cpus - slot.cpus for slot in slots) == 6

    await until(seen, "the collector knows")
    assert len(slots) == 3, "dynamic slots are parts of their partitionable one"
    told = explain(large, slots, owner=pool.owner, waiting_since=[submitted] * 2, shares=await pool.shares())
    assert told.summary == "2 wait in the queue: 1 slot matches, all busy"
    assert (told.now, told.ever) == (0, 5)
    assert "others use 0 of its 8 cores (0 %), you 5." in told.reasons[0]
    assert "enough of everything else free, but at most 537 MB of memory left, asked for 1.57 GB" in told.reasons[1]

    overview = await pool.overview(SITES)
    assert [(part.site, part.slots, part.busy_cores) for part in overview.parts] == [("Desk", 2, 1), ("Legnaro", 1, 5)]

    due = {(f"group_cms.{pool.owner}", 5, True), ("somebody", 1, False)}
    used: set[tuple[str, float, bool]] = set()

    async def charged() -> bool:
        used.clear()
        used.update({(share.owner, share.cores, share.own) for share in await pool.shares() if share.cores})
        return due <= used

    with contextlib.suppress(TimeoutError):
        await until(charged, "the accountant knows")
    # On a busy machine the accountant may tell of an earlier test's job for minutes.
    assert due <= used
    period = await pool.negotiation_period()
    assert period is None or 1 <= period < 60
    own = next(share for share in await pool.shares() if share.own and share.cores)
    assert own.priority >= own.factor / 2 > 0


async def test_the_overview_sums_up_by_site_and_architecture(pool: Pool) -> None:
    await empty_slots(pool)
    overview = await pool.overview(SITES)
    memory = 8192 * MEGABYTE
    assert overview.parts == (
        PoolPart("Desk", "X86_64", 2, 2, 0, 1024 * MEGABYTE, 0, 0, 0),
        PoolPart("Legnaro", "X86_64", 1, 8, 0, memory, 0, 0, 0),
    )
    assert (overview.cores, overview.busy_cores) == (10, 0)
    without = await pool.overview({})
    assert [(part.site, part.slots) for part in without.parts] == [(None, 3)]


async def test_a_static_slot_in_use_is_busy(pool: Pool, jobs: Queue) -> None:
    await empty_slots(pool)
    await jobs.submit(SLEEP | {"request_memory": "256", "request_disk": "10 MB", "requirements": SITES["Desk"]})

    async def busy() -> bool:
        return (await pool.overview(SITES)).parts[0].busy_cores == 1

    await until(busy, "one static slot is in use")
    slots = await pool.match(SMALL, SITES)
    assert site_matches(SMALL, slots)[0] == SiteMatch("Desk", 1, 2)
    assert [slot.owners for slot in slots if slot.cpus == 0] == [{pool.owner: 1}]


async def test_a_drained_slot_has_room_later(pool: Pool) -> None:
    await empty_slots(pool)
    subprocess.run(["condor_drain", "slot1@localhost"], check=True, capture_output=True, timeout=60)

    async def drained(state: bool) -> bool:
        return [slot.draining for slot in await pool.match(SMALL, SITES) if slot.partitionable] == [state]

    try:
        await until(lambda: drained(True), "the slot is drained")
        assert site_matches(SMALL, await pool.match(SMALL, SITES))[1] == SiteMatch("Legnaro", 0, 8)
    finally:
        subprocess.run(["condor_drain", "-cancel", "slot1@localhost"], check=True, capture_output=True, timeout=60)
    await until(lambda: drained(False), "the slot works again")


async def test_where_the_accountant_says_nothing_there_are_no_shares(
    collector: HelperConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"NEGOTIATOR_ADVERTISE_ACCOUNTING": "False"}
    with configured_pool(PoolSize(1, 2**30), settings) as silent:
        use_pool(silent, monkeypatch)
        pool = Pool(collector)
        assert await pool.shares() == []
        no_negotiator(silent)

        async def gone() -> bool:
            return await pool.negotiation_period() is None

        assert await pool.negotiation_period() != 0
        await until(gone, "the negotiator is gone")
        assert await pool.shares() == []
        assert (await pool.overview({})).cores == 1


def no_negotiator(pool: PersonalPool) -> None:
    environment = pool.environment()
    command = ["condor_off", "-fast", "-daemon", "negotiator"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)


async def test_a_frozen_collector_ends_the_calls_in_time_and_nothing_blocks(
    pool: Pool, mixed_pool: ConfiguredPool
) -> None:
    await empty_slots(pool)
    frozen = HelperConnection(3)
    found = re.findall(r'condor_collector", pid and pgroup = (\d+)', (mixed_pool.log / "MasterLog").read_text())
    os.kill(int(found[-1]), signal.SIGSTOP)
    stalls: list[float] = []

    async def probe() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            stalls.append(time.perf_counter() - before - 0.005)

    probing = asyncio.create_task(probe())
    asked = Pool(frozen)
    try:
        began = time.monotonic()
        answers = await asyncio.gather(
            asked.match(SMALL, SITES), asked.overview(SITES), asked.shares(), return_exceptions=True
        )
        took = time.monotonic() - began
    finally:
        os.kill(int(found[-1]), signal.SIGCONT)
        probing.cancel()
    assert all(isinstance(answer, CondorUnavailable) for answer in answers), answers
    assert "within 3 s" in str(answers[0])
    assert took < 3 * 3
    assert max(stalls) < 2, "the event loop stood still"

    async def again() -> bool:
        try:
            return len(await asked.match(SMALL, SITES)) == 3
        except CondorUnavailable:
            return False

    await until(again, "the collector answers again")
    frozen.close()


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
        yield Pool(collector)


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
