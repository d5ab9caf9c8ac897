"""The commands `af-lab cluster ...`."""

from __future__ import annotations

import dataclasses
import sys
import time
from typing import TYPE_CHECKING, TypeVar

import click
from rich.console import Console

from af_lab.cli.create import create
from af_lab.cli.invocation import Reporting, ask, goes_on, print_json
from af_lab.cli.options import as_json_option, timeout_option, wait_option
from af_lab.wording import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from af_lab.condor.explain import Explanation
    from af_lab.manager.manager import ClusterManager
    from af_lab.model.info import ClusterInfo
    from af_lab.model.snapshot import WorkerInfo

__all__ = ["cluster"]

T = TypeVar("T")


@click.group(cls=Reporting)
def cluster() -> None:
    """Create, watch, scale and stop Dask clusters on HTCondor.

    Each command prints its result on stdout and everything else on stderr. With --json, the result is one JSON
    document, and an error is {"message": ..., "code": ...} on stderr.

    \b
    Exit codes:
      0  done
      1  error; the message says why and what to do
      2  wrong usage
      3  the cluster does not exist, or has ended
      4  HTCondor does not answer
      5  the cluster failed or is on hold, or ended during the wait
    130  interrupted by Ctrl-C
    """  # noqa: D301 - with "\b", click does not rewrap the lines


cluster.add_command(create)


@cluster.command("list")
@as_json_option
def list_(as_json: bool) -> None:
    """List your clusters, also those that ended within a day."""
    infos = ask(lambda manager: manager.clusters())
    if as_json:
        print_json([info.as_json() for info in infos])
    elif infos:
        from af_lab.cli.tables import clusters_table

        console = _console()
        console.print(clusters_table(infos, time.time(), console.width, ascii_only=console.options.ascii_only))
    else:
        click.echo("You have no clusters. Start one with: af-lab cluster create NAME --workers 10", err=True)


@cluster.command()
@click.argument("name", default="default")
@click.option("--all", "every", is_flag=True, help="Show all workers, not only the first 20.")
@as_json_option
def show(name: str, every: bool, as_json: bool) -> None:
    """Show the details of a cluster and its workers.

    Without NAME, shows the cluster "default".
    """
    if as_json:
        print_json(ask(lambda manager: manager.get(name), name).as_json())
        return
    from af_lab.cli.details import cluster_details

    async def asked(manager: ClusterManager) -> tuple[ClusterInfo, list[WorkerInfo]]:
        return await manager.get(name), await manager.workers(name)

    info, workers = ask(asked, name)
    console = _console()
    console.print(cluster_details(console, info, workers, time.time(), every=every))


@cluster.command()
@click.argument("name")
@click.argument("workers", type=int)
@wait_option
@timeout_option
@as_json_option
def scale(name: str, workers: int, wait: bool, timeout: float, as_json: bool) -> None:
    """Request a number of workers for the cluster NAME. Ends adaptive scaling."""
    info = ask(lambda manager: manager.scale(name, workers), name).info

    def enough(info: ClusterInfo) -> bool:
        return info.counts.connected == info.counts.requested

    _scaled(info, enough if wait else None, timeout, as_json=as_json)


@cluster.command()
@click.argument("name")
@click.argument("minimum", type=int)
@click.argument("maximum", type=int)
@wait_option
@timeout_option
@as_json_option
def adapt(name: str, minimum: int, maximum: int, wait: bool, timeout: float, as_json: bool) -> None:
    """Scale a cluster automatically with its tasks.

    The cluster then has between MINIMUM and MAXIMUM workers. `af-lab cluster scale` ends adaptive scaling.
    """
    info = ask(lambda manager: manager.adapt(name, minimum, maximum), name).info

    def enough(info: ClusterInfo) -> bool:
        return minimum <= info.counts.connected <= maximum

    _scaled(info, enough if wait else None, timeout, as_json=as_json)


