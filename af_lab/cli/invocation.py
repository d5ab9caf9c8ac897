"""How every command of `af-lab cluster` runs: its calls of the cluster manager, and its errors."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click
from rich.console import Console
from rich.text import Text

from af_lab.cli.unknown_name import no_such_cluster
from af_lab.dask_configuration import check_dask_configuration
from af_lab.disk_errors import as_storage_error
from af_lab.errors import AfLabError, BatchNotFound, ClusterFailed, ClusterNotFound, CondorUnavailable

if TYPE_CHECKING:
    from af_lab.manager.manager import ClusterManager

__all__ = ["Reporting", "ask", "goes_on", "print_json"]

T = TypeVar("T")

# The first match counts. Any other error is 1; for wrong usage, click uses 2.
EXIT_CODES: tuple[tuple[type[AfLabError], int], ...] = (
    (ClusterNotFound, 3),
    (BatchNotFound, 3),
    (CondorUnavailable, 4),
    (ClusterFailed, 5),
    (AfLabError, 1),
)
AS_JSON = f"{__name__}.as_json"
INTERRUPTED = 128 + signal.SIGINT

_printed: set[str] = set()
"""Problems of the configuration that were printed before the command ran."""


class Reporting(click.Group):
    """Commands that report errors in words, or as JSON with ``--json``, and with an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the life of a cluster."""
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note whether JSON is requested: with wrong usage, the command itself is never called."""
        ctx.meta[AS_JSON] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        as_json: bool = ctx.meta[AS_JSON]
        try:
            return super().invoke(ctx)
        except (AfLabError, OSError) as error:
            told = as_storage_error(error) if isinstance(error, OSError) else error
            if told is None:
                raise
            code = next(code for class_, code in EXIT_CODES if isinstance(told, class_))
            _end(str(told), type(told).__name__, code, as_json=as_json)
        except click.UsageError as error:
            if not as_json:
                raise
            _end(error.format_message(), "UsageError", error.exit_code, as_json=True)
        except (KeyboardInterrupt, click.Abort):
            # A second Ctrl-C, while this process ends, must not print a traceback either.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            sys.exit(INTERRUPTED)


def ask(question: Callable[[ClusterManager], Coroutine[Any, Any, T]], name: str | None = None) -> T:
    """Call the cluster manager and return its answer.

    Parameters
    ----------
    question
        Called with the manager, in an event loop of its own.
    name
        The cluster in question; if it does not exist, the error suggests similar names.
    """
    manager = _manager()

    async def asked() -> T:
        try:
            return await question(manager)
        except ClusterNotFound:
            if name is None:
                raise
            names = [info.name for info in await manager.clusters()]
            if name in names:
                raise
            raise ClusterNotFound(no_such_cluster(name, names)) from None

    return asyncio.run(asked())


@contextmanager
def goes_on(name: str, *, as_json: bool) -> Iterator[None]:
    """If a wait is interrupted, say that only the wait has ended."""
    try:
        yield
    except KeyboardInterrupt:
        if not as_json:
            click.echo(f"\nStopped waiting; the cluster {name!r} keeps running.", err=True)
        raise


def print_json(document: Any) -> None:
    """Print the JSON document for a script."""
    click.echo(json.dumps(document, indent=2))


@cache
def _manager() -> ClusterManager:
    check_dask_configuration()
    # Imported at first use: `af-lab --help` and `af-lab pool` do not need Dask.
    from af_lab.jobs.sites import setting_problems
    from af_lab.manager.manager import ClusterManager

    context = click.get_current_context(silent=True)
    # With --json, scripts expect nothing but JSON.
    if context is None or not context.meta.get(AS_JSON):
        for problem in setting_problems():
            _print_error(problem.message)
            _printed.add(problem.message)
    return ClusterManager()


def _end(message: str, code: str, status: int, *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"message": message, "code": code}), err=True)
    elif message not in _printed:
        _print_error(message)
    sys.exit(status)


def _print_error(message: str) -> None:
    console = Console(stderr=True, highlight=False)
    # A file or pipe gets whole lines, a terminal whole words.
    console.print(Text(f"af-lab: {message}"), soft_wrap=not console.is_terminal)
