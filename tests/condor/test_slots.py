"""How many jobs a slot has room for."""

from __future__ import annotations

from typing import Any

import pytest

from af_lab.condor.explain import SiteMatch, site_matches
from af_lab.condor.slots import Request, room_ever, room_now
from tests.condor.made_slots import GB, GIB, MIB, ONE_CORE, busy, slot


def test_a_partitionable_slot_has_room_for_as_many_as_its_scarcest_resource_allows() -> None:
    free = {"cpus": 6, "memory": 5 * GIB, "disk": 40 * GB}
    one = Request(cpus=1, memory=GIB, disk=GB)
    assert room_now(slot(**free), one) == 5
    assert room_now(slot(**free), Request(cpus=4, memory=GIB, disk=GB)) == 1
    assert room_now(slot(**free), Request(cpus=1, memory=GIB, disk=30 * GB)) == 1
    assert room_now(slot(**free, gpus=2), Request(cpus=1, memory=GIB, disk=GB, gpus=1)) == 2
    assert room_now(slot(**free), Request(cpus=1, memory=GIB, disk=GB, gpus=1)) == 0


def test_how_many_fit_ever_counts_what_is_in_use_now() -> None:
    half = slot(cpus=4, total_cpus=8, memory=8 * GIB, total_memory=16 * GIB)
    request = Request(cpus=1, memory=GIB, disk=GB)
    assert (room_now(half, request), room_ever(half, request)) == (4, 8)


def test_memory_is_given_in_pieces_of_128_mebibytes_except_to_the_last() -> None:
    request = Request(cpus=1, memory=1000 * MIB, disk=GB)
    # 1024 are taken for each; the fourth is content with what is left.
    assert room_now(slot(memory=4 * 1024 * MIB), request) == 4
    assert room_now(slot(memory=(3 * 1024 + 1000) * MIB), request) == 4
    assert room_now(slot(memory=(3 * 1024 + 999) * MIB), request) == 3


def test_a_static_slot_runs_one_job() -> None:
    static = {"partitionable": False, "cpus": 8}
    assert (room_now(slot(**static), ONE_CORE), room_ever(slot(**static), ONE_CORE)) == (1, 1)
    claimed = slot(**static, state="Claimed")
    assert (room_now(claimed, ONE_CORE), room_ever(claimed, ONE_CORE)) == (0, 1)
    small = slot(**static, memory=GB)
    assert (room_now(small, ONE_CORE), room_ever(small, ONE_CORE)) == (0, 0)


@pytest.mark.parametrize("refused", [{"willing": False}, {"meets": False}, {"arch": "aarch64"}, {"sites": ["T2_Y"]}])
def test_a_slot_that_job_or_slot_refuses_is_not_counted(refused: dict[str, Any]) -> None:
    request = Request(cpus=1, memory=GB, disk=GB, arch="X86_64", sites=["T2_X"])
    fits = slot(sites=["T2_X"])
    assert (room_now(fits, request), room_ever(fits, request)) == (8, 8)
    other = fits._replace(**refused)
    assert (room_now(other, request), room_ever(other, request)) == (0, 0)


def test_a_slot_that_is_drained_has_room_later() -> None:
    # While it is drained its START refuses everybody.
    drained = slot(draining=True, willing=False)
    assert (room_now(drained, ONE_CORE), room_ever(drained, ONE_CORE)) == (0, 8)


def test_room_is_counted_by_site() -> None:
    slots = [slot(sites=["B"]), slot(sites=["A", "B"]), busy(sites=["A"]), slot(), slot(sites=["C"], meets=False)]
    assert site_matches(ONE_CORE, slots) == (
        SiteMatch("A", 8, 16),
        SiteMatch("B", 8, 8),
        SiteMatch("C", 0, 0),
        SiteMatch(None, 8, 8),
    )
    some = Request(cpus=1, memory=2 * GB, disk=GB, sites=["B", "D"])
    assert site_matches(some, slots) == (SiteMatch("B", 16, 16), SiteMatch("D", 0, 0))
