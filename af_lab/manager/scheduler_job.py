"""How a scheduler job is described to HTCondor."""

from __future__ import annotations

import os
import shlex

from af_lab.condor.description import file, string, text
from af_lab.jobs.versions import Versions
from af_lab.model import ads
from af_lab.model.folder import ClusterFolder
from af_lab.model.spec import ClusterSpec

__all__ = ["scheduler_description", "scheduler_program"]

DAY = 86_400


def scheduler_program(folder: ClusterFolder, spec: ClusterSpec) -> str:
    """Return the script that the scheduler job executes."""
    environment, python = shlex.quote(str(folder.environment)), shlex.quote(spec.environment.path)
    return (
        f"#!/bin/sh\n. {environment}\nexport HOME={shlex.quote(os.path.expanduser('~'))}\n"
        f"exec {python} -P -m af_lab.runner\n"
    )


def scheduler_description(folder: ClusterFolder, spec: ClusterSpec, versions: Versions, owner: str) -> dict[str, str]:
    """Describe the job of `owner` that holds the Dask scheduler and steers the workers."""
    return {
        "universe": "scheduler",
        "executable": file(str(folder.scheduler_program)),
        "transfer_executable": "false",
        "initialdir": file(str(folder.path)),
        "output": file(str(folder.logs / "scheduler.out")),
        "error": file(str(folder.logs / "scheduler.out")),
        "log": file(str(folder.events)),
        "getenv": "false",
        # A signal: start again. Any exit code but 0: no restart would heal it.
        "on_exit_remove": "(ExitBySignal =?= false) && (ExitCode =?= 0)",
        "on_exit_hold": "(ExitBySignal =?= false) && (ExitCode =!= 0)",
        "on_exit_hold_reason": '"The Dask scheduler cannot run; its log says why."',
        "remove_kill_sig": "SIGKILL",
        "leave_in_queue": f"(JobStatus == 4) && ((time() - CompletionDate) < {DAY})",
        "batch_name": text(f"af_lab {spec.name}"),
        "My.DisableCoolDown": "true",
        "My.OtherJobRemoveRequirements": _cascade(owner),
        f"My.{ads.SCHEMA_ATTRIBUTE}": str(ads.SCHEMA),
        f"My.{ads.NAME}": string(spec.name),
        f"My.{ads.SPEC}": string(ads.encode(spec.model_dump(mode="json"))),
        f"My.{ads.VERSIONS}": string(ads.encode(versions.as_dict())),
        f"My.{ads.WORKERS}": str(spec.first_workers),
        f"My.{ads.GENERATION}": "1",
    } | {f"My.{name}": value for name, value in ads.adapt_lines(spec.adapt).items()}


def _cascade(owner: str) -> str:
    """Select the jobs that the schedd removes when the scheduler job goes.

    The schedd itself does not ask whose they are.
    """
    beginning = string(f'(Owner =?= "{owner}") && {ads.SCHEDULER} =?= ').removesuffix('"')
    return beginning + '$(ClusterId)"'
