"""The Python of a Jupyter kernel, in which a cluster made from the panel runs."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from af_lab.errors import SpecError

__all__ = ["interpreter_of"]


def interpreter_of(kernels: KernelSpecManager, name: str) -> str:
    """Return the path of the interpreter that a kernel starts.

    Raises
    ------
    SpecError
        The kernel does not exist, or is not a Python kernel.
    """
    try:
        spec = kernels.get_kernel_spec(name)
    except NoSuchKernel:
        known = ", ".join(sorted(kernels.find_kernel_specs())) or "none"
        raise SpecError(f"environment.kernel: there is no kernel {name!r}; there are: {known}.") from None
    program = spec.argv[0] if spec.argv else ""
    if spec.language.lower() != "python":
        raise SpecError(
            f"environment.kernel: {name!r} is a kernel for {spec.language}; a cluster needs a Python kernel."
        )
    # For a bare "python", Jupyter itself starts the interpreter that it runs in.
    if program in ("python", f"python{sys.version_info.major}"):
        return sys.executable
    found = program if Path(program).is_absolute() else shutil.which(program)
    if found is None:
        raise SpecError(f"environment.kernel: the program {program!r} of the kernel {name!r} does not exist.")
    return found
