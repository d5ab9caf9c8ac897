"""The submit description of a scheduler job."""

from __future__ import annotations

import os
import shlex

from af_lab.condor.description import arguments, file, string, text
from af_lab.jobs.versions import Versions
from af_lab.model import ads
from af_lab.model.folder import ClusterFolder
from af_lab.model.scheduler_hold import OWN_SUBCODE, OWN_WORDS
from af_lab.model.spec import ClusterSpec
from af_lab.worker.protocol import FILES

__all__ = ["scheduler_description", "scheduler_program"]

DAY = 86_400


def scheduler_program(folder: ClusterFolder, spec: ClusterSpec) -> str:
    """Return the shell script that the scheduler job runs."""
    environment, python = shlex.quote(str(folder.environment)), shlex.quote(spec.environment.path)
    return (
        f". {environment}\nexport HOME={shlex.quote(os.path.expanduser('~'))}\n"
        # The cluster's folder is left: a user's code runs in the scheduler, too.
        f'export {FILES}="$PWD"\ncd {shlex.quote(spec.directory)} || cd /\n'
        f"exec {python} -P -m af_lab.runner\n"
    )


def scheduler_description(folder: ClusterFolder, spec: ClusterSpec, versions: Versions, owner: str) -> dict[str, str]:
    """Describe the job of `owner` that runs the Dask scheduler and manages the workers."""
    placement = on_access_point(folder)
    cluster = {
        ads.SCHEMA_ATTRIBUTE: str(ads.SCHEMA),
        ads.NAME: string(spec.name),
        ads.SPEC: string(ads.encode(spec.model_dump(mode="json"))),
        ads.VERSIONS: string(ads.encode(versions.as_dict())),
        ads.WORKERS: str(spec.first_workers),
        ads.GENERATION: "1",
        **ads.adapt_lines(spec.adapt),
    }
    return {
        **placement,
        "getenv": "false",
        # Restart after a signal. Hold after any exit code except 0: a restart would not help.
        "on_exit_remove": "(ExitBySignal =?= false) && (ExitCode =?= 0)",
        "on_exit_hold": "(ExitBySignal =?= false) && (ExitCode =!= 0)",
        "on_exit_hold_subcode": str(OWN_SUBCODE),
        "on_exit_hold_reason": string(OWN_WORDS),
        "leave_in_queue": f"(JobStatus == 4) && ((time() - CompletionDate) < {DAY})",
        "batch_name": text(f"af_lab {spec.name}"),
        "My.OtherJobRemoveRequirements": _cascade(owner),
        **{f"My.{name}": value for name, value in cluster.items()},
    }


def on_access_point(folder: ClusterFolder) -> dict[str, str]:
    """Return the submit commands that make a scheduler job run on the access point, in the cluster's own folder."""
    log = file(str(folder.shell_log))
    return {
        "universe": "scheduler",
        # Not the script itself: from many home folders no program can be started (mounted with "noexec").
        "executable": "/bin/sh",
        "transfer_executable": "false",
        "arguments": arguments([folder.scheduler_program.name]),
        "initialdir": file(str(folder.path)),
        "output": log,
        "error": log,
        "log": file(str(folder.events)),
        "remove_kill_sig": "SIGKILL",
        # The schedd restarts the job at once.
        "My.DisableCoolDown": "true",
    }


def _cascade(owner: str) -> str:
    """Return the expression for the jobs that the schedd removes together with the scheduler job.

    It checks the owner of the jobs, because the schedd itself does not.
    """
    beginning = string(f'(Owner =?= "{owner}") && {ads.SCHEDULER} =?= ').removesuffix('"')
    return beginning + '$(ClusterId)"'
