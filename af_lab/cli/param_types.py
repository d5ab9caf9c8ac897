"""Types of the options of `af-lab cluster`, other than plain numbers and strings."""

from __future__ import annotations

import math
import os
import re
from typing import Any

import click

from af_lab.dask_configuration import check_dask_configuration

__all__ = ["Assignment", "Duration", "Variable", "typed"]

NEVER = "never"


class Variable(click.ParamType[tuple[str, str]]):
    """An environment variable: ``NAME=VALUE``, or ``NAME`` for its value in this process."""

    name = "NAME[=VALUE]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return name and value."""
        name, given, text = str(value).partition("=")
        if given:
            return name, text
        if name not in os.environ:
            self.fail(f"{name} is not set in this shell; give its value as {name}=VALUE.", param, ctx)
        return name, os.environ[name]


class Assignment(click.ParamType[tuple[str, str | int | float | bool]]):
    """A submit command with its value."""

    name = "KEY=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str | int | float | bool]:
        """Return the command and its value, converted to a number or a truth value if it looks like one."""
        key, given, text = str(value).partition("=")
        if not given:
            self.fail(f"{value!r} has no value; write KEY=VALUE, such as +WantGPULab=true.", param, ctx)
        return key.strip(), typed(text.strip())


class Duration(click.ParamType[float]):
    """A duration in seconds; infinite for ``never``, if that is allowed."""

    name = "duration"

    def __init__(self, *, or_never: bool = False) -> None:
        self._or_never = or_never

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds."""
        check_dask_configuration()
        # Imported here because it also imports Dask's configuration.
        from af_lab import config

        text = str(value).strip()
        if self._or_never and text.lower() == NEVER:
            return math.inf
        try:
            return config.duration(text)
        except ValueError as error:
            hint = f", or '{NEVER}'" if self._or_never else ""
            self.fail(f"{error}{hint}.", param, ctx)


def typed(text: str) -> str | int | float | bool:
    """Return the number or truth value that a text represents, else the text itself."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if re.fullmatch(r"[+-]?\d{1,18}", text):
        return int(text)
    if re.fullmatch(r"[+-]?(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][+-]?\d+)?", text):
        return float(text)
    return text
