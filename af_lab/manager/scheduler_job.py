"""How scheduler and worker jobs are described to HTCondor."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

from af_lab.condor.description import arguments, file, file_list, string, text
from af_lab.jobs import sites
from af_lab.jobs.environments import Versions
from af_lab.jobs.submit_commands import submit_lines
from af_lab.manager import worker_job
from af_lab.model import ads
from af_lab.model.folder import ClusterFolder
from af_lab.model.spec import ARCHITECTURES, MEGABYTE, ClusterSpec
from af_lab.runner.recovery import GROWTH, MOST_GROWTH, OUTGREW, OUTGREW_SUBCODE

__all__ = ["environment_script", "scheduler_description", "scheduler_program", "worker_description"]

DAY = 86_400
# A worker computes in one thread; HTCondor would let each library use all cores of the job.
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
# What a task prints stands in the log at once, and is not lost when the job is killed.
UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
# HTCondor starts jobs with next to nothing in their environment. This is what a Python needs to find its libraries.
INHERITED = ("CONDOR_CONFIG", "LANG", "AF_LAB_HOME")
SEARCHED = ("PYTHONPATH", "LD_LIBRARY_PATH")


def environment_script(spec: ClusterSpec, inherited: Mapping[str, str]) -> str:
    """Return the shell script that sets the environment of scheduler and workers.

    It travels as a file of its owner, because the environment in a job's ad can be read by everybody.
    """
    folder = os.path.dirname(spec.environment.path)
    variables = {name: inherited[name] for name in INHERITED if name in inherited} | ONE_THREAD | UNBUFFERED
    for name in SEARCHED:
        # Jobs run in another folder than the one that relative paths were meant for.
        if folders := [os.path.abspath(part) for part in inherited.get(name, "").split(":") if part]:
            variables[name] = ":".join(folders)
    variables["PATH"] = f"{folder}:/usr/local/bin:/usr/bin:/bin"
    variables |= spec.variables
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


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


def worker_description(folder: ClusterFolder, spec: ClusterSpec) -> dict[str, str]:
    """Describe a worker job; the runner adds which scheduler it belongs to.

    The command line and the facility's own directives come from dask-jobqueue, whose configuration
    (``jobqueue.htcondor``) facilities already ship.

    Raises
    ------
    SpecError
        A directive of the configuration, or a combination of sites, cannot stand in a description.
    """
    command, directives = worker_job.worker_job(folder, spec)
    secret = [folder.worker_certificate, folder.environment]
    files = [folder.contact, folder.authority, *secret]
    log = str(folder.logs / "worker-")
    memory = -(-spec.memory // MEGABYTE)
    own = {
        "universe": "vanilla",
        "executable": "/bin/sh",
        "transfer_executable": "false",
        "arguments": arguments(["-c", command]),
        "initialdir": file(str(folder.path)),
        "output": file(log) + "$(ClusterId).$(ProcId).out",
        "error": file(log) + "$(ClusterId).$(ProcId).out",
        "stream_output": "true",
        "stream_error": "true",
        "log": file(str(folder.events)),
        "getenv": "false",
        # Where the folder is shared the job runs in it: a transfer costs the start of each job a second or more.
        "should_transfer_files": "IF_NEEDED",
        "when_to_transfer_output": "ON_EXIT",
        "transfer_output_files": '""',
        "transfer_input_files": file_list(str(path) for path in files),
        "encrypt_input_files": file_list(path.name for path in secret),
        "request_cpus": str(spec.cores),
        "request_memory": str(memory),
        "request_disk": f"{-(-spec.disk // 1024)}",
        # HTCondor itself runs a job again that outgrew its memory, where it is the one who notices ...
        "retry_request_memory_increase": f"RequestMemory * {GROWTH}",
        "retry_request_memory_max": str(MOST_GROWTH * memory),
        # ... and where the job does, the runner releases it with more.
        "on_exit_hold": f"(ExitBySignal =?= false) && (ExitCode =?= {OUTGREW})",
        "on_exit_hold_subcode": str(OUTGREW_SUBCODE),
        "on_exit_hold_reason": '"The worker outgrew the memory of its job."',
        # Workers that shall keep their data are retired before; the others need not wait for a scheduler that is gone.
        "remove_kill_sig": "SIGKILL",
        "batch_name": text(f"af_lab {spec.name}"),
        f"My.{ads.SCHEMA_ATTRIBUTE}": str(ads.SCHEMA),
    }
    if spec.gpus:
        own["request_gpus"] = str(spec.gpus)
    if site := sites.site_expression():
        # Evaluated when the job is matched, and kept in its ad.
        own[f"My.{ads.SITE}"] = '"$$([' + string(site)[1:-1] + '])"'
    chosen = submit_lines(sites.submit_commands(spec.sites) | spec.submit)
    return worker_job.merge(directives, chosen, own, _requirements(spec))


def _requirements(spec: ClusterSpec) -> list[str]:
    conditions = []
    if spec.arch is not None:
        conditions.append(f'(TARGET.Arch == "{ARCHITECTURES[spec.arch]}")')
    if chosen := sites.requirements(spec.sites):
        conditions.append(text(chosen))
    return conditions


def _cascade(owner: str) -> str:
    """Select the jobs that the schedd removes when the scheduler job goes.

    The schedd itself does not ask whose they are.
    """
    beginning = string(f'(Owner =?= "{owner}") && {ads.SCHEDULER} =?= ').removesuffix('"')
    return beginning + '$(ClusterId)"'
