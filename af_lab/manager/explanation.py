"""Reasons why workers of clusters wait, and slots that match a specification, from `af_lab.condor.explain`."""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from af_lab.bounds import BOUNDS
from af_lab.condor.conditions import never
from af_lab.condor.explain import Cause, Explanation, SiteMatch, explain, explain_start, site_matches
from af_lab.condor.fitting import nearest_fit
from af_lab.condor.holds import Held
from af_lab.condor.job import JobStatus
from af_lab.condor.pool import Pool
from af_lab.condor.queue import Queue
from af_lab.condor.slots import Request, SlotMatch
from af_lab.jobs import sites
from af_lab.jobs.submit_commands import submit_lines
from af_lab.manager.facility_directives import required
from af_lab.model import ads
from af_lab.model.ads import WorkerJob
from af_lab.model.cluster_queue import workers_constraint
from af_lab.model.cluster_view import ClusterView
from af_lab.model.snapshot import Counts, Failing
from af_lab.model.spec import ARCHITECTURES, ClusterSpec
from af_lab.wording import count, duration
from af_lab.worker.protocol import MEGABYTE

__all__ = ["PoolMatch", "explain_clusters", "match_spec", "request_of"]


@dataclass(frozen=True)
class PoolMatch:
    """What a pool has for the worker jobs of a specification.

    Attributes
    ----------
    sites
        How many jobs each site has room for.
    never
        Why no slot can ever run such a job, in sentences; empty if one can.
    fits
        The nearest specification of which a slot could run a job; None if there is none, or if a slot can run this one.
    """

    sites: tuple[SiteMatch, ...]
    never: tuple[str, ...]
    fits: ClusterSpec | None = None


def request_of(spec: ClusterSpec) -> Request:
    """Return what a worker job of a specification requests from a slot."""
    # A site may have been removed from the configuration since the cluster was created.
    known = sites.configured().keys() & set(spec.sites)
    at_sites = sites.submit_commands(sorted(known))
    lines = submit_lines(at_sites | spec.submit)
    conditions = [required(), at_sites.get("requirements"), spec.submit.get("requirements")]
    condition = " && ".join(f"({condition})" for condition in conditions if condition) or None
    # HTCondor adds the architecture of the access point unless a condition names one.
    arch = spec.arch or (None if condition and "arch" in condition.lower() else platform.machine())
    return Request(
        cpus=spec.cores,
        memory=spec.memory,
        disk=spec.disk,
        gpus=spec.gpus,
        requirements=condition,
        arch=arch and ARCHITECTURES.get(arch),
        sites=spec.sites,
        # Policies of slots may refer to them.
        attributes={key.removeprefix("My."): value for key, value in lines.items() if key.startswith("My.")},
    )


async def match_spec(spec: ClusterSpec, pool: Pool) -> PoolMatch:
    """Return how many worker jobs of a specification each site could run now, and how many if it were empty."""
    request = request_of(spec)
    slots = await pool.match(request, sites.requirements_by_name())
    found = site_matches(request, slots)
    if any(site.ever for site in found):
        return PoolMatch(found, ())
    return PoolMatch(found, tuple(never(request, slots)), await _nearest(spec, pool))


async def _nearest(spec: ClusterSpec, pool: Pool) -> ClusterSpec | None:
    """Return the nearest specification of which a slot of a pool could run a job.

    First at the requested sites, then elsewhere, and at last on the architecture of the access point, for which the
    environment was built.
    """
    anywhere = spec.model_copy(update={"sites": ()})
    async with pool.one_look() as look:
        for asked in (spec, anywhere, anywhere.model_copy(update={"arch": None})):
            request = request_of(asked)
            fit = nearest_fit(request, await look.match(request, sites.requirements_by_name()))
            if fit is not None and fit.memory >= BOUNDS["memory"].minimum and fit.disk >= BOUNDS["disk"].minimum:
                amounts = {"cores": fit.cpus, "memory": fit.memory, "disk": fit.disk, "gpus": fit.gpus}
                return asked.model_copy(update=amounts)
    return None


