"""Why jobs wait or are on hold, in words with numbers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from af_lab.condor.conditions import never, overview_of_conditions
from af_lab.condor.fairshare import priority_reasons, usage
from af_lab.condor.holds import Held, hold_reasons, short_reason
from af_lab.condor.limits import ScheddLimits, ScheddUse
from af_lab.condor.pool import Share
from af_lab.condor.slots import Request, SlotMatch, room_ever, room_now
from af_lab.wording import count, duration, size

__all__ = ["Cause", "Explanation", "SiteMatch", "explain", "explain_start", "site_matches"]

# The default of NEGOTIATOR_INTERVAL, for a negotiator that does not publish its own.
USUAL_PERIOD = 60.0
# Seconds that a started job may still look idle: the schedd claims the slot, the starter prepares it.
SLACK = 30.0
# Jobs of one user that the schedd offers the pool at a time (seen with HTCondor 25.14). Jobs that match no slot are
# among them, so that many of them keep all others from being offered.
OFFERED = 20


@dataclass(frozen=True)
class SiteMatch:
    """How many jobs a site has room for.

    Attributes
    ----------
    site
        None for slots of no named site.
    now
        Jobs that could start now.
    ever
        Jobs that could run if the site were empty.
    """

    site: str | None
    now: int
    ever: int


class Cause(StrEnum):
    """The main reason why jobs wait."""

    NEVER = "never"
    """No slot of the pool can ever run them."""
    ACCESS_POINT = "access_point"
    """The access point runs as many jobs as it is allowed to."""
    SCHEDULER = "scheduler"
    """The Dask scheduler itself waits for its turn on the access point."""
    BUSY = "busy"
    """All slots that match are busy."""
    NEGOTIATION = "negotiation"
    """There is room, but slots have not been handed out since the jobs were submitted."""
    UNKNOWN = "unknown"
    """There is room, but the jobs have waited for a long time."""


@dataclass(frozen=True)
class Explanation:
    """Why jobs wait, are on hold, or fail.

    Attributes
    ----------
    cause
        The main reason why jobs wait; None if no job waits.
    why_waiting, why_held
        Why jobs wait, and why jobs are on hold, in a few words; "" if none is, or if HTCondor gives no reason.
    summary
        One short clause; "" when none waits, is on hold or fails.
    reasons
        Sentences, the most important first, with the remedy where there is one.
    waiting, held
        Jobs that wait in the queue, and that are on hold.
    now, ever
        Jobs that the pool has room for now, and would have room for if it were empty.
    sites
        The same by site.
    why_failing
        The last words of jobs that end before they are of use; "" if none does, or if they say nothing.
    failing
        How many such jobs ended in a row.
    """

    cause: Cause | None
    why_waiting: str
    why_held: str
    summary: str
    reasons: tuple[str, ...]
    waiting: int
    held: int
    now: int
    ever: int
    sites: tuple[SiteMatch, ...]
    why_failing: str = ""
    failing: int = 0


def explain(
    request: Request,
    slots: Sequence[SlotMatch],
    *,
    owner: str,
    waiting_since: Sequence[float],
    not_queued: int = 0,
    held: Sequence[Held] = (),
    limits: ScheddLimits | None = None,
    use: ScheddUse | None = None,
    shares: Sequence[Share] = (),
    period: float | None = None,
    now: float | None = None,
) -> Explanation:
    """Say why jobs of one request wait or are on hold.

    Parameters
    ----------
    request
        What each job asks for.
    slots
        Every slot of the pool, matched with that request.
    owner
        The account whose jobs they are.
    waiting_since
        For each waiting job, when it began to wait, in seconds since the epoch.
    not_queued
        Further jobs that are wanted, but not in the queue.
    held
        The jobs on hold.
    limits, use
        The limits of the access point, and the jobs that it has.
    shares
        The users who have slots, and the owner.
    period
        Seconds from one negotiation cycle to the next; None if unknown.
    now
        The time of the explanation, in seconds since the epoch; the current time by default.
    """
    moment = time.time() if now is None else now
    sites = site_matches(request, slots)
    room = sum(site.now for site in sites)
    ever = sum(site.ever for site in sites)
    clauses: list[str] = []
    reasons: list[str] = []
    cause, why_waiting, why_held = None, "", ""
    if waiting_since:
        jobs = _Waiting(request, slots, owner, len(waiting_since), not_queued, moment - min(waiting_since), room, ever)
        cause, why_waiting, reasons = _why_waiting(jobs, limits, use, shares, period)
        clauses.append(f"{_jobs(len(waiting_since), request)} in the queue: {why_waiting}")
    if held:
        why_held = short_reason(held)
        clauses.append(f"{count(len(held), 'is', 'are')} on hold{f': {why_held}' if why_held else ''}")
        # Held jobs do not continue by themselves: they come first, unless no slot could ever run the others.
        reasons = [*hold_reasons(held), *reasons] if ever else [*reasons, *hold_reasons(held)]
    return Explanation(
        cause=cause,
        why_waiting=why_waiting,
        why_held=why_held,
        summary="; ".join(clauses),
        reasons=tuple(reasons),
        waiting=len(waiting_since),
        held=len(held),
        now=room,
        ever=ever,
        sites=sites,
    )


def explain_start(limits: ScheddLimits, use: ScheddUse) -> str | None:
    """Say why a job that runs on the access point itself does not start; None when no limit is reached."""
    own, everybody = limits.scheduler_universe_per_owner, limits.scheduler_universe
    if own is not None and use.own_scheduler_universe >= own:
        return (
            f"The access point runs at most {own} jobs of one user on itself, and runs {use.own_scheduler_universe} of "
            "yours. End a cluster or a DAGMan workflow of yours."
        )
    if everybody is not None and use.scheduler_universe >= everybody:
        return (
            f"The access point runs at most {everybody} jobs of all users on itself, and runs "
            f"{use.scheduler_universe}. Wait, or ask its administrators for more (START_SCHEDULER_UNIVERSE)."
        )
    return None


def site_matches(request: Request, slots: Sequence[SlotMatch]) -> tuple[SiteMatch, ...]:
    """Count the room for jobs of a request by site; slots of no named site come last."""
    now: dict[str | None, int] = dict.fromkeys(request.sites, 0)
    ever = dict(now)
    for slot in slots:
        site = next((site for site in slot.sites if site in request.sites), slot.site)
        if request.sites and site not in request.sites:
            continue
        now[site] = now.get(site, 0) + room_now(slot, request)
        ever[site] = ever.get(site, 0) + room_ever(slot, request)
    ordered = sorted(now, key=lambda site: (site is None, site or ""))
    return tuple(SiteMatch(site, now[site], ever[site]) for site in ordered)


@dataclass(frozen=True)
class _Waiting:
    request: Request
    slots: Sequence[SlotMatch]
    owner: str
    number: int
    not_queued: int
    longest: float  # seconds
    room: int
    ever: int


def _why_waiting(
    jobs: _Waiting,
    limits: ScheddLimits | None,
    use: ScheddUse | None,
    shares: Sequence[Share],
    period: float | None,
) -> tuple[Cause, str, list[str]]:
    """Return the cause, a clause that states it, and sentences that explain it."""
    conditions = overview_of_conditions(jobs.request, jobs.slots)
    if not jobs.ever:
        reasons = [*never(jobs.request, jobs.slots), *_not_queued(jobs), *conditions]
        more = f" ({jobs.not_queued} more follow once one starts)" if jobs.not_queued else ""
        return Cause.NEVER, f"no slot of the pool can ever run them{more}", reasons
    refusing = _refusing(jobs.request, jobs.slots)
    if limits and use and limits.running is not None and use.running >= limits.running:
        text = (
            f"The access point runs at most {limits.running} jobs of all users at a time (MAX_JOBS_RUNNING), and it "
            f"runs {use.running}: none starts before another ends. Wait, or use another access point."
        )
        clause = f"the access point runs its maximum, {count(use.running, 'job')}"
        return Cause.ACCESS_POINT, clause, [text, *refusing, *conditions]
    if jobs.room:
        cause, clause, text = _room_but_waiting(jobs, period, use.own_waiting - jobs.number if use else 0)
        return cause, clause, [text, *refusing, *conditions]
    matching = [slot for slot in jobs.slots if room_ever(slot, jobs.request)]
    busy = (
        f"{count(len(matching), 'slot matches', 'slots match')}, with room for {count(jobs.ever, 'such job')} when "
        f"empty, and {'it is' if len(matching) == 1 else 'all are'} busy: {usage(matching, jobs.owner)}."
    )
    reasons = [busy, *_left_over(jobs.request, matching), *priority_reasons(shares), *refusing, *conditions]
    return Cause.BUSY, f"{count(len(matching), 'slot matches', 'slots match')}, all busy", reasons


def _not_queued(jobs: _Waiting) -> list[str]:
    if not jobs.not_queued:
        return []
    number = jobs.number + jobs.not_queued
    return [
        f"Only {jobs.number} of {number} jobs {'is' if jobs.number == 1 else 'are'} in the queue, because jobs that "
        "match no slot would delay your others. The rest is queued as soon as a slot matches."
    ]


def _room_but_waiting(jobs: _Waiting, known_period: float | None, others: int) -> tuple[Cause, str, str]:
    """Return cause, clause and text; `others` is the number of the user's other jobs that wait."""
    period = known_period or USUAL_PERIOD
    room = f"room for {count(jobs.room, 'job')}"
    waited = duration(jobs.longest)
    # One negotiation has come and gone after this.
    if jobs.longest <= period + SLACK:
        text = (
            f"There is {room} now. They have waited for {waited}, and slots are handed out every "
            f"{duration(period)}: the next time is soon."
        )
        return Cause.NEGOTIATION, f"{room} now, slots are handed out every {duration(period)}", text
    if others >= OFFERED:
        text = (
            f"No slot was handed to them for {waited}, although slots that match are free. {others} other jobs of "
            f"yours wait as well, and HTCondor may offer the pool as few as {OFFERED} jobs of a user at a time: jobs "
            "that no slot can run delay all others. Remove those that you do not need, or end the clusters that they "
            "belong to."
        )
        return Cause.UNKNOWN, f"not handed a slot for {waited}, behind {others} other jobs of yours", text
    text = (
        f"There is {room} now, but they have waited for {waited} although slots are handed out every "
        f"{duration(period)}. A quota, a limit on your share, or a policy that slots do not publish may be the cause. "
        "`condor_q -better-analyze` shows what HTCondor itself sees."
    )
    return Cause.UNKNOWN, f"waiting for {waited} although there is {room}", text


