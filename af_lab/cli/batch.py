"""The commands `af-lab batch ...`."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from rich.console import Console

from af_lab.cli.invocation import Reporting, print_json
from af_lab.cli.options import as_json_option
from af_lab.cli.param_types import Duration
from af_lab.wording import count, duration, size

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from af_lab.runs.run_manager import RunManager

__all__ = ["batch"]

T = TypeVar("T")


@click.group(cls=Reporting)
def batch() -> None:
    """Watch, cancel, repeat and remove batches of HTCondor jobs.

    A notebook or script makes a batch with af_lab.BatchExecutor, and finds it again with af_lab.batch(NAME).

    \b
    Exit codes:
      0  done
      1  error; the message says why and what to do
      2  wrong usage
      3  the batch does not exist
      4  HTCondor does not answer
    130  interrupted by Ctrl-C
    """  # noqa: D301 - with "\b", click does not rewrap the lines


@batch.command("list")
@as_json_option
def list_(as_json: bool) -> None:
    """List your batches, also those that ended within a week."""
    infos = _ask(lambda manager: manager.runs())
    if as_json:
        print_json([info.as_json() for info in infos])
    elif infos:
        from af_lab.cli.tables import runs_table

        console = Console(highlight=False)
        console.print(runs_table(infos, time.time(), console.width, ascii_only=console.options.ascii_only))
    else:
        click.echo(
            "You have no batches. Python makes one: af_lab.BatchExecutor(NAME).map(function, arguments)", err=True
        )


@batch.command()
@click.argument("name")
@as_json_option
def show(name: str, as_json: bool) -> None:
    """Show how far the batch NAME is."""
    info = _ask(lambda manager: manager.get(name))
    if as_json:
        print_json(info.as_json())
        return
    from af_lab.model.computation import progress_line

    click.echo(f"Batch {info.name!r} ({info.state}): {progress_line(info.progress, 'call')}")
    if info.reason:
        click.echo(info.reason)
    click.echo(f"Made {duration(time.time() - info.created)} ago; its files have {size(info.size)}.")


@batch.command()
@click.argument("name")
@click.option("--task", metavar="N.M", help="Print the log of this task, instead of listing the tasks that failed.")
@as_json_option
def logs(name: str, task: str | None, as_json: bool) -> None:
    """List the tasks of the batch NAME that failed and their last words, or print the log of one task."""
    from af_lab.runs.logs import task_log

    if task is None:
        found = _ask(lambda manager: manager.failed_tasks(name))
        if as_json:
            print_json([failed._asdict() for failed in found])
            return
        for failed in found:
            click.echo(f"{failed.task}  {count(failed.calls, 'call')}: {failed.words}")
        if not found:
            click.echo(f"No task of the batch {name!r} has failed.", err=True)
        return
    text = _ask(lambda manager: asyncio.to_thread(task_log, name, task))
    if as_json:
        print_json({"task": task, "text": text})
    else:
        click.echo(text, nl=False)


@batch.command()
@click.argument("name")
@as_json_option
def cancel(name: str, as_json: bool) -> None:
    """Remove the jobs of the batch NAME; the results that it has stay."""
    _changed(_ask(lambda manager: manager.cancel(name)), as_json=as_json)


@batch.command()
@click.argument("name")
@as_json_option
def again(name: str, as_json: bool) -> None:
    """Run the calls of the batch NAME again that failed or were cancelled."""
    _changed(_ask(lambda manager: manager.again(name)), as_json=as_json)


@batch.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--yes", "-y", is_flag=True, help="Do not ask, even if results are lost.")
@as_json_option
def remove(names: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Remove batches with their jobs and results."""
    infos = _ask(lambda manager: _each(manager.get, names))
    if not yes and not as_json:
        kept = sum(info.progress.done for info in infos)
        click.confirm(
            f"Remove {count(len(infos), 'batch', 'batches')} with {count(kept, 'result')}?", abort=True, err=True
        )
    _ask(lambda manager: _each(manager.remove, names))
    if as_json:
        print_json(list(names))


@batch.command()
@click.option("--older", type=Duration(), default="7 days", show_default=True, help="Time since something happened.")
@click.option(
    "--checkpoint",
    "folders",
    multiple=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Remove results of this checkpoint instead, if they were not used for that time.",
)
@as_json_option
def clean(older: float, folders: tuple[Path, ...], as_json: bool) -> None:
    """Remove batches that ended, and to which nothing has happened for a week; show what checkpoints keep."""
    from af_lab.runs.kept_results import checkpoints, remove_results

    if folders:
        gone = [remove_results(folder, older) for folder in folders]
        if as_json:
            print_json({"removed": [kept.as_json() for kept in gone]})
        for kept in [] if as_json else gone:
            click.echo(f"Removed from {kept.folder}: {count(kept.results, 'result')}, {size(kept.size)}", err=True)
        return
    names, kept_results = _ask(lambda manager: manager.remove_old(older)), checkpoints()
    if as_json:
        print_json({"removed": names, "checkpoints": [kept.as_json() for kept in kept_results]})
        return
    click.echo(f"Removed: {', '.join(names)}" if names else "There was nothing to remove.", err=True)
    for kept in kept_results:
        used = "" if kept.used is None else f", used {duration(time.time() - kept.used)} ago"
        click.echo(f"{kept.folder} keeps {count(kept.results, 'result')}, {size(kept.size)}{used}")
    if kept_results:
        click.echo("Results that were not used for a week go with: af-lab batch clean --checkpoint FOLDER", err=True)


async def _each(act: Callable[[str], Awaitable[T]], names: tuple[str, ...]) -> list[T]:
    return [await act(name) for name in names]


def _changed(info: object, *, as_json: bool) -> None:
    from af_lab.model.computation import progress_line
    from af_lab.runs.run_info import RunInfo

    assert isinstance(info, RunInfo)
    if as_json:
        print_json(info.as_json())
    else:
        click.echo(f"Batch {info.name!r} ({info.state}): {progress_line(info.progress, 'call')}", file=sys.stderr)


def _ask(question: Callable[[RunManager], Awaitable[T]]) -> T:
    """Return the answer of a manager that lives as long as the question."""
    # Imported at first use, as for clusters.
    from af_lab.condor.queue import Queue, account
    from af_lab.dask_configuration import check_dask_configuration
    from af_lab.manager.reader import open_connection
    from af_lab.runs.run_manager import RunManager

    check_dask_configuration()

    async def asked() -> T:
        connection = open_connection()
        try:
            return await question(RunManager(lambda: Queue(connection, account())))
        finally:
            connection.close()

    return asyncio.run(asked())
