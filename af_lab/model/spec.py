"""The specification of a cluster, as a user requests it; checked before anything is done."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from af_lab import config
from af_lab.bounds import BOUNDS, MAX_WORKERS, Bounds
from af_lab.errors import SpecError
from af_lab.jobs import sites
from af_lab.jobs.environments import Environment, KernelEnvironment, PathEnvironment
from af_lab.jobs.strict_model import STORED, StrictModel
from af_lab.jobs.submit_commands import check_commands, check_variables, unquoted
from af_lab.model.spec_values import Bytes, Seconds, existing_folder, idle_timeout, with_home, working_directory
from af_lab.wording import size

__all__ = [
    "BOUNDS",
    "MAX_WORKERS",
    "NAME_PATTERN",
    "Adapt",
    "Bounds",
    "ClusterSpec",
    "check_adapt",
    "check_workers",
    "make_spec",
    "spec_error",
]

SHORTEST_TIME = 60  # seconds that a worker job must be allowed to run
NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}"
# Sources of the fields that are not given.
DEFAULTS = {
    "workers": "the setting af-lab.cluster.workers",
    "cores": "the setting af-lab.worker.cores",
    "memory": "the setting af-lab.worker.memory",
    "disk": "the setting af-lab.worker.disk",
}
SHAPE = (
    *("cores", "memory", "disk", "gpus", "arch", "sites", "environment", "directory"),
    *("variables", "submit", "time"),
)
# Python's names, and HTCondor's names for the same architectures.
ARCHITECTURES = {"x86_64": "X86_64", "aarch64": "aarch64", "ppc64le": "ppc64le"}


Workers = Annotated[int, Field(ge=BOUNDS["workers"].minimum, le=BOUNDS["workers"].maximum)]


class Adapt(StrictModel):
    """The range that adaptive scaling keeps the number of workers in."""

    minimum: Workers = 0
    maximum: Workers

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError(f"the minimum {self.minimum} is above the maximum {self.maximum}")
        return self


def _range(value: object) -> object:
    if isinstance(value, tuple | list) and len(value) == 2:
        return {"minimum": value[0], "maximum": value[1]}
    if value is None or isinstance(value, Adapt | Mapping):
        return value
    raise ValueError("write a minimum and a maximum, such as (0, 20)")


class ClusterSpec(StrictModel):
    """The specification of a cluster.

    Attributes
    ----------
    name
        Unique among the user's clusters; letters, digits and ``_.-``, at most 63, the first a letter or digit.
    workers
        Dask worker processes wanted at the beginning. Each uses one core and one thread.
    adapt
        The range of adaptive scaling, in which Dask's own estimate sets the number instead.
    cores
        Cores of one worker job, and worker processes in it.
    memory, disk
        Of one worker job, in bytes.
    gpus
        GPUs of one worker job.
    arch
        Architecture that the workers run on; None for that of the access point.
    sites
        Names of the sites that the workers may run at; empty for all.
    environment
        The Python of scheduler and workers.
    directory
        The folder in which tasks start and whose modules they can import, where it is shared; elsewhere they start
        in the scratch folder of their job. If not given, that of the process that makes the cluster.
    variables
        Environment variables of scheduler and workers. Their values are kept in a file of the owner, never in a job's
        ad: a specification that was read from the queue has them empty.
    submit
        Further submit commands and attributes of the worker jobs (`af_lab.jobs.submit_commands` lists them).
    time
        Seconds that one worker job may run; its workers leave before, and others take their place. None for any time,
        or for that of a line in `submit` or in the facility's settings that is known (`af_lab.jobs.time_limits`).
    idle_timeout
        Seconds without any task after which the cluster ends itself; None for never. It may be changed later, so it is
        not part of the shape: an existing cluster keeps its own.
    """

    name: str = Field(default="default", pattern=rf"^{NAME_PATTERN}$")
    workers: Workers = Field(default_factory=lambda: config.get("cluster.workers"))
    adapt: Annotated[Adapt | None, BeforeValidator(_range)] = None
    cores: int = Field(
        default_factory=lambda: config.get("worker.cores"), ge=BOUNDS["cores"].minimum, le=BOUNDS["cores"].maximum
    )
    memory: Bytes = Field(
        default_factory=lambda: config.get("worker.memory"), ge=BOUNDS["memory"].minimum, le=BOUNDS["memory"].maximum
    )
    disk: Bytes = Field(
        default_factory=lambda: config.get("worker.disk"), ge=BOUNDS["disk"].minimum, le=BOUNDS["disk"].maximum
    )
    gpus: int = Field(default=0, ge=BOUNDS["gpus"].minimum, le=BOUNDS["gpus"].maximum)
    arch: str | None = None
    sites: Annotated[tuple[str, ...], Field(strict=False)] = ()
    environment: Environment = Field(default_factory=lambda: PathEnvironment(path=sys.executable))
    directory: str = Field(default_factory=working_directory)
    variables: Annotated[
        dict[str, str], PlainSerializer(lambda variables: dict.fromkeys(variables, ""), return_type=dict[str, str])
    ] = Field(default_factory=dict, repr=False)
    submit: dict[str, str | int | float | bool] = Field(default_factory=dict)
    time: Annotated[Seconds, Field(ge=SHORTEST_TIME)] | None = None
    idle_timeout: Seconds | None = Field(default_factory=idle_timeout)

    @field_validator("name")
    @classmethod
    def _whole_name(cls, value: str) -> str:
        # A pattern's "$" also matches before a last newline.
        if not re.fullmatch(NAME_PATTERN, value):
            raise ValueError("a name must not contain a newline")
        return value

    @field_validator("arch")
    @classmethod
    def _known_architecture(cls, value: str | None) -> str | None:
        if value is not None and value not in ARCHITECTURES:
            raise ValueError(f"{', '.join(ARCHITECTURES)} are allowed")
        return value

    @field_validator("sites")
    @classmethod
    def _known_sites(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.context is not STORED:
            sites.check(value)
        return tuple(sorted(set(value)))

    @field_validator("directory")
    @classmethod
    def _existing_folder(cls, value: str, info: ValidationInfo) -> str:
        return value if info.context is STORED else existing_folder(value)

    @field_validator("variables")
    @classmethod
    def _safe_variables(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if info.context is not STORED:
            check_variables(value)
            return {name: with_home(text) for name, text in value.items()}
        return value

    @field_validator("submit")
    @classmethod
    def _safe_commands(
        cls, value: dict[str, str | int | float | bool], info: ValidationInfo
    ) -> dict[str, str | int | float | bool]:
        if info.context is not STORED:
            check_commands(value)
        return unquoted(value)

    @model_validator(mode="before")
    @classmethod
    def _one_way_of_scaling(cls, given: Any, info: ValidationInfo) -> Any:
        if info.context is not STORED and isinstance(given, dict) and given.get("adapt") and "workers" in given:
            raise ValueError("give workers, for a fixed number, or adapt, for a range; not both")
        return given

    @property
    def first_workers(self) -> int:
        """Workers that the cluster begins with."""
        return self.workers if self.adapt is None else self.adapt.minimum

    def running_in(self, python: str) -> ClusterSpec:
        """Return the same specification with the interpreter that its environment turned out to be."""
        environment = self.environment.model_copy(update={"path": python})
        return self.model_copy(update={"environment": environment})

    def differences(self, other: ClusterSpec) -> list[str]:
        """Say in words where another cluster does not have the shape that was explicitly requested here."""
        return [
            f"{field}: asked for {_show(field, getattr(self, field))}, "
            f"the cluster has {_show(field, getattr(other, field))}"
            for field in SHAPE
            if field in self.model_fields_set and self._comparable(field) != other._comparable(field)
        ]

    def _comparable(self, field: str) -> object:
        value = getattr(self, field)
        if isinstance(value, PathEnvironment | KernelEnvironment):
            return value.path
        # The values are not kept in the queue.
        return sorted(value) if field == "variables" else value


def make_spec(fields: Mapping[str, Any]) -> ClusterSpec:
    """Make a specification from the fields that a user gave.

    Raises
    ------
    SpecError
        A value is wrong; the message names each field, what was given and what is allowed.
    """
    try:
        return ClusterSpec.model_validate(dict(fields))
    except ValidationError as error:
        raise spec_error(error, {field: name for field, name in DEFAULTS.items() if field not in fields}) from None


def check_workers(workers: object) -> int:
    """Check a number of workers to scale a cluster to."""
    if isinstance(workers, bool) or not isinstance(workers, int) or not 0 <= workers <= MAX_WORKERS:
        said = f"a whole number from 0 to {MAX_WORKERS} is allowed, not {workers!r}."
        raise SpecError(f"workers: {said}", {"workers": f"{said[:1].upper()}{said[1:]}"})
    return workers


def check_adapt(minimum: object, maximum: object) -> Adapt:
    """Check the range of adaptive scaling."""
    try:
        return Adapt.model_validate({"minimum": minimum, "maximum": maximum})
    except ValidationError as error:
        raise spec_error(error) from None


def spec_error(error: ValidationError, settings: Mapping[str, str] | None = None) -> SpecError:
    """Return the errors of a model's validation as one error in words.

    Parameters
    ----------
    error
        What the model raised.
    settings
        The settings that some of its fields were taken from.
    """
    lines, fields = [], dict[str, str]()
    for wrong in error.errors(include_url=False):
        parts = [str(part) for part in wrong["loc"] if not str(part).endswith("Environment")]
        field = ".".join(parts)
        where = (settings or {}).get(field, field)
        if wrong["type"] == "extra_forbidden":
            line = f"{where}: there is no such field"
        elif wrong["type"] == "string_pattern_mismatch":
            line = (
                f"{where}: {wrong['input']!r} is not allowed; a name has 1 to 63 letters, digits and '_.-', "
                "the first a letter or digit"
            )
        elif wrong["loc"] and wrong["loc"][-1] in ("memory", "disk") and "ctx" in wrong and "error" not in wrong["ctx"]:
            bound = "at least" if "ge" in wrong["ctx"] else "at most"
            allowed = size(next(iter(wrong["ctx"].values())))
            line = (
                f"{where}: {bound} {allowed} is allowed (given: {wrong['input']!r}); write '2 GB' or a number of bytes"
            )
        else:
            said = wrong["msg"].removeprefix("Value error, ")
            line = f"{said[:1].lower()}{said[1:]}"
            if wrong["type"] == "environment":
                # Without the value: a user who confused it with the variables may have written a secret there.
                line = f"{where}: {line}"
            elif where:
                line = f"{where}: {line} (given: {_given(parts, wrong['input'])})"
        lines.append(line)
        if parts and where == field:
            said = line.removeprefix(f"{where}: ")
            fields[parts[0]] = f"{said[:1].upper()}{said[1:]}."
    return SpecError("; ".join(dict.fromkeys(lines)) + ".", fields)


def _given(where: list[str], value: object) -> str:
    # Values of environment variables may be secret.
    return "not shown" if where[0] == "variables" else repr(value)


def _show(field: str, value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, PathEnvironment | KernelEnvironment):
        return value.path
    if field == "submit":
        value = tuple(f"{key}={value[key]!r}" for key in value)
    if isinstance(value, tuple | dict):
        return ", ".join(value) or "none"
    if field in ("memory", "disk"):
        return size(value)
    return f"{value:g} s" if field == "time" else str(value)
