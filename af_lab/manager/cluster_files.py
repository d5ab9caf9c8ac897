"""The files of a new cluster: secrets, environment, settings and the programs of its jobs."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from af_lab.disk_errors import storage_errors
from af_lab.home import af_lab_home
from af_lab.jobs.environment_script import script
from af_lab.jobs.runtimes import Runtime
from af_lab.manager.facility_directives import facility_settings
from af_lab.manager.scheduler_job import scheduler_description, scheduler_program
from af_lab.manager.worker_job import worker_description
from af_lab.manager.worker_script import worker_script
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from af_lab.model.kept_settings import keep_settings
from af_lab.model.spec import ClusterSpec

__all__ = ["make_files", "make_worker_files", "own_umask"]


def make_files(spec: ClusterSpec, runtime: Runtime, owner: str) -> tuple[ClusterFolder, dict[str, str]]:
    """Make the folder of a new cluster, completely or not at all; return it and the description of its scheduler job.

    Raises
    ------
    StorageError
        The folder cannot be written.
    AfLabError
        Keys would not be safe in the folder.
    SpecError
        A value is not allowed in a submit description.
    """
    home = af_lab_home()
    with storage_errors(home):
        return _make_files(spec, runtime, owner, home)


def _make_files(spec: ClusterSpec, runtime: Runtime, owner: str, home: Path) -> tuple[ClusterFolder, dict[str, str]]:
    folder = ClusterFolder.create(home, make_credentials(spec.name))
    try:
        folder.write(folder.environment, os.fsencode(script(dict(runtime.variables) | spec.variables)))
        folder.write(folder.scheduler_program, os.fsencode(scheduler_program(folder, spec)))
        keep_settings(folder)
        folder.write(folder.worker_description, json.dumps(make_worker_files(folder, spec)).encode())
        return folder, scheduler_description(folder, spec, runtime.versions, owner)
    except BaseException:
        folder.remove()
        raise


def make_worker_files(folder: ClusterFolder, spec: ClusterSpec) -> dict[str, str]:
    """Write the program of the worker jobs into a cluster's folder; return the description of a worker job."""
    facility = facility_settings(folder, spec)
    program = worker_script(facility.command, facility.prologue, spec.directory, own_umask(), spec.variables)
    folder.write(folder.worker_program, os.fsencode(program))
    return worker_description(folder, spec, facility.directives)


def own_umask() -> int:
    """Return the permissions that new files of this process do not get; `os.umask` would have to change them."""
    found = re.search(r"^Umask:\s*([0-7]+)$", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    return int(found[1], 8) if found else 0o022
