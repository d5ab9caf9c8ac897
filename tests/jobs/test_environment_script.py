"""The environment variables of jobs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from af_lab.jobs.environment_script import environment_script
from af_lab.model.spec import make_spec


def test_the_environment_is_told_in_a_file_of_its_owner() -> None:
    inherited = {"PYTHONPATH": ".:/x y", "SECRET_TOKEN": "t", "LANG": "C; rm -rf /", "CONDOR_CONFIG": "/etc/condor"}
    script = environment_script(make_spec({}).environment, {}, inherited)
    shown = subprocess.run(["sh", "-c", f"{script}\nenv"], capture_output=True, text=True, check=True, env={}).stdout
    variables = dict(line.partition("=")[::2] for line in shown.splitlines())
    assert variables["PYTHONPATH"] == f"{Path.cwd()}:/x y"
    assert variables["LANG"] == "C; rm -rf /"
    assert "SECRET_TOKEN" not in variables
    assert variables["PATH"].startswith(str(Path(sys.executable).parent))
