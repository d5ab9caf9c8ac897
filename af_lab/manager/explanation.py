"""Why the workers of a cluster wait, and what a specification would find: put to `af_lab.condor.explain`."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from af_lab.condor.explain import Explanation, SiteMatch, explain, explain_start, site_matches
from af_lab.condor.holds import Held
from af_lab.condor.job import JobStatus
from af_lab.condor.pool import Pool
from af_lab.condor.queue import Queue
from af_lab.condor.slots import Request
from af_lab.jobs import sites
from af_lab.jobs.submit_commands import submit_lines
from af_lab.model import ads
from af_lab.model.ads import SchedulerJob, WorkerJob
from af_lab.model.spec import ARCHITECTURES, ClusterSpec

__all__ = ["explain_cluster", "match_spec", "request_of"]


def request_of(spec: ClusterSpec) -> Request:
    """Return what a worker job of a specification asks of a slot."""
    # The configuration may have lost a site since.
    known = sites.configured().keys() & set(spec.sites)
    lines = submit_lines(sites.submit_commands(sorted(known)) | spec.submit)
    return Request(
        cpus=spec.cores,
        memory=spec.memory,
        disk=spec.disk,
        gpus=spec.gpus,
        arch=None if spec.arch is None else ARCHITECTURES[spec.arch],
        sites=spec.sites,
        # Policies of slots may look at them.
        attributes={key.removeprefix("My."): value for key, value in lines.items() if key.startswith("My.")},
    )


async def match_spec(spec: ClusterSpec, pool: Pool) -> list[SiteMatch]:
    """Tell how many worker jobs of a specification could run now, and how many ever, at each site."""
    request = request_of(spec)
    return list(site_matches(request, await pool.match(request, sites.requirements_by_name())))


async def explain_cluster(job: SchedulerJob, queue: Queue, pool: Pool) -> Explanation:
    """Tell why workers of a cluster wait or are on hold, and why its scheduler does not start."""
    request = request_of(job.spec)
    found, slots, shares, period, limits, use = await asyncio.gather(
        queue.query(f"{ads.SCHEDULER} =?= {job.id.cluster}", ads.PROJECTION),
        pool.match(request, sites.requirements_by_name()),
        pool.shares(),
        pool.negotiation_period(),
        queue.limits(),
        queue.use(),
    )
    jobs = [WorkerJob.from_ad(ad) for ad in found]
    explanation = explain(
        request,
        slots,
        owner=queue.owner,
        waiting_since=[worker.since for worker in jobs if worker.status == JobStatus.IDLE],
        held=[_held(worker) for worker in jobs if worker.status == JobStatus.HELD],
        limits=limits,
        use=use,
        shares=shares,
        period=period,
    )
    starting = explain_start(limits, use) if job.status == JobStatus.IDLE else None
    if starting is None:
        return explanation
    return replace(
        explanation,
        summary="the Dask scheduler waits for its turn on the access point",
        reasons=(starting, *explanation.reasons),
    )


def _held(worker: WorkerJob) -> Held:
    return Held(worker.hold_code, worker.hold_reason, worker.memory_asked, worker.memory_used)
