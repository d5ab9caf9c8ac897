from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from af_lab.condor.explain import Explanation, SiteMatch, explain, explain_start, site_matches
from af_lab.condor.fairshare import fair_part
from af_lab.condor.holds import Held, hold_reasons
from af_lab.condor.limits import ScheddLimits, ScheddUse
from af_lab.condor.pool import Share
from af_lab.condor.slots import Request, SlotMatch, room_ever, room_now
from af_lab.wording import duration, size

GB, MIB, GIB = 10**9, 2**20, 2**30
NOW = 1_800_000_000.0
ONE_CORE = Request(cpus=1, memory=2 * GB, disk=GB)


def slot(**given: Any) -> SlotMatch:
    """A partitionable slot with 8 cores and 17 GB, all free unless said otherwise."""
    whole = {"cpus": 8, "memory": 17 * GB, "disk": 100 * GB, "gpus": 0}
    total = {f"total_{name}": given.get(f"total_{name}", given.get(name, amount)) for name, amount in whole.items()}
    free = {name: given.get(name, total[f"total_{name}"]) for name in whole}
    rest = {
        "name": "slot1@wn",
        "machine": "wn",
        "arch": "X86_64",
        "partitionable": True,
        "state": "Unclaimed",
        "draining": False,
        "sites": [],
        "meets": True,
        "willing": True,
        "owners": {},
    }
    return SlotMatch(**{**rest, **given, **total, **free})


def busy(**given: Any) -> SlotMatch:
    return slot(**{"cpus": 0, "total_cpus": 8, "memory": GB, "total_memory": 17 * GB, "owners": {"other": 8}} | given)


def told(request: Request, slots: list[SlotMatch], waiting: int = 8, since: float = 20, **given: Any) -> Explanation:
    return explain(request, slots, owner="me", waiting_since=[NOW - since] * waiting, now=NOW, **given)


def text(explanation: Explanation) -> str:
    return " ".join(explanation.reasons)


# How many jobs fit.


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


