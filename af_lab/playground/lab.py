"""JupyterLab in a pool."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from af_lab.gallery.examples import copy_example
from af_lab.playground.personal_pool import PersonalPool
from af_lab.playground.run import run_command

__all__ = ["FIRST_NOTEBOOK", "find_address", "run_lab"]

FIRST_NOTEBOOK = "dimuon-spectrum-coffea.ipynb"


def run_lab(pool: PersonalPool, folder: Path, port: int | None, browser: bool, announce: Callable[[str], None]) -> int:
    """Run JupyterLab until it is asked to end, and return its exit status.

    Parameters
    ----------
    pool
        A running pool; the kernels' `af_lab.cluster()` uses it.
    folder
        The folder that JupyterLab shows. The first notebook is copied there if it does not exist yet.
    port
        Port to listen on; None for the first free port from 8888 on.
    browser
        Whether to open a browser.
    announce
        Called with the address, including the token, when JupyterLab listens.
    """
    folder.mkdir(parents=True, exist_ok=True)
    notebook = copy_example(FIRST_NOTEBOOK, folder).name
    runtime = pool.folder / "jupyter"
    runtime.mkdir(mode=0o700, exist_ok=True)
    for left_over in runtime.glob("jpserver-*"):
        left_over.unlink()
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.log_level=WARN",
        "--LabApp.log_level=WARN",
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.answer_yes=True",
        f"--LabApp.default_url=/lab/tree/{notebook}",
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
    # For JupyterLab's terminals: this Python environment may not be the active one.
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    announced = False

    def look_for_address() -> None:
        nonlocal announced
        if not announced and (address := find_address(runtime)):
            announced = True
            announce(f"{address}lab/tree/{notebook}?token={token}")

    return run_command(command, environment, meanwhile=look_for_address)


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