async def explain_clusters(views: Sequence[ClusterView], queue: Queue, pool: Pool) -> dict[int, Explanation]:
    """Explain why workers of clusters are missing, and why their schedulers do not start.

    Makes three calls to the schedd and three to the collector, for any number of clusters.

    Returns
    -------
    The explanations by ``ClusterId`` of the scheduler jobs.
    """
    jobs = [view.job for view in views]
    requests = {job.id.cluster: request_of(job.spec) for job in jobs}
    found, slots, shares, period, limits, use = await asyncio.gather(
        queue.query(workers_constraint(requests), ads.PROJECTION),
        _slots_beside(list(requests.values()), pool),
        pool.shares(),
        pool.negotiation_period(),
        queue.limits(),
        queue.use(),
    )
    workers: dict[int, list[WorkerJob]] = {id_: [] for id_ in requests}
    for ad in found:
        workers[ad[ads.SCHEDULER]].append(WorkerJob.from_ad(ad))
    explained = {}
    for view, its_slots in zip(views, slots, strict=True):
        job, failing = view.job, view.info.failing
        id_ = job.id.cluster
        waiting = [worker for worker in workers[id_] if worker.status == JobStatus.IDLE]
        # More than the cluster asks for if all of them outgrew that.
        memory = min((worker.memory_asked for worker in waiting), default=0) - MEGABYTE
        explanation = explain(
            replace(requests[id_], memory=max(memory, requests[id_].memory)),
            its_slots,
            owner=queue.owner,
            waiting_since=[worker.since for worker in waiting],
            not_queued=_not_queued(view.info.counts, requests[id_].cpus),
            held=[_held(worker) for worker in workers[id_] if worker.status == JobStatus.HELD],
            limits=limits,
            use=use,
            shares=shares,
            period=period,
        )
        if failing is not None:
            explanation = _with_failures(explanation, failing, time.time())
        starting = explain_start(limits, use) if job.status == JobStatus.IDLE else None
        explained[id_] = explanation if starting is None else _scheduler_waits(explanation, starting)
    return explained


async def _slots_beside(requests: Sequence[Request], pool: Pool) -> list[list[SlotMatch]]:
    """Match each request against the slots as they are at one moment; equal requests are matched once."""
    known = sites.requirements_by_name()
    different: list[Request] = []
    for request in requests:
        if request not in different:
            different.append(request)
    async with pool.one_look() as look:
        matches = [await look.match(request, known) for request in different]
    return [matches[different.index(request)] for request in requests]


def _scheduler_waits(explanation: Explanation, reason: str) -> Explanation:
    return replace(
        explanation,
        cause=Cause.SCHEDULER,
        why_waiting="the Dask scheduler waits for its turn on the access point",
        summary="the Dask scheduler waits for its turn on the access point",
        reasons=(reason, *explanation.reasons),
    )


def _with_failures(explanation: Explanation, failing: Failing, now: float) -> Explanation:
    """Add why jobs end before their workers connect: they do not continue by themselves, so this comes first."""
    ended = count(failing.jobs, "job ended before a worker connected", "jobs in a row ended before a worker connected")
    said = f"says: {failing.words}" if failing.words else "says nothing"
    pause = (failing.next_try or 0) - now
    wait = f" Another job is tried in {duration(pause)}." if pause > 1 else ""
    return replace(
        explanation,
        why_failing=failing.words,
        failing=failing.jobs,
        summary="; ".join(filter(None, [ended, explanation.summary])),
        reasons=(f"{ended}. The log of job {failing.job} {said}.{wait}", *explanation.reasons),
    )


def _not_queued(counts: Counts, cores: int) -> int:
    """Return how many jobs of `cores` workers are wanted, but not in the queue."""
    return max(0, counts.requested - counts.submitted) // cores


def _held(worker: WorkerJob) -> Held:
    return Held(worker.hold_code, worker.hold_reason, worker.memory_asked, worker.memory_used)
