"""What the submit descriptions of all jobs of a specification have in common: those of workers and of batches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from af_lab.condor.description import string, text
from af_lab.jobs import sites
from af_lab.jobs.submit_commands import Value, conditions, input_files, proxy, submit_lines
from af_lab.jobs.time_limits import time_limit
from af_lab.manager.facility_directives import merge
from af_lab.model import ads
from af_lab.model.job_request import TIME
from af_lab.model.spec import ARCHITECTURES, ClusterSpec

__all__ = ["job_description", "users_files"]


def job_description(spec: ClusterSpec, own: Mapping[str, str], directives: Mapping[str, str]) -> dict[str, str]:
    """Describe a job of a specification.

    Parameters
    ----------
    spec
        The specification.
    own
        Submit commands of this kind of job; they override all others.
    directives
        The facility's own submit commands.

    Raises
    ------
    SpecError
        A directive of the configuration, or a combination of sites, is not allowed in a submit description.
    """
    commands = _commands(spec)
    chosen = submit_lines(commands)
    common = {
        "universe": "vanilla",
        "executable": "/bin/sh",
        "transfer_executable": "false",
        "getenv": "false",
        # If the folder is shared, the job runs in it: a transfer delays the start of each job by a second or more.
        "should_transfer_files": "IF_NEEDED",
        "when_to_transfer_output": "ON_EXIT",
        "request_cpus": str(spec.cores),
        "request_disk": f"{-(-spec.disk // 1024)}",
        "batch_name": text(f"af_lab {spec.name}"),
        f"My.{ads.SCHEMA_ATTRIBUTE}": str(ads.SCHEMA),
        **proxy(commands, spec.directory),
    }
    limits = (spec.time, time_limit(directives), time_limit(chosen))
    if known := [limit for limit in limits if limit is not None]:
        # The runner reads it here, and lets workers leave before. A policy of the pool may use it.
        common[TIME] = str(int(min(known)))
    if spec.gpus:
        common["request_gpus"] = str(spec.gpus)
    if site := sites.site_expression():
        # Evaluated when the job is matched, and kept in its ad.
        common[f"My.{ads.SITE}"] = '"$$([' + string(site)[1:-1] + '])"'
    return merge(directives, chosen, common | dict(own), _requirements(spec))


def users_files(spec: ClusterSpec) -> list[Path]:
    """Return the files that the user wants to be sent to each job."""
    return [Path(path) for path in input_files(_commands(spec), spec.directory)]


def _commands(spec: ClusterSpec) -> Mapping[str, Value]:
    return sites.submit_commands(spec.sites) | spec.submit


def _requirements(spec: ClusterSpec) -> list[str]:
    found = []
    if spec.arch is not None:
        found.append(f'(TARGET.Arch == "{ARCHITECTURES[spec.arch]}")')
    if chosen := sites.requirements(spec.sites):
        found.append(text(chosen))
    for commands in (sites.submit_commands(spec.sites), spec.submit):
        found += conditions(commands)
    return found
