"""Jupyter's kernels: how they are started, and which of them are a plain Python."""

from __future__ import annotations

import json
import os
import re
import shutil
import string
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from af_lab.jobs.interpreters import interpreter_at

__all__ = [
    "KernelCommand",
    "check_language",
    "installed_kernel",
    "kernel_variables",
    "kernels_of",
    "plain_python",
]

# The modules that start a Python kernel in the interpreter that runs them.
KERNEL_MODULES = ("ipykernel_launcher", "ipykernel")
PYTHON = re.compile(r"python.*")
# Options of Python without an argument; -W and -X take one.
FLAGS = re.compile(r"-[bBdEiIOPqsSuvx]+|-[WX].+")


@dataclass(frozen=True)
class KernelCommand:
    """How Jupyter starts a kernel.

    Attributes
    ----------
    name
        The kernel's name.
    argv
        Its command, with Jupyter's place-holders such as ``{connection_file}``.
    env
        The environment variables that it sets, with place-holders such as ``${PATH}``.
    folder
        The folder of its description; empty if it has none.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    folder: str = ""

    @property
    def flags(self) -> frozenset[str]:
        """Return the one-letter options with which it starts Python."""
        return frozenset("".join(word[1:] for word in self.argv[1:] if FLAGS.fullmatch(word) and word[1] not in "WX"))


def plain_python(kernel: KernelCommand) -> str | None:
    """Return the interpreter that a kernel starts; None if it starts a launcher, which may choose another one.

    Raises
    ------
    ValueError
        The interpreter does not exist.
    """
    program, *words = kernel.argv or ("",)
    if not PYTHON.fullmatch(Path(program).name):
        return None
    module = next((index for index, word in enumerate(words) if not FLAGS.fullmatch(word)), len(words))
    match words[module:]:
        case ["-m", name, *_] if name in KERNEL_MODULES:
            pass
        case _:
            return None
    # Jupyter itself starts its own interpreter for a bare "python".
    major, minor = sys.version_info[:2]
    if program in ("python", f"python{major}", f"python{major}.{minor}"):
        return interpreter_at(sys.executable)
    return interpreter_at(program if Path(program).is_absolute() else shutil.which(program) or program)


def kernel_variables(kernel: KernelCommand, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that a kernel sets, with its place-holders filled as Jupyter does."""
    return {name: string.Template(value).safe_substitute(inherited) for name, value in kernel.env.items()}


def kernels_of(python: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables in this process's environment that installed kernels of an interpreter set.

    A process does not know the kernel that it belongs to: a kernel counts if all its variables are set as it says.
    """
    found: dict[str, str] = {}
    for name, folder in _kernels():
        try:
            kernel = _read_kernel(name, folder / "kernel.json")
            if not kernel.env or plain_python(kernel) != python:
                continue
        except ValueError:
            # A broken kernel is not the one that runs this.
            continue
        # A value with a place-holder was filled with variables as they were before the kernel started.
        fixed = {name: value for name, value in kernel.env.items() if "$" not in value}
        if all(environment.get(name) == value for name, value in fixed.items()):
            found |= {name: environment[name] for name in kernel.env if name in environment}
    return found


def installed_kernel(name: str) -> KernelCommand:
    """Return how Jupyter starts a kernel that is installed.

    Searches the default folders of Jupyter without any Jupyter package, because clusters are also made from scripts
    and terminals. A Jupyter server may have other folders, so it asks its own manager of kernels.

    Raises
    ------
    ValueError
        There is no such kernel, or it is not a Python kernel.
    """
    kernels = dict(_kernels())
    if name not in kernels:
        known = ", ".join(sorted(kernels)) or "none"
        raise ValueError(f"there is no kernel {name!r}; there are: {known}")
    return _read_kernel(name, kernels[name] / "kernel.json")


def _read_kernel(name: str, description: Path) -> KernelCommand:
    """Read Jupyter's description of a kernel.

    Raises
    ------
    ValueError
        It cannot be read, or it is not a Python kernel.
    """
    try:
        spec = json.loads(description.read_text(encoding="utf-8"))
        language = str(spec.get("language", "python"))
        argv = tuple(map(str, spec["argv"]))
        env = {str(key): str(value) for key, value in (spec.get("env") or {}).items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise ValueError(f"the kernel {name!r} cannot be read from {str(description)!r}") from None
    if not argv:
        raise ValueError(f"the kernel {name!r} has no command in {str(description)!r}")
    check_language(name, language)
    return KernelCommand(name, argv, env, str(description.parent))


def check_language(name: str, language: str) -> None:
    """Check that a kernel is one for Python; raises ValueError otherwise."""
    if language.lower() != "python":
        raise ValueError(f"{name!r} is a kernel for {language}; a cluster needs a Python kernel")


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
