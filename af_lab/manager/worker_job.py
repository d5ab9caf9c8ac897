"""The submit description of a worker job."""

from __future__ import annotations

from collections.abc import Mapping

from af_lab.condor.description import arguments, file, file_list
from af_lab.condor.holds import MEMORY
from af_lab.manager.job_description import job_description, users_files
from af_lab.model.folder import ClusterFolder
from af_lab.model.memory_growth import GROWTH, MOST_GROWTH
from af_lab.model.spec import ClusterSpec
from af_lab.worker.protocol import MEGABYTE, OUTGREW

__all__ = ["worker_description"]


def worker_description(folder: ClusterFolder, spec: ClusterSpec, directives: Mapping[str, str]) -> dict[str, str]:
    """Describe a worker job; `submit_workers` adds the scheduler job that it belongs to.

    Parameters
    ----------
    folder
        The cluster's files.
    spec
        The cluster's specification.
    directives
        The facility's own submit commands.

    Raises
    ------
    SpecError
        A directive of the configuration, or a combination of sites, is not allowed in a submit description.
    """
    # The prologue and Dask's settings are not secret, but not everybody's either.
    secret = [folder.worker_certificate, folder.environment, folder.worker_program, folder.dask_settings]
    files = [folder.contact, folder.authority, *secret, *users_files(spec)]
    log = str(folder.logs / "worker-")
    memory = -(-spec.memory // MEGABYTE)
    own = {
        "arguments": arguments([folder.worker_program.name]),
        "initialdir": file(str(folder.path)),
        "output": file(log) + "$(ClusterId).$(ProcId).out",
        "error": file(log) + "$(ClusterId).$(ProcId).out",
        "stream_output": "true",
        "stream_error": "true",
        "log": file(str(folder.events)),
        "transfer_output_files": '""',
        "transfer_input_files": file_list(str(path) for path in files),
        "encrypt_input_files": file_list(path.name for path in secret),
        "request_memory": str(memory),
        # If HTCondor notices that a job outgrew its memory, it runs the job again with more memory itself ...
        "retry_request_memory_increase": f"RequestMemory * {GROWTH}",
        "retry_request_memory_max": str(MOST_GROWTH * memory),
        # ... and if the job notices it, the runner releases the job with more memory.
        "on_exit_hold": f"(ExitBySignal =?= false) && (ExitCode =?= {OUTGREW})",
        "on_exit_hold_subcode": str(MEMORY),
        "on_exit_hold_reason": '"The worker outgrew the memory of its job."',
        # Workers that must keep their data are retired first; the others need not wait for a scheduler that is gone.
        "remove_kill_sig": "SIGKILL",
    }
    return job_description(spec, own, directives)
