"""The submit description of a cluster's worker jobs, as text."""

from __future__ import annotations

import json

from af_lab.errors import ClusterFailed
from af_lab.model import ads
from af_lab.model.folder import ClusterFolder

__all__ = ["job_script"]


def job_script(folder: ClusterFolder, name: str, id_: int) -> str:
    """Return the submit description of a worker job, as for ``condor_submit``.

    Parameters
    ----------
    folder, name
        The cluster's files and its name.
    id_
        ``ClusterId`` of its scheduler job.

    Raises
    ------
    ClusterFailed
        The files are gone.
    """
    try:
        description = json.loads(folder.worker_description.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ClusterFailed(f"The cluster {name!r} has ended, and its files are gone.") from None
    lines = [f"{key} = {value}" for key, value in (description | {f"My.{ads.SCHEDULER}": id_}).items()]
    return "\n".join([*lines, "queue", ""])
