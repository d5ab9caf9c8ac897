"""What to ask for instead of a job that no slot can ever run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from af_lab.condor.fitting import nearest_fit
from af_lab.condor.slots import SlotMatch, room_ever
from tests.condor.made_slots import GB, ONE_CORE, slot

SMALL = slot(cpus=4, memory=8 * GB)
LARGE = slot(cpus=16, memory=31_234_567_890)
WHOLE = slot(cpus=2, memory=4 * GB, partitionable=False)


@pytest.mark.parametrize(
    ("asked", "slots", "instead"),
    [
        ({"cpus": 64}, [SMALL, LARGE], {"cpus": 16}),
        ({"cpus": 64}, [slot(cpus=0, total_cpus=8)], {"cpus": 8}),
        ({"memory": 500 * GB}, [SMALL, LARGE], {"memory": 31_200_000_000}),
        ({"memory": 30 * GB, "cpus": 16}, [SMALL], {"memory": 8 * GB, "cpus": 4}),
        # One amount less is nearer than two, however much it is.
        ({"cpus": 12, "memory": 40 * GB}, [slot(cpus=12, memory=GB), slot(cpus=11, memory=39 * GB)], {"memory": GB}),
        ({"gpus": 2}, [SMALL], {"gpus": 0}),
        ({"gpus": 2}, [SMALL, slot(gpus=1)], {"gpus": 1}),
        ({"disk": 900 * GB}, [SMALL], {"disk": 100 * GB}),
        ({"cpus": 8}, [WHOLE], {"cpus": 2}),
    ],
)
def test_less_is_asked_for(asked: dict[str, Any], slots: list[SlotMatch], instead: dict[str, Any]) -> None:
    request = replace(ONE_CORE, **asked)
    fit = nearest_fit(request, slots)
    assert fit == replace(request, **instead)
    assert any(room_ever(slot, fit) for slot in slots)


@pytest.mark.parametrize(
    "slots",
    [[], [slot(meets=False)], [slot(willing=False)], [slot(arch="aarch64")], [slot(cpus=0)], [slot(memory=0)]],
    ids=["no slot", "requirements", "policy", "architecture", "no core", "no memory"],
)
def test_nothing_fits_if_the_size_is_not_the_reason(slots: list[SlotMatch]) -> None:
    assert nearest_fit(replace(ONE_CORE, cpus=99, arch="X86_64"), slots) is None


@pytest.mark.parametrize("sites", [[], ["elsewhere"]])
def test_other_sites_do_not_count(sites: list[Any]) -> None:
    assert nearest_fit(replace(ONE_CORE, cpus=99, sites=["here"]), [slot(sites=sites)]) is None
