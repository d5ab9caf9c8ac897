"""Make an environment with the oldest JupyterLab that the panel works in, and other extensions beside it.

Its own packages come first; for all others it uses those of the environment of the checkout.
"""

from __future__ import annotations

import hashlib
import shutil
import sysconfig
from pathlib import Path

from environment import ENVIRONMENT, PYTHON
from steps import Steps

__all__ = ["make_oldest_lab"]

FOLDER = ENVIRONMENT.with_name(f"{ENVIRONMENT.name}-oldest-lab")
"""Beside the environment of the checkout; tests/ui/other_labs.py finds it by this name."""

PACKAGES = (
    "jupyterlab==4.2.0",
    "notebook==7.2.0",
    # The extensions that are met most beside the panel, and what they need that the other environment does not have.
    "dask-labextension==7.0.0",
    "jupyter-collaboration==3.1.2",
    "jupyter-collaboration-ui==1.1.2",
    "jupyter-docprovider==1.1.2",
    "jupyter-server-fileid>=0.9,<0.11",
    "jupyter-server-ydoc==1.1.2",
    "jupyter-ydoc>=3.0.3,<3.5",
    "pycrdt>=0.12.13,<0.13",
    "pycrdt-websocket>=0.15.4,<0.16",
    "sqlite-anyio>=0.2.3,<0.3",
)

_STAMP = FOLDER / "stamp"
_OF_BOTH = ("etc/jupyter/jupyter_server_config.d", "share/jupyter/labextensions")


def make_oldest_lab(steps: Steps) -> None:
    """Make the environment, if it is not there with these packages."""
    with steps.step("The oldest JupyterLab, for the browser tests"):
        packages = _packages()
        if not (_STAMP.exists() and _STAMP.read_text() == _digest()):
            shutil.rmtree(FOLDER, ignore_errors=True)
            steps.run(PYTHON, "-m", "venv", "--without-pip", FOLDER)
            pip = (PYTHON, "-m", "pip", "--python", FOLDER / "bin" / "python", "install", "--quiet")
            # Without dependencies, because those are in the other environment.
            steps.run(*pip, "--no-deps", "--no-compile", "--disable-pip-version-check", *PACKAGES)
            others = PYTHON.parent.parent / packages.relative_to(FOLDER)
            (packages / "others.pth").write_text(f"import site; site.addsitedir({str(others)!r})\n")
            _STAMP.write_text(_digest())
        else:
            print("    up to date")
        for folder in _OF_BOTH:
            _link_others(folder)


def _packages() -> Path:
    paths = {"base": str(FOLDER), "platbase": str(FOLDER)}
    return Path(sysconfig.get_path("purelib", "posix_prefix", vars=paths))


def _link_others(folder: str) -> None:
    """Link what the other environment has in a folder that Jupyter reads, and this one has not."""
    for other in sorted((ENVIRONMENT / folder).iterdir()):
        link = FOLDER / folder / other.name
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(other)


def _digest() -> str:
    return hashlib.sha256("\n".join((str(PYTHON), *PACKAGES)).encode()).hexdigest()
