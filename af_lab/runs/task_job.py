"""The submit description of a batch's jobs.

Everything that heals a batch stands in it, so that HTCondor heals the batch also when no process follows it any more:
a job that ends without results runs again, and one that outgrew its memory gets more. It costs nothing while jobs run.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from af_lab.condor.description import file, file_list, string
from af_lab.condor.holds import DISK, JOB_POLICY, MACHINE_POLICY, MEMORY, OUT_OF_RESOURCES, SYSTEM_POLICY
from af_lab.manager.facility_directives import facility_settings
from af_lab.manager.job_description import job_description, users_files
from af_lab.manager.worker_script import worker_script
from af_lab.model.folder import ClusterFolder
from af_lab.model.memory_growth import GROWTH, MOST_GROWTH
from af_lab.model.spec import ClusterSpec
from af_lab.runs.batch_folder import BatchFolder, Submission
from af_lab.runs.task_program import MARKS
from af_lab.worker.protocol import FILES, MEGABYTE

__all__ = ["BATCH", "HAND", "submission_description", "task_description", "task_script"]

BATCH = "AfLabBatch"  # attribute of each job: the id of its batch
RETRIES = 2  # further starts of a job that ended without results
MEMORY_STARTS = 4  # starts of a job that outgrows its memory each time
TRANSFER_STARTS = 8  # starts of a job that is on hold for what may pass, such as a full disk
TRANSFER_PATIENCE = 60  # seconds until such a job is released
# Late materialization: as many jobs of one submission wait in the queue; the schedd makes the others when these run.
MOST_WAITING = 1000
HAND = 1  # HoldReasonCode of a hold by hand
# HoldReasonCodes of what may pass: starting the program, files and logs that cannot be opened, transfers.
PASSING = (6, 7, 8, 12, 13, 14, 22)


def task_script(spec: ClusterSpec, prologue: list[str], umask: int) -> str:
    """Return the shell script that each job runs; its arguments say which task it is."""
    folder = f'"${FILES}"'
    command = f'exec {shlex.quote(spec.environment.path)} -P {folder}/task_program.py {folder} "$1" "$2" "$3"'
    return worker_script(command, prologue, spec.directory, umask, spec.variables)


def task_description(folder: BatchFolder, spec: ClusterSpec, id_: str) -> dict[str, str]:
    """Describe the jobs of a batch; `submission_description` adds what differs from one submission to the next.

    Parameters
    ----------
    folder
        The batch's files.
    spec
        The specification.
    id_
        The batch's own id, by which its jobs are found in the queue.

    Raises
    ------
    SpecError
        A directive of the configuration, or a combination of sites, is not allowed in a submit description.
    """
    memory = -(-spec.memory // MEGABYTE)
    of_memory = (
        f"(HoldReasonCode =?= {OUT_OF_RESOURCES} && HoldReasonSubCode =!= {DISK}) || "
        f"(member(HoldReasonCode, {{{JOB_POLICY}, {MACHINE_POLICY}, {SYSTEM_POLICY}}}) && "
        f"HoldReasonSubCode =?= {MEMORY})"
    )
    passing = (
        f"member(HoldReasonCode, {{{', '.join(map(str, PASSING))}}}) && (NumShadowStarts ?: 0) < {TRANSFER_STARTS}"
    )
    heals = f"(({of_memory}) && NumJobStarts < {MEMORY_STARTS}) || ({passing})"
    grown = f"ifThenElse(NumJobStarts > 1, {MOST_GROWTH}, {GROWTH})"
    after = of_memory.replace("HoldReason", "LastHoldReason")
    own = {
        "initialdir": file(str(folder.path)),
        "log": file(str(folder.events)),
        "max_idle": str(MOST_WAITING),
        # An expression: HTCondor's own retry_request_memory needs a recent version, and enforcement by the slot.
        "request_memory": f"{memory} * ifThenElse(({after}) =?= true, {grown}, 1)",
        "max_retries": str(RETRIES),
        "periodic_release": (
            f"({heals}) && (HoldReasonSubCode =?= {MEMORY} || time() - EnteredCurrentStatus > {TRANSFER_PATIENCE})"
        ),
        # Nothing stays in the queue on hold, where nobody may look for it.
        "periodic_remove": f"JobStatus == 5 && (({heals}) =!= true)",
        "transfer_input_files": file_list(str(path) for path in users_files(spec)),
        f"My.{BATCH}": string(id_),
    }
    facility = facility_settings(ClusterFolder(folder.path), spec)
    return job_description(spec, own, facility.directives)


def submission_description(
    described: Mapping[str, str], folder: BatchFolder, submission: Submission, shared: list[str]
) -> dict[str, str]:
    """Describe the jobs of one submission.

    Parameters
    ----------
    described
        What `task_description` returned.
    folder
        The batch's files.
    submission
        The tasks.
    shared
        Names of the files with functions that several of them call.
    """
    number = str(submission.number)
    calls, results, logs = (f"{kind}/{number}/" for kind in ("calls", "results", "logs"))
    task = "$(ProcId)"
    users = described["transfer_input_files"]
    files = [folder.program.name, folder.task_program.name, folder.environment.name]
    inputs = [*files, f"{calls}{MARKS}", *(f"{calls}{name}" for name in shared)]
    return {
        **described,
        "CallsFile": f"{task} / {submission.in_a_file}",
        "arguments": f'"{folder.program.name} {number} {task} {submission.in_a_file}"',
        "output": f"{logs}{task}.log",
        "error": f"{logs}{task}.log",
        # Read in the event log, in which the ids of jobs alone would not say which tasks they are.
        "submit_event_user_notes": f"submission {number}",
        "transfer_input_files": ", ".join(filter(None, [users, file_list(inputs), f"{calls}$INT(CallsFile).calls"])),
        "encrypt_input_files": "*",
        "transfer_output_remaps": f'"{task}.results={results}{task}.results"',
    }
