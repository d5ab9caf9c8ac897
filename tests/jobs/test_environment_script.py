"""The environment variables of jobs."""

from __future__ import annotations

import subprocess
from pathlib import Path

from af_lab.jobs.environment_script import job_variables, script

PYTHON = "/opt/analysis/bin/python"


def test_the_environment_is_told_in_a_file_of_its_owner() -> None:
    inherited = {"PYTHONPATH": ".:/x y", "SECRET_TOKEN": "t", "LANG": "C; rm -rf /", "CONDOR_CONFIG": "/etc/condor"}
    written = script(job_variables(PYTHON, {}, inherited, {}))
    shown = subprocess.run(["sh", "-c", f"{written}\nenv"], capture_output=True, text=True, check=True, env={}).stdout
    variables = dict(line.partition("=")[::2] for line in shown.splitlines())
    assert variables["PYTHONPATH"] == f"{Path.cwd()}:/x y"
    assert variables["LANG"] == "C; rm -rf /"
    assert "SECRET_TOKEN" not in variables
    assert variables["PATH"].startswith("/opt/analysis/bin:")


def test_a_kernels_variables_override_those_of_its_jupyter_server() -> None:
    inherited = {"PYTHONPATH": "/of/the/server", "PATH": "/of/the/server/bin:/usr/bin", "ROOTSYS": "/old"}
    variables = job_variables(PYTHON, {"PYTHONPATH": "/of/the/kernel", "PATH": "/of/it/bin"}, inherited, {})
    assert variables["PYTHONPATH"] == "/of/the/kernel"
    assert variables["PATH"].split(":")[:2] == ["/opt/analysis/bin", "/of/it/bin"]
    assert variables["ROOTSYS"] == "/old"


def test_a_job_uses_one_thread_unless_dask_is_configured_otherwise() -> None:
    assert job_variables(PYTHON, {"OMP_NUM_THREADS": "8"}, {}, {})["OMP_NUM_THREADS"] == "1"
    assert job_variables(PYTHON, {}, {}, {"OMP_NUM_THREADS": 2})["OMP_NUM_THREADS"] == "2"


def test_what_a_shell_cannot_export_is_left_out() -> None:
    variables = job_variables(PYTHON, {"BASH_FUNC_module%%": "() { :; }", "1ST": "x"}, {}, {"MALLOC_ARENA_MAX": 1})
    assert variables["MALLOC_ARENA_MAX"] == "1"
    assert not {"BASH_FUNC_module%%", "1ST"} & variables.keys()
