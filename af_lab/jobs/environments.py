"""The Python environments that jobs may run in: one class for each way to name one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator

from af_lab.jobs.interpreters import interpreter_at
from af_lab.jobs.kernels import KernelCommand, installed_kernel, plain_python
from af_lab.jobs.strict_model import STORED, StrictModel

__all__ = ["Environment", "KernelEnvironment", "PathEnvironment"]


class PathEnvironment(StrictModel):
    """A Python that scheduler and workers run in: the path of its interpreter, or of the folder it is installed in."""

    path: str

    @field_validator("path")
    @classmethod
    def _interpreter(cls, value: str, info: ValidationInfo) -> str:
        return value if info.context is STORED else interpreter_at(value)


class KernelEnvironment(StrictModel):
    """A Python that scheduler and workers run in: the one that a Jupyter kernel starts.

    Attributes
    ----------
    started_by
        How Jupyter starts it; if not given, it is looked up in Jupyter's default folders.
    kernel
        Name of the kernel.
    path
        Its interpreter; empty for a kernel that has to be started to find out.
    """

    # Before the others, which are checked with it.
    started_by: KernelCommand | None = Field(default=None, exclude=True, repr=False)
    kernel: str
    path: str = ""

    @field_validator("kernel")
    @classmethod
    def _installed(cls, value: str, info: ValidationInfo) -> str:
        if not value.isprintable():
            raise ValueError("a kernel's name must not contain control characters")
        if info.context is not STORED and info.data.get("started_by") is None:
            installed_kernel(value)
        return value

    @field_validator("path")
    @classmethod
    def _interpreter(cls, value: str, info: ValidationInfo) -> str:
        if info.context is STORED or "kernel" not in info.data:
            return value
        if value:
            return interpreter_at(value)
        return plain_python(info.data.get("started_by") or installed_kernel(info.data["kernel"])) or ""

    @property
    def command(self) -> KernelCommand:
        """How Jupyter starts it; raises ValueError if it is not installed any more."""
        return self.started_by or installed_kernel(self.kernel)


def _kind(value: object) -> str | None:
    if isinstance(value, PathEnvironment | KernelEnvironment):
        return type(value).__name__
    for field, kind in (("kernel", KernelEnvironment), ("path", PathEnvironment)):
        if isinstance(value, Mapping) and field in value:
            return kind.__name__
    return None


Environment = Annotated[
    Annotated[PathEnvironment, Tag(PathEnvironment.__name__)]
    | Annotated[KernelEnvironment, Tag(KernelEnvironment.__name__)],
    # Selected before validation: an error in a kernel's name does not also report a missing path.
    Discriminator(
        _kind,
        custom_error_type="environment",
        custom_error_message="write {'kernel': ...} with a kernel's name, or {'path': ...} with the path of a Python",
    ),
]
