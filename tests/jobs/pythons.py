"""Programs that stand for Pythons, and kernels that start them."""

from __future__ import annotations

import json
import sys
import venv
from pathlib import Path
from typing import Any


def script(path: Path, *lines: str) -> str:
    """Write a program that a shell runs, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines, "")), encoding="utf-8")
    path.chmod(0o700)
    return str(path)


def bare_python(folder: Path) -> str:
    """Make an environment of this Python without any package."""
    venv.create(folder / "bare", symlinks=True)
    return str(folder / "bare" / "bin" / "python")


def python_with(folder: Path, package: str, version: str) -> str:
    """Make a wrapper of this Python that imports a package of another version."""
    (folder / package).mkdir()
    (folder / package / "__init__.py").write_text(f"__version__ = {version!r}\n", encoding="utf-8")
    return script(folder / "python", f"export PYTHONPATH={folder}", f'exec {sys.executable} "$@"')


def add_kernel(data: Path, name: str, content: Any) -> None:
    """Install a kernel below a folder that may stand in JUPYTER_PATH."""
    folder = data / "kernels" / name
    folder.mkdir(parents=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "kernel.json").write_text(text, encoding="utf-8")


def kernel_of(python: str, *launcher: str, **more: Any) -> dict[str, Any]:
    """Return the description of a kernel that starts a Python, behind the words of a launcher."""
    argv = [*launcher, python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    return {"argv": argv, "display_name": "A", **more}
