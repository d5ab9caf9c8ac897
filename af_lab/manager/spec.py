"""What a user asks for: the specification of a cluster, checked before anything happens."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from dask.utils import parse_bytes
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from af_lab import config
from af_lab.errors import SpecError

__all__ = ["NAME_PATTERN", "ClusterSpec", "PathEnvironment", "check_workers", "make_spec", "spec_error"]

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}"
MEGABYTE = 2**20
# Context of a validation: the specification was checked when its cluster was made. Its Python may have gone since,
# which must not hide the cluster.
STORED = object()
SHAPE = ("cores", "memory", "disk", "environment")


def _bytes(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return parse_bytes(value)
    except ValueError:
        raise ValueError(f"{value!r} is no size; write '2 GB', '500 MiB' or a number of bytes") from None


Bytes = Annotated[int, BeforeValidator(_bytes)]
Workers = Annotated[int, Field(ge=0, le=100_000)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PathEnvironment(_Model):
    """A Python that scheduler and workers run in: the path of its interpreter, or of the folder it is installed in."""

    path: str

    @field_validator("path")
    @classmethod
    def _interpreter(cls, value: str, info: ValidationInfo) -> str:
        if info.context is STORED:
            return value
        path = Path(value).expanduser().absolute()
        if path.is_dir():
            path = path / "bin" / "python"
        if not os.access(path, os.X_OK) or path.is_dir():
            raise ValueError(f"there is no Python at {value!r}")
        # python, python3 and python3.12 of one environment are the same to a user.
        plain = path.with_name("python")
        return str(plain if plain.exists() and plain.samefile(path) else path)


class ClusterSpec(_Model):
    """The specification of a cluster.

    Attributes
    ----------
    name
        Unique among the user's clusters; letters, digits and ``_.-``, at most 63, the first a letter or digit.
    workers
        Dask worker processes wanted at the beginning. Each uses one core and one thread.
    cores
        Cores of one worker job, and worker processes in it.
    memory, disk
        Of one worker job, in bytes.
    environment
        The Python of scheduler and workers.
    """

    name: str = Field(default="default", pattern=rf"^{NAME_PATTERN}$")
    workers: Workers = Field(default_factory=lambda: config.get("cluster.workers"))
    cores: int = Field(default_factory=lambda: config.get("worker.cores"), ge=1, le=1024)
    memory: Bytes = Field(default_factory=lambda: parse_bytes(config.get("worker.memory")), ge=128 * MEGABYTE, le=2**50)
    disk: Bytes = Field(default_factory=lambda: parse_bytes(config.get("worker.disk")), ge=MEGABYTE, le=2**50)
    environment: PathEnvironment = Field(default_factory=lambda: PathEnvironment(path=sys.executable))

    @field_validator("name")
    @classmethod
    def _whole_name(cls, value: str) -> str:
        # A pattern's "$" also stands before a last newline.
        if not re.fullmatch(NAME_PATTERN, value):
            raise ValueError("a name has no newline")
        return value

    def differences(self, other: ClusterSpec) -> list[str]:
        """Say in words where another cluster has not the shape that was explicitly asked for here."""
        return [
            f"{field}: asked for {_show(getattr(self, field))}, the cluster has {_show(getattr(other, field))}"
            for field in SHAPE
            if field in self.model_fields_set and getattr(self, field) != getattr(other, field)
        ]


def make_spec(fields: Mapping[str, Any]) -> ClusterSpec:
    """Check what was asked for.

    Raises
    ------
    SpecError
        A value is wrong; the message names each, what was given and what is allowed.
    """
    try:
        return ClusterSpec.model_validate(dict(fields))
    except ValidationError as error:
        raise spec_error(error) from None


def check_workers(workers: object) -> int:
    """Check a number of workers that a cluster shall be scaled to."""
    if isinstance(workers, bool) or not isinstance(workers, int) or not 0 <= workers <= 100_000:
        raise SpecError(f"workers: a whole number from 0 to 100000 is allowed, not {workers!r}.")
    return workers


def spec_error(error: ValidationError) -> SpecError:
    """Put what is wrong with the values of a model into words."""
    lines = []
    for wrong in error.errors(include_url=False):
        where = ".".join(str(part) for part in wrong["loc"]) or "the specification"
        if wrong["type"] == "extra_forbidden":
            lines.append(f"{where}: there is no such field")
        elif wrong["type"] == "string_pattern_mismatch":
            lines.append(
                f"{where}: {wrong['input']!r} is not allowed; a name has 1 to 63 letters, digits and '_.-', "
                "the first a letter or digit"
            )
        else:
            said = wrong["msg"].removeprefix("Value error, ")
            lines.append(f"{where}: {said[:1].lower()}{said[1:]} (given: {wrong['input']!r})")
    return SpecError("; ".join(lines) + ".")


def _show(value: object) -> str:
    if isinstance(value, PathEnvironment):
        return value.path
    return f"{value / 1e9:g} GB" if isinstance(value, int) and value > MEGABYTE else str(value)
