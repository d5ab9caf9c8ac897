"""Why jobs wait, for slots and jobs made up here."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from af_lab.condor.explain import Explanation, explain, explain_start
from af_lab.condor.holds import Held
from af_lab.condor.limits import ScheddLimits, ScheddUse
from af_lab.condor.pool import Share
from af_lab.condor.slots import Request, SlotMatch, room_now
from tests.condor.made_slots import GB, ONE_CORE, busy, slot

NOW = 1_800_000_000.0
amounts = st.integers(0, 40)
slots = st.builds(
    lambda cpus, memory, gpus, used, **rest: slot(
        total_cpus=cpus,
        total_memory=memory * GB,
        total_gpus=gpus,
        cpus=cpus * used // 10,
        memory=memory * used // 10 * GB,
        gpus=gpus * used // 10,
        **rest,
    ),
    amounts,
    amounts,
    st.integers(0, 4),
    st.integers(0, 10),
    partitionable=st.booleans(),
    state=st.sampled_from(["Unclaimed", "Claimed", "Drained", "Owner"]),
    draining=st.booleans(),
    arch=st.sampled_from(["X86_64", "aarch64"]),
    sites=st.lists(st.sampled_from("ABC"), max_size=2, unique=True),
    meets=st.booleans(),
    willing=st.booleans(),
    owners=st.dictionaries(st.sampled_from(["me", "other"]), st.floats(0, 8)),
)
requests = st.builds(
    Request,
    cpus=st.integers(1, 8),
    memory=st.integers(1, 50 * GB),
    disk=st.just(GB),
    gpus=st.integers(0, 2),
    requirements=st.none() | st.just("HasCVMFS"),
    arch=st.none() | st.just("X86_64"),
    sites=st.lists(st.sampled_from("AB"), max_size=2, unique=True),
)


def told(request: Request, slots: list[SlotMatch], waiting: int = 8, since: float = 20, **given: Any) -> Explanation:
    return explain(request, slots, owner="me", waiting_since=[NOW - since] * waiting, now=NOW, **given)


def text(explanation: Explanation) -> str:
    return " ".join(explanation.reasons)


def test_nothing_is_said_when_nothing_waits() -> None:
    nothing = told(ONE_CORE, [busy()], waiting=0)
    assert (nothing.summary, nothing.reasons, nothing.waiting, nothing.held) == ("", (), 0, 0)
    assert (nothing.now, nothing.ever) == (0, 8)


def test_all_that_match_are_busy() -> None:
    slots = [busy(owners={"other": 5, "me": 3}), busy(owners={"a": 4, "b": 4}), busy(), slot(memory=GB)]
    explanation = told(ONE_CORE, slots)
    assert explanation.summary == "8 wait in the queue: 3 slots match, all busy"
    assert explanation.reasons[0] == (
        "3 slots match, with room for 24 such jobs when empty, and all are busy: others use 21 of their 24 cores "
        "(88 %), you 3."
    )
    assert "Of 4 slots, 3 have 2 GB of memory." in explanation.reasons
    assert (explanation.waiting, explanation.now, explanation.ever) == (8, 0, 24)


def test_jobs_of_several_workers_are_counted_as_jobs() -> None:
    explanation = told(Request(cpus=4, memory=2 * GB, disk=GB), [busy()], waiting=2)
    assert explanation.summary == "2 jobs of 4 workers wait in the queue: 1 slot matches, all busy"


def test_too_much_memory_for_any_slot() -> None:
    explanation = told(Request(cpus=1, memory=20_000 * GB, disk=GB), [slot(), slot(cpus=4, memory=8 * GB)])
    assert explanation.summary == "8 wait in the queue: no slot of the pool can ever run them"
    assert explanation.reasons[0] == (
        "No slot of the pool can ever run this: the largest has 8 cores and 17 GB, asked for 1 core and 20 TB. "
        "Ask for less memory."
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"cpus": 64}, "the largest has 8 cores, asked for 64 cores in each job. Ask for fewer cores."),
        ({"disk": 9000 * GB}, "the largest disk is 100 GB, asked for 9 TB of disk. Ask for less disk."),
        ({"gpus": 1}, "none has a GPU, asked for 1 GPU. Ask for none."),
        (
            {"arch": "aarch64"},
            "none has the architecture aarch64, there are X86_64 (3). Choose another one, and an environment "
            "that is built for it.",
        ),
        (
            {"sites": ["T2_X", "T2_Y"]},
            "none is at T2_X or T2_Y, there are no named site (2) and T2_IT (1). Choose other sites, or none.",
        ),
    ],
)
def test_one_condition_that_no_slot_fulfils(asked: dict[str, Any], said: str) -> None:
    request = Request(**{"cpus": 1, "memory": 2 * GB, "disk": GB} | asked)
    explanation = told(request, [slot(), slot(), slot(sites=["T2_IT"])])
    assert explanation.reasons[0] == f"No slot of the pool can ever run this: {said}"
    assert explanation.ever == 0


def test_more_gpus_than_any_slot_has() -> None:
    explanation = told(Request(cpus=1, memory=GB, disk=GB, gpus=4), [slot(gpus=2), slot()])
    assert "the most in one slot is 2 GPUs, asked for 4. Ask for fewer." in explanation.reasons[0]
    assert "Of 2 slots, 0 have 4 GPUs." in explanation.reasons


def test_requirements_that_no_slot_fulfils() -> None:
    request = Request(cpus=1, memory=GB, disk=GB, requirements="HasCVMFS")
    explanation = told(request, [slot(meets=False), slot(meets=False)])
    assert "none of 2 slots fulfils the requirements `HasCVMFS`. Correct or drop them." in explanation.reasons[0]


def test_a_policy_that_takes_no_jobs_of_this_user() -> None:
    explanation = told(ONE_CORE, [slot(willing=False), slot(willing=False)])
    assert (
        "the policy (START) of all 2 slots refuses your jobs. Ask the administrators of the pool"
        in explanation.reasons[0]
    )


def test_conditions_that_no_slot_fulfils_together() -> None:
    request = Request(cpus=8, memory=32 * GB, disk=GB, sites=["T2_X"])
    slots = [
        *[slot(sites=["T2_X"])] * 3,
        slot(cpus=4, memory=64 * GB, sites=["T2_X"]),
        *[slot(cpus=16, memory=64 * GB)] * 2,
    ]
    explanation = told(request, slots)
    assert explanation.reasons == (
        "No slot of the pool can ever run this: each condition holds at some slots, but no slot fulfils them all.",
        "With at most 4 cores, 1 slot could.",
        "With at most 17 GB of memory, 3 slots could.",
        "At other sites (no named site (2)), 2 slots could.",
        "Of 6 slots, 5 have 8 cores, 3 have 32 GB of memory and 4 are at T2_X.",
    )


def test_two_conditions_that_no_slot_fulfils_are_both_told() -> None:
    explanation = told(Request(cpus=64, memory=20_000 * GB, disk=GB), [slot()])
    assert "Ask for fewer cores." in explanation.reasons[0]
    assert explanation.reasons[1].startswith("Besides, the largest has 8 cores and 17 GB")


def test_a_pool_without_slots() -> None:
    explanation = told(ONE_CORE, [])
    assert explanation.reasons[0].startswith("The pool has no slots at the moment.")


def test_what_is_left_beside_what_is_free_is_told() -> None:
    scraps = busy(cpus=3, memory=GB, total_memory=17 * GB)
    explanation = told(ONE_CORE, [scraps, busy(cpus=2, memory=GB // 2, total_memory=17 * GB), busy()])
    assert (
        "2 of them have enough of everything else free, but at most 1 GB of memory left, asked for 2 GB: jobs that ask "
        "for no more could start now." in explanation.reasons
    )
    assert explanation.now == 0


def test_taken_gpus_are_told() -> None:
    request = Request(cpus=1, memory=GB, disk=GB, gpus=1)
    explanation = told(request, [slot(gpus=0, total_gpus=2)])
    assert "1 of them has enough of everything else free, but no GPUs left, asked for 1." in explanation.reasons


def test_jobs_that_have_just_come_are_told_when_slots_are_handed_out() -> None:
    explanation = told(ONE_CORE, [slot()], period=60)
    assert explanation.summary == "8 wait in the queue: room for 8 jobs now, slots are handed out every 60 s"
    assert explanation.reasons[0] == (
        "There is room for 8 jobs now. They have waited for 20 s, and slots are handed out every 60 s: the next time "
        "is soon."
    )


@pytest.mark.parametrize(("period", "since"), [(60, 91), (60, 120), (1, 40), (None, 100)])
def test_nothing_is_promised_after_slots_were_handed_out_to_others(period: float | None, since: float) -> None:
    explanation = told(ONE_CORE, [slot()], since=since, period=period)
    assert "room for 8 jobs now" not in explanation.summary
    assert "the next time is soon" not in text(explanation)


def test_jobs_behind_many_others_of_their_user_are_told_so() -> None:
    use = ScheddUse(300, 300, 0, 0, 0, own_waiting=208)
    explanation = told(ONE_CORE, [slot()], since=120, period=60, use=use, limits=ScheddLimits())
    assert explanation.summary == "8 wait in the queue: not handed a slot for 2 min, behind 200 other jobs of yours"
    assert explanation.reasons[0].startswith("No slot was handed to them for 2 min, although slots that match are free")
    few = told(ONE_CORE, [slot()], since=120, period=60, use=ScheddUse(10, 10, 0, 0, 0, own_waiting=10))
    assert "behind" not in few.summary


@pytest.mark.parametrize(("waiting", "verb"), [(1, "is"), (2, "are")])
def test_jobs_that_match_nothing_are_told_to_be_few(waiting: int, verb: str) -> None:
    explanation = told(Request(cpus=64, memory=2 * GB, disk=GB), [slot()], waiting=waiting, not_queued=198)
    assert explanation.summary.endswith("no slot of the pool can ever run them (198 more follow once one starts)")
    assert f"Only {waiting} of {198 + waiting} jobs {verb} in the queue" in explanation.reasons[1]
    assert "Only" not in text(told(ONE_CORE, [busy()], not_queued=198)), "they are not queued for another reason"


def test_jobs_that_wait_long_although_there_is_room() -> None:
    explanation = told(ONE_CORE, [slot()], since=1200, period=60)
    assert explanation.summary == "8 wait in the queue: waiting for 20 min although there is room for 8 jobs"
    assert "condor_q -better-analyze" in explanation.reasons[0]


def test_slots_that_refuse_or_are_drained_are_told_beside_those_that_are_busy() -> None:
    slots = [busy(), slot(willing=False), slot(willing=False), slot(willing=False, memory=GB), slot(draining=True)]
    explanation = told(ONE_CORE, slots)
    assert "2 more slots would match, but their policy (START) refuses your jobs at present." in explanation.reasons
    assert "1 slot that matches is being drained: no job starts there." in explanation.reasons


def test_an_access_point_that_runs_its_most() -> None:
    limits, use = ScheddLimits(running=200), ScheddUse(10, 300, 200, 0, 0)
    explanation = told(ONE_CORE, [slot()], limits=limits, use=use)
    assert explanation.summary == "8 wait in the queue: the access point runs its maximum, 200 jobs"
    assert "at most 200 jobs of all users at a time (MAX_JOBS_RUNNING), and it runs 200" in explanation.reasons[0]
    assert "room for" in told(ONE_CORE, [slot()], limits=limits, use=ScheddUse(10, 300, 199, 0, 0)).summary


def test_fair_share_is_told_when_others_have_the_slots() -> None:
    shares = [
        Share("me", 500, 1000, 2, own=True),
        Share("a", 1500, 1000, 5, own=False),
        Share("b", 3000, 1000, 1, own=False),
    ]
    assert (
        "2 other users have 6 cores, you have 2 (25 %). Your priority is 500, the others' is 1500 to 3000 (smaller is "
        "better), so 67 % would be your share. You have less than that: slots that become free come to you first."
        in told(ONE_CORE, [busy()], shares=shares).reasons
    )
    greedy = [Share("me", 4500, 1000, 6, own=True), Share("a", 500, 1000, 2, own=False)]
    assert "10 % would be your share. You have that or more: slots" in text(told(ONE_CORE, [busy()], shares=greedy))
    newcomer = [Share("a", 500, 1000, 2, own=False)]
    assert "You have not used the pool yet" in text(told(ONE_CORE, [busy()], shares=newcomer))
    alone = [Share("me", 500, 1000, 2, own=True)]
    assert "priority" not in text(told(ONE_CORE, [busy()], shares=alone))


def test_holds_are_told_before_the_wait_of_others() -> None:
    held = [Held((12, 2), "no space"), Held((34, 102)), Held((34, 102))]
    explanation = told(ONE_CORE, [busy()], held=held)
    assert explanation.summary == "8 wait in the queue: 1 slot matches, all busy; 3 are on hold: memory outgrown"
    assert [reason[:10] for reason in explanation.reasons[:2]] == ["2 are on h", "1 is on ho"]
    assert explanation.held == 3
    only_held = told(ONE_CORE, [busy()], waiting=0, held=held[:1])
    assert only_held.summary == "1 is on hold: files could not be transferred back"


def test_limits_of_the_access_point_for_jobs_on_itself() -> None:
    limits = ScheddLimits(scheduler_universe=500, scheduler_universe_per_owner=200)
    assert explain_start(limits, ScheddUse(199, 300, 0, 199, 499)) is None
    assert "at most 200 jobs of one user on itself" in (explain_start(limits, ScheddUse(200, 300, 0, 200, 400)) or "")
    assert "at most 500 jobs of all users on itself" in (explain_start(limits, ScheddUse(5, 600, 0, 5, 500)) or "")
    assert explain_start(ScheddLimits(), ScheddUse(5, 600, 0, 5, 500)) is None


@given(requests, st.lists(slots, max_size=8), st.integers(1, 20), st.integers(0, 3), st.floats(0, 10**6))
def test_whatever_the_pool_the_reasons_are_sentences_with_numbers(
    request: Request, pool: list[SlotMatch], waiting: int, held: int, since: float
) -> None:
    explanation = told(request, pool, waiting, since, held=[Held((34, 102))] * held)
    assert explanation.reasons
    assert all(reason.endswith(".") for reason in explanation.reasons)
    assert str(waiting) in explanation.summary
    assert explanation.now <= explanation.ever
    assert explanation.now == sum(room_now(one, request) for one in pool)
    assert explanation.ever == sum(site.ever for site in explanation.sites)
    assert ("can ever run" in explanation.summary) == (explanation.ever == 0)
