"""The Python of a cluster: found by its path, or by the Jupyter kernel that starts it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["interpreter_at", "interpreter_of_kernel"]


def interpreter_at(path: str) -> str:
    """Return the interpreter at a path, which may be the folder of an environment.

    Raises
    ------
    ValueError
        There is no Python at the path.
    """
    if not path.isprintable():
        raise ValueError("a path must not contain control characters")
    try:
        found = Path(path).expanduser().absolute()
        if found.is_dir():
            found = found / "bin" / "python"
        runs = os.access(found, os.X_OK) and not found.is_dir()
    except (OSError, RuntimeError) as error:
        # The home of an unknown user, a name that is too long, a folder without read permission.
        raise ValueError(f"there is no Python at {path!r}: {error}") from None
    if not runs:
        raise ValueError(f"there is no Python at {path!r}")
    # python, python3 and python3.12 of one environment are the same to a user.
    plain = found.with_name("python")
    return str(plain if plain.exists() and plain.samefile(found) else found)


def interpreter_of_kernel(name: str) -> str:
    """Return the interpreter that a Jupyter kernel starts.

    Searches the default folders of Jupyter without any Jupyter package, because clusters are also made from scripts
    and terminals. A Jupyter server may have other folders, so it gives the path itself.

    Raises
    ------
    ValueError
        There is no such kernel, or it is not a Python kernel.
    """
    kernels = dict(_kernels())
    if name not in kernels:
        known = ", ".join(sorted(kernels)) or "none"
        raise ValueError(f"there is no kernel {name!r}; there are: {known}")
    description = kernels[name] / "kernel.json"
    try:
        spec = json.loads(description.read_text(encoding="utf-8"))
        program, language = str(spec["argv"][0]), str(spec.get("language", "python"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise ValueError(f"the kernel {name!r} cannot be read from {str(description)!r}") from None
    if language.lower() != "python":
        raise ValueError(f"{name!r} is a kernel for {language}; a cluster needs a Python kernel")
    # Jupyter itself replaces a bare "python" with its own interpreter.
    if program in ("python", f"python{sys.version_info.major}"):
        return interpreter_at(sys.executable)
    return interpreter_at(program if Path(program).is_absolute() else shutil.which(program) or program)


def _kernels() -> Iterator[tuple[str, Path]]:
    """Yield the kernels and their folders; of two with the same name, Jupyter takes the last."""
    folders = [
        Path("/usr/share/jupyter"),
        Path("/usr/local/share/jupyter"),
        Path(sys.prefix, "share", "jupyter"),
        Path(os.environ.get("JUPYTER_DATA_DIR") or Path("~/.local/share/jupyter").expanduser()),
        *(Path(part) for part in reversed(os.environ.get("JUPYTER_PATH", "").split(os.pathsep)) if part),
    ]
    for folder in folders:
        for kernel in sorted(folder.glob("kernels/*/kernel.json")):
            yield kernel.parent.name, kernel.parent