# Why jobs wait.


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
        ({"disk": 9000 * GB}, "the most disk that one has is 100 GB, asked for 9 TB of disk. Ask for less disk."),
        ({"gpus": 1}, "none has a GPU, asked for 1 GPU. Ask for none."),
        (
            {"arch": "aarch64"},
            "none is of the architecture aarch64, there are X86_64 (3). Ask for another, and for an environment that "
            "is made for it.",
        ),
        (
            {"sites": ["T2_X", "T2_Y"]},
            "none is at T2_X or T2_Y, there are no named site (2) and T2_IT (1). Ask for other sites, or for none in "
            "particular.",
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
    assert "the most that one has is 2 GPUs, asked for 4. Ask for fewer." in explanation.reasons[0]
    assert "Of 2 slots, 0 have 4 GPUs." in explanation.reasons


def test_requirements_that_no_slot_fulfils() -> None:
    request = Request(cpus=1, memory=GB, disk=GB, requirements="HasCVMFS")
    explanation = told(request, [slot(meets=False), slot(meets=False)])
    assert "none of 2 slots fulfils the requirements `HasCVMFS`. Correct or drop them." in explanation.reasons[0]


def test_a_policy_that_takes_no_jobs_of_this_user() -> None:
    explanation = told(ONE_CORE, [slot(willing=False), slot(willing=False)])
    assert "the policy (START) of all 2 slots refuses your jobs. Ask those who run the pool" in explanation.reasons[0]


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
    assert explanation.reasons[0].startswith("The pool has no slot at this moment.")


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


def test_jobs_that_wait_long_although_there_is_room() -> None:
    explanation = told(ONE_CORE, [slot()], since=1200, period=60)
    assert explanation.summary == "8 wait in the queue: waiting for 20 min although there is room for 8 jobs"
    assert "condor_q -better-analyze" in explanation.reasons[0]


def test_slots_that_refuse_or_are_drained_are_told_beside_those_that_are_busy() -> None:
    slots = [busy(), slot(willing=False), slot(willing=False), slot(willing=False, memory=GB), slot(draining=True)]
    explanation = told(ONE_CORE, slots)
    assert "2 more slots would do, but their policy (START) refuses your jobs at present." in explanation.reasons
    assert "1 slot that matches is being drained: no job starts there." in explanation.reasons


def test_an_access_point_that_runs_its_most() -> None:
    limits, use = ScheddLimits(running=200), ScheddUse(10, 300, 200, 0, 0)
    explanation = told(ONE_CORE, [slot()], limits=limits, use=use)
    assert explanation.summary == "8 wait in the queue: the access point runs its most, 200 jobs"
    assert "at most 200 jobs of all users at a time (MAX_JOBS_RUNNING), and it runs 200" in explanation.reasons[0]
    assert "room for" in told(ONE_CORE, [slot()], limits=limits, use=ScheddUse(10, 300, 199, 0, 0)).summary


# Fair share.


def test_the_fair_part_is_in_inverse_proportion_to_the_priorities() -> None:
    shares = [Share("me", 500, 1000, 2, own=True), Share("other", 1500, 1000, 6, own=False)]
    assert fair_part(shares) == pytest.approx(0.75)
    assert fair_part([*shares, Share("gone", 1, 1000, 0, own=False)]) == pytest.approx(0.75), "has no slot"
    assert fair_part(shares[1:]) is None


def test_fair_share_is_told_when_others_have_the_slots() -> None:
    shares = [
        Share("me", 500, 1000, 2, own=True),
        Share("a", 1500, 1000, 5, own=False),
        Share("b", 3000, 1000, 1, own=False),
    ]
    assert (
        "2 other users have 6 cores, you have 2 (25 %). With your priority of 500, the others' being 1500 to 3000 and "
        "smaller being better, 67 % would be yours. You have less than that: slots that become free come to you first."
        in told(ONE_CORE, [busy()], shares=shares).reasons
    )
    greedy = [Share("me", 4500, 1000, 6, own=True), Share("a", 500, 1000, 2, own=False)]
    assert "10 % would be yours. You have that or more: slots" in text(told(ONE_CORE, [busy()], shares=greedy))
    newcomer = [Share("a", 500, 1000, 2, own=False)]
    assert "You have not used the pool yet" in text(told(ONE_CORE, [busy()], shares=newcomer))
    alone = [Share("me", 500, 1000, 2, own=True)]
    assert "priority" not in text(told(ONE_CORE, [busy()], shares=alone))


# Jobs on hold; the reasons are HTCondor's own.


def test_outgrown_memory_is_told_with_numbers() -> None:
    held = [Held((34, 102), "Job has gone over memory limit", 100_000_000, used) for used in (None, 160_000_000)]
    assert hold_reasons(held) == [
        "2 are on hold: memory outgrown (asked 100 MB, used 160 MB). Ask for more memory.",
    ]
    by_policy = Held((26, 0), "memory usage exceeded request_memory", 100_000_000, 160_000_000)
    assert "memory outgrown" in hold_reasons([by_policy])[0]
    other_policy = Held((26, 0), "too many starts", 100_000_000, 60_000_000)
    assert hold_reasons([other_policy])[0].startswith("1 is on hold: by a policy of the access point (too many starts)")


@pytest.mark.parametrize(
    ("code", "reason", "said"),
    [
        ((1, 0), "via condor_hold (by user physicist)", "by hand (via condor_hold (by user physicist)). Release"),
        (
            (6, 2),
            "Error from slot1_8@localhost: Failed to execute '/nonexistent/x': (errno=2: 'No such file or directory')",
            "their program could not be started (Error from slot1_8@localhost: Failed to execute '/nonexistent/x'",
        ),
        ((12, 2), "Transfer output files failure at execution point", "files could not be brought back (Transfer"),
        ((13, 2), "Transfer input files failure at access point", "files could not be sent to the machine (Transfer"),
        (
            (34, 104),
            "Job has exceeded request_disk",
            "disk outgrown (Job has exceeded request_disk). Ask for more disk",
        ),
        ((46, 0), "The job exceeded allowed job duration of 60", "they lasted longer than is allowed (The job"),
        ((99, 0), "Something new.", "1 is on hold: Something new. Release them"),
        (None, None, "1 is on hold. Release them to try again."),
    ],
)
def test_each_hold_says_why_and_what_to_do(code: tuple[int, int] | None, reason: str | None, said: str) -> None:
    (sentence,) = hold_reasons([Held(code, reason)])
    assert said in sentence
    assert sentence.endswith(".")


def test_holds_are_told_before_the_wait_of_others() -> None:
    held = [Held((12, 2), "no space"), Held((34, 102)), Held((34, 102))]
    explanation = told(ONE_CORE, [busy()], held=held)
    assert explanation.summary == "8 wait in the queue: 1 slot matches, all busy; 3 are on hold: memory outgrown"
    assert [reason[:10] for reason in explanation.reasons[:2]] == ["2 are on h", "1 is on ho"]
    assert explanation.held == 3
    only_held = told(ONE_CORE, [busy()], waiting=0, held=held[:1])
    assert only_held.summary == "1 is on hold: files could not be brought back"


# The scheduler's own job.


def test_limits_of_the_access_point_for_jobs_on_itself() -> None:
    limits = ScheddLimits(scheduler_universe=500, scheduler_universe_per_owner=200)
    assert explain_start(limits, ScheddUse(199, 300, 0, 199, 499)) is None
    assert "at most 200 jobs of one user on itself" in (explain_start(limits, ScheddUse(200, 300, 0, 200, 400)) or "")
    assert "at most 500 jobs of all users on itself" in (explain_start(limits, ScheddUse(5, 600, 0, 5, 500)) or "")
    assert explain_start(ScheddLimits(), ScheddUse(5, 600, 0, 5, 500)) is None


# Words.


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (999.6, "1 kB"),
        (160_000_000, "160 MB"),
        (2 * GB, "2 GB"),
        (1_234_567_890, "1.23 GB"),
        (20_000 * GB, "20 TB"),
        (5_000_000 * GB, "5 PB"),
    ],
)
def test_sizes_are_written_as_people_ask_for_them(number: float, said: str) -> None:
    assert size(number) == said


@pytest.mark.parametrize(("seconds", "said"), [(20, "20 s"), (300, "5 min"), (10_800, "3 h"), (200_000, "2 days")])
def test_durations_are_written_in_their_largest_unit(seconds: float, said: str) -> None:
    assert duration(seconds) == said


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
