"""Install packages into an environment: by uv, which takes a tenth of pip's time, or by pip."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pip_settings import NotForUv, read_settings, uv_environment
from steps import Failed, Steps, on_path

__all__ = ["Installer"]


class Installer:
    """Installs what is asked for, one call at a time.

    Parameters
    ----------
    steps
        Runs the commands.
    python
        The Python of the environment, which has pip.
    """

    def __init__(self, steps: Steps, python: Path) -> None:
        self._steps = steps
        self._python = python
        self._uv = python.with_name("uv")
        self._environment = self._prepare()

    def install(self, *what: str) -> None:
        """Install what the words say, which mean the same to uv and pip."""
        if self._environment is not None:
            try:
                to_here = ("pip", "install", "--python", self._python)
                self._steps.run(self._uv, *to_here, *what, environment=self._environment)
                return
            except Failed:
                print("    uv could not install it: pip tries", flush=True)
                self._environment = None
                self._renew_pip()
        self._steps.run(self._python, "-m", "pip", "install", *what, environment=on_path(self._python.parent))

    def _prepare(self) -> Mapping[str, str] | None:
        """Return the environment for uv, or None if pip has to do it."""
        try:
            environment = uv_environment(read_settings(self._pip("config", "list")), os.environ)
            if not self._uv.exists():
                # It would take minutes to compile it, and a compiler.
                self._pip("install", "--quiet", "--only-binary", "uv", "uv")
        except NotForUv as reason:
            print(f"    pip installs the packages: {reason}", flush=True)
        except subprocess.CalledProcessError as error:
            print(f"    pip installs the packages, because there is no uv: {error.stderr.strip()[-500:]}", flush=True)
        else:
            return environment | {"PATH": on_path(self._python.parent)["PATH"]}
        self._renew_pip()
        return None

    def _renew_pip(self) -> None:
        # The pip that is bundled with Python is as old as it, and takes twice the time for the next steps.
        self._steps.run(self._python, "-m", "pip", "install", "--quiet", "--upgrade", "pip")

    def _pip(self, *words: str) -> str:
        command = [str(self._python), "-m", "pip", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
