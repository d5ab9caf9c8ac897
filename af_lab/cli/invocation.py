"""How every command of `af-lab cluster` runs: its questions, and what becomes of its errors."""

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
from af_lab.errors import AfLabError, ClusterFailed, ClusterNotFound, CondorUnavailable

if TYPE_CHECKING:
    from af_lab.manager.manager import ClusterManager

__all__ = ["Reporting", "ask", "goes_on", "print_json"]

T = TypeVar("T")

# The first that fits; an error of another class is 1, and wrong usage is click's 2.
EXIT_CODES: tuple[tuple[type[AfLabError], int], ...] = (
    (ClusterNotFound, 3),
    (CondorUnavailable, 4),
    (ClusterFailed, 5),
    (AfLabError, 1),
)
AS_JSON = f"{__name__}.as_json"
INTERRUPTED = 128 + signal.SIGINT


class Reporting(click.Group):
    """Commands whose errors are told in words, or as JSON where that was asked for, and by the exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a cluster meets them."""
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note whether JSON is asked for: the command itself may not come to be, for wrong usage."""
        ctx.meta[AS_JSON] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        as_json: bool = ctx.meta[AS_JSON]
        try:
            return super().invoke(ctx)
        except AfLabError as error:
            code = next(code for class_, code in EXIT_CODES if isinstance(error, class_))
            _end(str(error), type(error).__name__, code, as_json=as_json)
        except click.UsageError as error:
            if not as_json:
                raise
            _end(error.format_message(), "UsageError", error.exit_code, as_json=True)
        except (KeyboardInterrupt, click.Abort):
            # A second Ctrl-C, while this process ends, has nothing to say either.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            sys.exit(INTERRUPTED)


def ask(question: Callable[[ClusterManager], Coroutine[Any, Any, T]], name: str | None = None) -> T:
    """Return the answer to a question to the cluster manager.

    Parameters
    ----------
    question
        Called with the manager, in an event loop of its own.
    name
        The cluster that it is about; where there is none, the error names those that may be meant.
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
    """Say on an interrupt of a wait that it ends only the wait."""
    try:
        yield
    except KeyboardInterrupt:
        if not as_json:
            click.echo(f"\nWaiting ends here; the cluster {name!r} goes on.", err=True)
        raise


def print_json(document: Any) -> None:
    """Print what a script asked for."""
    click.echo(json.dumps(document, indent=2))


@cache
def _manager() -> ClusterManager:
    # Imported at its first use: `af-lab --help` and `af-lab pool` need no Dask.
    from af_lab.manager.manager import ClusterManager

    return ClusterManager()


def _end(message: str, code: str, status: int, *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"message": message, "code": code}), err=True)
    else:
        console = Console(stderr=True, highlight=False)
        # A file or pipe gets whole lines, a terminal whole words.
        console.print(Text(f"af-lab: {message}"), soft_wrap=not console.is_terminal)
    sys.exit(status)
