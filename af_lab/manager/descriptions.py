"""How scheduler and worker jobs are described to HTCondor."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

import dask.config
from dask_jobqueue.htcondor import HTCondorJob

from af_lab import config
from af_lab.condor.description import arguments, file_list, string, text
from af_lab.manager import ads
from af_lab.manager.folder import ClusterFolder
from af_lab.manager.spec import MEGABYTE, ClusterSpec

__all__ = ["environment_script", "scheduler_description", "scheduler_program", "worker_description"]

DAY = 86_400
# Set from the specification instead, as literals: HTCondor retries with more memory only where a number stands.
# The last two would be written for each job apart, and nobody reads them.
SKIPPED_DIRECTIVES = ("RequestCpus", "RequestMemory", "RequestDisk", "batch_name", "MY.DaskWorkerName", "MY.JobId")
# A worker computes in one thread; HTCondor would let each library use all cores of the job.
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
# HTCondor starts jobs with next to nothing in their environment. This is what a Python needs to find its libraries.
INHERITED = ("CONDOR_CONFIG", "LANG", "AF_LAB_HOME")
SEARCHED = ("PYTHONPATH", "LD_LIBRARY_PATH")


def environment_script(spec: ClusterSpec, inherited: Mapping[str, str]) -> str:
    """Return the shell script that sets the environment of scheduler and workers.

    It travels as a file of its owner, because the environment in a job's ad can be read by everybody.
    """
    folder = os.path.dirname(spec.environment.path)
    variables = {name: inherited[name] for name in INHERITED if name in inherited} | ONE_THREAD
    for name in SEARCHED:
        # Jobs run in another folder than the one that relative paths were meant for.
        if folders := [os.path.abspath(part) for part in inherited.get(name, "").split(":") if part]:
            variables[name] = ":".join(folders)
    variables["PATH"] = f"{folder}:/usr/local/bin:/usr/bin:/bin"
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def scheduler_program(folder: ClusterFolder, spec: ClusterSpec) -> str:
    """Return the script that the scheduler job executes."""
    environment, python = shlex.quote(str(folder.environment)), shlex.quote(spec.environment.path)
    return (
        f"#!/bin/sh\n. {environment}\nexport HOME={shlex.quote(os.path.expanduser('~'))}\n"
        f"exec {python} -P -m af_lab.manager.runner\n"
    )


def scheduler_description(folder: ClusterFolder, spec: ClusterSpec, owner: str) -> dict[str, str]:
    """Describe the job of `owner` that holds the Dask scheduler and steers the workers."""
    return {
        "universe": "scheduler",
        "executable": text(str(folder.scheduler_program)),
        "transfer_executable": "false",
        "initialdir": text(str(folder.path)),
        "output": text(str(folder.logs / "scheduler.out")),
        "error": text(str(folder.logs / "scheduler.out")),
        "log": text(str(folder.events)),
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
        f"My.{ads.SPEC}": string(ads.encode_spec(spec)),
        f"My.{ads.WORKERS}": str(spec.workers),
        f"My.{ads.GENERATION}": "1",
    }


def worker_description(folder: ClusterFolder, spec: ClusterSpec) -> dict[str, str]:
    """Describe a worker job; the runner adds which scheduler it belongs to.

    The command line and the facility's own directives come from dask-jobqueue, whose configuration
    (``jobqueue.htcondor``) facilities already ship.
    """
    prologue = dask.config.get("jobqueue.htcondor.job-script-prologue", None) or []
    job = HTCondorJob(
        scheduler=folder.contact.name,
        name="worker",
        cores=spec.cores,
        processes=spec.cores,
        memory=f"{spec.memory}B",
        disk=f"{spec.disk}B",
        # "exec", so that HTCondor's signals reach Python and not the shell.
        python=f"exec {shlex.quote(spec.environment.path)} -P",
        worker_command="af_lab.manager.worker",
        job_script_prologue=[*prologue, f". ./{folder.environment.name}"],
        job_directives_skip=SKIPPED_DIRECTIVES,
        death_timeout=dask.config.get("jobqueue.htcondor.death-timeout", None)
        or int(dask.utils.parse_timedelta(config.get("worker.death-timeout"))),
    )
    secret = [folder.worker_certificate, folder.environment]
    files = [folder.contact, folder.authority, *secret]
    log = str(folder.logs / "worker-")
    return {
        **{key: str(value) for key, value in job.job_header_dict.items()},
        "universe": "vanilla",
        "executable": "/bin/sh",
        "transfer_executable": "false",
        "arguments": arguments(["-c", job._command_template]),
        "initialdir": text(str(folder.path)),
        "output": text(log) + "$(ClusterId).$(ProcId).out",
        "error": text(log) + "$(ClusterId).$(ProcId).out",
        "stream_output": "true",
        "stream_error": "true",
        "log": text(str(folder.events)),
        "getenv": "false",
        # Where the folder is shared the job runs in it: a transfer costs the start of each job a second or more.
        "should_transfer_files": "IF_NEEDED",
        "when_to_transfer_output": "ON_EXIT",
        "transfer_output_files": '""',
        "transfer_input_files": file_list(str(path) for path in files),
        "encrypt_input_files": file_list(path.name for path in secret),
        "request_cpus": str(spec.cores),
        "request_memory": str(-(-spec.memory // MEGABYTE)),
        "request_disk": f"{-(-spec.disk // 1024)}",
        # Workers that shall keep their data are retired before; the others need not wait for a scheduler that is gone.
        "remove_kill_sig": "SIGKILL",
        "batch_name": text(f"af_lab {spec.name}"),
        f"My.{ads.SCHEMA_ATTRIBUTE}": str(ads.SCHEMA),
    }


def _cascade(owner: str) -> str:
    """Select the jobs that the schedd removes when the scheduler job goes.

    The schedd itself does not ask whose they are.
    """
    beginning = string(f'(Owner =?= "{owner}") && {ads.SCHEDULER} =?= ').removesuffix('"')
    return beginning + '$(ClusterId)"'
