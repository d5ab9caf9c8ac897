"""The pool as its collector knows it, and jobs laid beside its slots."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from af_lab.condor.explain import SiteMatch, explain, site_matches
from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.job import JobStatus
from af_lab.condor.pool import Pool, PoolPart
from af_lab.condor.queue import Queue, account
from af_lab.condor.slots import Request, SlotMatch
from af_lab.errors import CondorError, CondorUnavailable
from af_lab.playground.personal_pool import PersonalPool
from af_lab.playground.sizing import PoolSize
from af_lab.worker.protocol import MEGABYTE
from tests.condor.support import SLEEP, ConfiguredPool, configured_pool, use_pool
from tests.support import until

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
SMALL = Request(cpus=1, memory=256 * MEGABYTE, disk=20 * MEGABYTE)


"""Of imaginary machines."""


@pytest.fixture(scope="module")
def mixed_pool() -> Iterator[ConfiguredPool]:
    with configured_pool(PoolSize(10, 9216 * MEGABYTE), SETTINGS) as pool:
        yield pool


@pytest.fixture
def pool(mixed_pool: ConfiguredPool, collector: HelperConnection, monkeypatch: pytest.MonkeyPatch) -> Pool:
    use_pool(mixed_pool, monkeypatch)
    return Pool(collector, account())


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
    with pytest.raises(CondorError, match=r"'Memory > \(' is not a ClassAd expression"):
        await pool.match(Request(1, MEGABYTE, MEGABYTE, requirements="Memory > ("), {})
    with pytest.raises(CondorError, match="'a b' is not a ClassAd expression"):
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
        pool = Pool(collector, account())
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
    asked = Pool(frozen, account())
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