@cluster.command()
@click.argument("name", default="default")
@click.option(
    "--worker", metavar="ID", help="Print the log of this worker's job, such as 123.0, instead of the scheduler's."
)
@click.option(
    "--start",
    type=click.IntRange(1, 100_000),
    help="Print the log of this start of the scheduler, 1 for the first, instead of the newest.",
)
@click.option(
    "--lines", "-n", type=click.IntRange(1, 100_000), default=200, show_default=True, help="Maximum number of lines."
)
@click.option(
    "--follow",
    "-f",
    is_flag=True,
    help="Print new lines as they are written, until the cluster ends or you press Ctrl-C.",
)
@as_json_option
def logs(name: str, worker: str | None, start: int | None, lines: int, follow: bool, as_json: bool) -> None:
    """Print the log of the scheduler, or of a worker.

    Without NAME, prints a log of the cluster "default". The logs of a cluster that ended or failed are kept for a day.
    """
    if follow and as_json:
        raise click.UsageError("--follow and --json cannot be used together.")
    if worker is not None and start is not None:
        raise click.UsageError("--worker and --start cannot be used together.")
    if follow:
        from af_lab.cli.log_tail import follow as follow_log

        over = ask(lambda manager: follow_log(manager, name, worker, lines, _write, start), name)
        click.echo(over, err=True)
        return
    part = ask(lambda manager: manager.logs(name, worker, lines, start=start), name)
    if as_json:
        print_json(part.as_json())
        return
    _write(part.text)
    if len(part.starts) > 1:
        from af_lab.cli.log_tail import which_start

        click.echo(which_start(part), err=True)


@cluster.command()
@click.argument("name", default="default")
@as_json_option
def explain(name: str, as_json: bool) -> None:
    """Explain why workers wait or are on hold.

    Without NAME, explains the cluster "default".
    """
    from af_lab.cli.explanation import explanation_in_words

    async def asked(manager: ClusterManager) -> tuple[ClusterInfo, Explanation]:
        return await manager.get(name), await manager.explain(name)

    info, explanation = ask(asked, name)
    if as_json:
        print_json(dataclasses.asdict(explanation))
    else:
        console = _console()
        console.print(explanation_in_words(info, explanation, console.width))


@cluster.command()
@click.argument("name", default="default")
@as_json_option
def release(name: str, as_json: bool) -> None:
    """Start a cluster again that is on hold or has failed.

    Without NAME, releases the cluster "default".
    """

    async def asked(manager: ClusterManager) -> tuple[ClusterInfo, ClusterInfo]:
        return await manager.get(name), (await manager.release(name)).info

    before, info = ask(asked, name)
    if as_json:
        print_json(info.as_json())
    elif before.state in ("held", "failed"):
        click.echo(f"The cluster {name!r} starts again, with new workers.")
    else:
        click.echo(f"The cluster {name!r} is not on hold; it is {info.state}.")


@cluster.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "every", is_flag=True, help="Stop all your clusters, after confirmation.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@as_json_option
def stop(names: tuple[str, ...], every: bool, yes: bool, as_json: bool) -> None:
    """Stop clusters, and wait until their jobs have left the queue.

    Their workers are stopped too, and all results in the workers' memory are lost.
    """
    if every == bool(names):
        raise click.UsageError("Name the clusters to stop, or give --all.")
    if every and not yes and not sys.stdin.isatty():
        raise click.UsageError("--all asks for confirmation, but stdin is not a terminal: add --yes.")
    from af_lab.cli import stop

    chosen = stop.choose(ask(lambda manager: manager.clusters()), names)
    if every and not yes and chosen:
        for info in chosen:
            click.echo(f"  {info.name} has {stop.loss(info)}", err=True)
        if not click.confirm(f"Stop {count(len(chosen), 'cluster')}, and lose this?", err=True):
            click.echo("Nothing was stopped.", err=True)
            sys.exit(1)
    stopped = ask(lambda manager: stop.stop(manager, chosen, as_json=as_json))
    if as_json:
        print_json({"stopped": [info.name for info in stopped]})
        return
    for info in stopped:
        click.echo(stop.farewell(info))
    if not stopped:
        click.echo("You have no running clusters.", err=True)


def _scaled(info: ClusterInfo, enough: Callable[[ClusterInfo], bool] | None, timeout: float, *, as_json: bool) -> None:
    """Wait for the workers that were asked for, and print what the cluster then has."""
    if enough is not None:
        from af_lab.cli.waiting import ProgressLine, until_workers

        asked = info

        def reached(info: ClusterInfo) -> bool:
            return info.observed_generation >= asked.generation and enough(info)

        async def waited(manager: ClusterManager) -> ClusterInfo:
            with ProgressLine(as_json=as_json) as line:
                return await until_workers(manager, asked, reached, line, timeout)

        with goes_on(info.name, as_json=as_json):
            info = ask(waited, info.name)
    if as_json:
        print_json(info.as_json())
        return
    wanted = (
        f"{info.workers} workers" if info.adapt is None else f"{info.adapt.minimum} to {info.adapt.maximum} workers"
    )
    click.echo(f"The cluster {info.name!r} now requests {wanted}; {info.counts.connected} are connected.")


def _console() -> Console:
    return Console(highlight=False)


def _write(text: str) -> None:
    click.echo(text, nl=False)
