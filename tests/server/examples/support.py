"""Examples that may become newer, and a Python that lacks what they need."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from tornado.httpclient import HTTPResponse

from af_lab.gallery.examples import examples_folder

ID = "dimuon-spectrum-coffea"
NEEDS = ["af-lab", "coffea", "ipywidgets", "matplotlib", "mplhep"]
PATH = f"af-lab-examples/{ID}.ipynb"
Fetch = Callable[..., Awaitable[HTTPResponse]]


class Interpreter:
    """The Python of the server's default kernel: a script that tells how often it was started."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.path = folder / "python"
        self._starts = folder / "starts"
        self._packages = folder / "packages"

    @property
    def starts(self) -> int:
        return len(self._starts.read_text().splitlines()) if self._starts.exists() else 0

    def runs(self, *lines: str) -> None:
        self.path.write_text("\n".join(("#!/bin/sh", f"echo started >> {shlex.quote(str(self._starts))}", *lines, "")))
        self.path.chmod(0o700)

    def has(self, *distributions: str) -> None:
        """Be this Python with nothing else but some packages, as far as it tells."""
        shutil.rmtree(self._packages, ignore_errors=True)
        for name in distributions:
            described = self._packages / f"{name.replace('-', '_')}-1.0.dist-info" / "METADATA"
            described.parent.mkdir(parents=True)
            described.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        self.runs(f'PYTHONPATH={shlex.quote(str(self._packages))} exec {sys.executable} -S -s "$@"')


class Originals:
    """The examples, which may become newer."""

    def __init__(self, folder: Path) -> None:
        self.folder = shutil.copytree(examples_folder(), folder)

    @property
    def notebook(self) -> Path:
        return self.folder / f"{ID}.ipynb"

    def renew(self) -> None:
        notebook = json.loads(self.notebook.read_bytes())
        notebook["cells"][0]["source"] = ["# A newer text"]
        self.notebook.write_text(json.dumps(notebook), encoding="utf-8")


def files_below(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))