def _left_over(request: Request, matching: Sequence[SlotMatch]) -> list[str]:
    """Say which resource is missing in slots that have enough of all others free."""
    asked = {"cpus": request.cpus, "memory": request.memory, "disk": request.disk, "gpus": request.gpus}
    said = []
    for name, amount in asked.items():
        short = [
            getattr(slot, name)
            for slot in matching
            if slot.partitionable
            and not slot.draining
            and getattr(slot, name) < amount
            and all(getattr(slot, other) >= asked[other] for other in asked if other != name)
        ]
        if short:
            most, what = (size, name) if name in ("memory", "disk") else (str, {"cpus": "cores", "gpus": "GPUs"}[name])
            left = f"at most {most(max(short))} of {what} left" if max(short) else f"no {what} left"
            text = f"{count(len(short), 'of them has', 'of them have')} enough of everything else free, but {left}"
            remedy = ": jobs that ask for no more could start now" if max(short) else ""
            said.append(f"{text}, asked for {most(amount)}{remedy}.")
    return said


def _refusing(request: Request, slots: Sequence[SlotMatch]) -> list[str]:
    """Say how many slots would match except for their policy, and how many are being drained."""
    unwilling = (slot._replace(willing=True) for slot in slots if not slot.willing and not slot.draining)
    refusing = sum(room_ever(slot, request) > 0 for slot in unwilling)
    draining = sum(slot.draining and room_ever(slot, request) > 0 for slot in slots)
    said = []
    if refusing:
        said.append(
            f"{count(refusing, 'more slot', 'more slots')} would match, but {'its' if refusing == 1 else 'their'} "
            "policy (START) refuses your jobs at present."
        )
    if draining:
        said.append(
            f"{count(draining, 'slot that matches is', 'slots that match are')} being drained: no job starts there."
        )
    return said


def _jobs(number: int, request: Request) -> str:
    if request.cpus == 1:
        return count(number, "waits", "wait")
    return count(number, f"job of {request.cpus} workers waits", f"jobs of {request.cpus} workers wait")
