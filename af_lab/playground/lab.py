"""JupyterLab in a pool."""

from __future__ import annotations

import json
import math
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from af_lab.errors import PlaygroundError
from af_lab.gallery.examples import COPIES, copy_example
from af_lab.playground.lab_settings import write_settings
from af_lab.playground.personal_pool import PersonalPool
from af_lab.playground.run import run_command

__all__ = ["FIRST_NOTEBOOK", "copy_first_notebook", "find_address", "how_it_ended", "run_lab"]

FIRST_NOTEBOOK = "dimuon-spectrum-coffea.ipynb"

_POOL_LOOK = 5.0  # seconds between two looks whether the pool is still running


def copy_first_notebook(folder: Path) -> Path:
    """Copy the first notebook to where the panel copies examples, unless it is there, and return the copy.

    Parameters
    ----------
    folder
        The folder that JupyterLab shows.

    Raises
    ------
    ExampleNotCopied
        The folder cannot be written.
    """
    return copy_example(FIRST_NOTEBOOK, folder / COPIES)


def how_it_ended(status: int) -> str:
    """Return in words how JupyterLab ended, from the exit status that `run_lab` returned."""
    if status == 0:
        return "JupyterLab has ended."
    if status - 128 not in signal.valid_signals():
        return f"JupyterLab ended with the exit status {status}; its last messages say why."
    name = signal.Signals(status - 128).name
    cause = " The system does that when memory runs out." if name == "SIGKILL" else ""
    return f"JupyterLab was ended by the signal {name}.{cause}"


def run_lab(
    pool: PersonalPool, folder: Path, notebook: Path, port: int | None, browser: bool, announce: Callable[[str], None]
) -> int:
    """Run JupyterLab until it is asked to end, and return its exit status.

    Parameters
    ----------
    pool
        A running pool; the kernels' `af_lab.cluster()` uses it.
    folder
        The folder that it shows.
    notebook
        The notebook that it opens, below this folder.
    port
        Port to listen on; None for the first free port from 8888 on.
    browser
        Whether to open a browser.
    announce
        Called with what the user must know: the address, including the token, when JupyterLab listens; and that the
        pool has died.
    """
    runtime = pool.folder / "jupyter"
    runtime.mkdir(mode=0o700, exist_ok=True)
    for left_over in runtime.glob("jpserver-*"):
        left_over.unlink()
    path = f"lab/tree/{notebook.relative_to(folder).as_posix()}"
    command = [
        sys.executable,
        # Modules in the current folder, such as a types.py, must not hide those of Python.
        "-P",
        "-m",
        "jupyterlab",
        "--ServerApp.log_level=WARN",
        "--LabApp.log_level=WARN",
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.answer_yes=True",
        f"--LabApp.default_url=/{path}",
    ]
    if port is not None:
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        command.append("--no-browser")
    # The token is passed in a file that only its owner can read: every user of the machine can read a command line, and
    # every kernel inherits the environment.
    token = secrets.token_hex(24)
    command.append(f"--config={_write_token(runtime, token)}")
    environment = pool.environment() | {"JUPYTER_RUNTIME_DIR": str(runtime)}
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
        [str(write_settings(runtime)), *filter(None, [environment.get("JUPYTER_CONFIG_PATH")])]
    )
    # For JupyterLab's terminals: this Python environment may not be the active one.
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    announced = False
    next_look = time.monotonic() + _POOL_LOOK

    def look() -> None:
        nonlocal announced, next_look
        if not announced and (address := find_address(runtime)):
            announced = True
            announce(f"JupyterLab: {address}{path}?token={token}\nCtrl-C stops it.")
        if time.monotonic() > next_look:
            trouble = _trouble(pool)
            next_look = math.inf if trouble else time.monotonic() + _POOL_LOOK
            if trouble:
                announce(trouble)

    return run_command(command, environment, meanwhile=look)


def _trouble(pool: PersonalPool) -> str | None:
    """Return what is wrong with the pool of a JupyterLab."""
    try:
        if pool.is_running():
            return None
    except PlaygroundError as error:
        return str(error)
    return (
        f"The pool '{pool.name}' has ended, so JupyterLab reaches no clusters. The pool's logs: {pool.log}. "
        f"Start it again in another terminal, with: af-lab pool start --name {pool.name}"
    )


def _write_token(folder: Path, token: str) -> Path:
    file = folder / "token.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps({"IdentityProvider": {"token": token}}), encoding="utf-8")
    return file


def find_address(runtime: Path) -> str | None:
    """Return the address of the server with its runtime files in a folder; None before it listens."""
    for file in runtime.glob("jpserver-*.json"):
        text = file.read_text()
        if text.endswith("}"):  # otherwise it is still being written
            address = str(json.loads(text)["url"])
            # The server writes the file before it listens.
            return address if _listens(address) else None
    return None


def _listens(address: str) -> bool:
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=1):
            return True
    except socket.gaierror:
        return True  # a name that other machines may be able to resolve
    except OSError:
        return False
