"""The arguments of `dask worker`."""

from __future__ import annotations

from pathlib import Path

from af_lab.condor.job import JobId
from af_lab.model.counting import job_of
from af_lab.worker.arguments import worker_arguments


def test_a_worker_is_fitted_to_its_slot() -> None:
    given = ["contact.json", "--name", "x", "--nthreads", "1", "--memory-limit", "2GB", "--death-timeout", "60"]
    job = {"ClusterId": "7", "ProcId": "3", "NumJobStarts": "2", "RequestCpus": "2"}
    arguments = worker_arguments(given, "tls://h:1", job, {"Memory": "4224"}, Path("/files"), "/scratch")
    assert arguments[:3] == ["tls://h:1", "--name", "7.3-r2"]
    assert arguments[arguments.index("--memory-limit") + 1] == str(2048 * 2**20)
    assert arguments[arguments.index("--nworkers") + 1] == "2"
    assert arguments[arguments.index("--local-directory") + 1] == "/scratch"
    assert arguments[-2:] == ["--death-timeout", "60"]
    assert job_of("7.3-r2") == job_of("7.3-r2-1") == JobId(7, 3)
    assert job_of("tls://somebody") is None
