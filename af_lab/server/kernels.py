"""The Python of a Jupyter kernel, in which a cluster made from the panel runs."""

from __future__ import annotations

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from af_lab.errors import SpecError
from af_lab.jobs.kernels import KernelCommand, check_language

__all__ = ["command_of"]


def command_of(kernels: KernelSpecManager, name: str) -> KernelCommand:
    """Return how the server starts a kernel.

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
    try:
        check_language(name, spec.language)
    except ValueError as error:
        raise SpecError(f"environment.kernel: {error}.") from None
    return KernelCommand(name, tuple(spec.argv), dict(spec.env), spec.resource_dir)
