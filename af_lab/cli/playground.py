"""The commands `af-lab pool ...`, `af-lab doctor` and `af-lab playground`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from af_lab.cli.facility_checks import facility_checks, setting_checks
from af_lab.cli.playground_output import Steps, checks_table, describe_pool
from af_lab.errors import PlaygroundError
from af_lab.home import af_lab_home
from af_lab.playground.doctor import Check, check_all, check_namespaces
from af_lab.playground.folders import pool_folder
from af_lab.playground.identity import become_ordinary_user, namespace_refusal
from af_lab.playground.install import ensure_installation
from af_lab.playground.installation import Installation, find_installation
from af_lab.playground.lab import copy_first_notebook, how_it_ended, run_lab
from af_lab.playground.personal_pool import PersonalPool
from af_lab.playground.processes import pool_processes
from af_lab.playground.run import become_command, run_command, signals_as_exceptions, signals_held_back, temporary_pool
from af_lab.playground.sizing import PoolSize, machine_size
from af_lab.playground.status import PoolState
from af_lab.playground.storage import check_storage

__all__ = ["doctor", "playground", "pool"]

_LONGEST_NAME = 255  # of a folder
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ?([MGT]i?B)", re.IGNORECASE)
_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}

Command = Callable[..., Any]


class MemorySize(click.ParamType[int]):
    """An amount of memory such as ``8 GB``, in bytes."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of bytes."""
        found = _AMOUNT.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{value!r} is not an amount of memory such as '8 GB' or '512 MiB'", param, ctx)
        return int(float(found[1]) * _UNITS[found[2].upper()])


def _name_option(command: Command) -> Command:
    option = click.option(
        "--name", default="default", show_default=True, callback=_check_name, help="Name of the pool."
    )
    return option(command)


def _size_options(command: Command) -> Command:
    memory = click.option(
        "--memory", type=MemorySize(), help="Memory that the pool offers, such as '8 GB'.  [default: all]"
    )
    cpus = click.option("--cpus", type=click.IntRange(1), help="Cores that the pool offers.  [default: all]")
    return cpus(memory(command))


def _check_name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not value.replace("-", "").replace("_", "").isalnum() or not value.isascii():
        raise click.BadParameter("a pool's name may contain only letters, digits, '-' and '_'")
    if len(value) > _LONGEST_NAME:
        raise click.BadParameter(f"a pool's name has at most {_LONGEST_NAME} characters, this one {len(value)}")
    return value


@click.group()
def pool() -> None:
    """Manage personal HTCondor pools on this machine.

    A pool runs with the rights of the user who starts it, listens only on the loopback interface, and keeps running
    until you stop it. Root enters a user namespace first, because HTCondor refuses jobs of root.
    """


@pool.command()
def install() -> None:
    """Install HTCondor for this user, unless the machine has it."""
    become_ordinary_user()
    found = _installation()
    click.echo(f"HTCondor {found.version} in {found.release_dir} ({found.origin})")


@pool.command()
@_name_option
@_size_options
def start(name: str, cpus: int | None, memory: int | None) -> None:
    """Start a pool, and wait until it accepts jobs."""
    own = _pool(name)
    if not own.start(_size(cpus, memory), _waiting):
        click.echo("The pool was running already.")
    click.echo(describe_pool(own, own.status()))


@pool.command()
@_name_option
def stop(name: str) -> None:
    """Stop a pool and its jobs; keep its queue for the next start."""
    own = _pool(name, install=False)
    click.echo(f"The pool '{name}' {'is stopped' if own.stop() else 'was not running'}.")


@pool.command()
@_name_option
def status(name: str) -> None:
    """Show the status of a pool; the exit status is 0 if it is running."""
    own = _pool(name, install=False)
    now = own.status()
    click.echo(describe_pool(own, now))
    sys.exit(0 if now.state is PoolState.RUNNING else 1)


@pool.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@_name_option
@_size_options
@click.option("--temporary", is_flag=True, help="Use a new pool only for this command, and delete it afterwards.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(name: str, cpus: int | None, memory: int | None, temporary: bool, command: tuple[str, ...]) -> None:
    """Run COMMAND in this pool, and return its exit status.

    HTCondor's tools and Python bindings use this pool in COMMAND. If the pool is not running, it is started and keeps
    running afterwards: stop it with `af-lab pool stop`.
    """
    if temporary:
        become_ordinary_user()
        with temporary_pool(_installation(), _size(cpus, memory), _waiting) as own:
            status = run_command(command, own.environment())
        sys.exit(status)
    own = _pool(name)
    if own.start(_size(cpus, memory), _waiting):
        click.echo(f"Started the pool '{name}'. Stop it with: af-lab pool stop --name {name}", err=True)
    become_command(command, own.environment())


@click.command()
@_name_option
def doctor(name: str) -> None:
    """Check everything that af_lab needs, and show a remedy for each failed check.

    On an access point of a facility, the facility's HTCondor is checked, and otherwise a personal pool.
    """
    checks: list[Check] = []
    if os.geteuid() == 0:
        checks.append(check_namespaces(namespace_refusal()))
    become_ordinary_user(pool_processes(pool_folder(name)))
    console = Console()
    with console.status("Checking"):
        checks += setting_checks()
        facility = facility_checks()
        checks += facility
        checks += check_all(name, needs_pool=not facility)
    console.print(checks_table(checks))
    failed = sum(not check.passed for check in checks)
    console.print(f"{failed} of {len(checks)} checks failed." if failed else "All checks passed.")
    sys.exit(1 if failed else 0)


@click.command()
@_name_option
@_size_options
@click.option(
    "--notebook-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that JupyterLab shows.  [default: ~/af-lab]",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Port of JupyterLab.  [default: first free port from 8888]")
@click.option("--browser/--no-browser", default=True, help="Open JupyterLab in a browser.")
def playground(
    name: str, cpus: int | None, memory: int | None, notebook_dir: Path | None, port: int | None, browser: bool
) -> None:
    """Start a pool and JupyterLab with a first notebook; Ctrl-C stops both."""
    own = _pool(name)
    own.check()
    folder = (notebook_dir or Path.home() / "af-lab").absolute()
    notebook = copy_first_notebook(folder)
    with signals_as_exceptions():
        started = own.start(_size(cpus, memory), _waiting)
        try:
            status = run_lab(own, folder, notebook, port, browser, _announce)
            click.echo(how_it_ended(status))
        finally:
            if started:
                with signals_held_back():
                    own.stop()
                    click.echo(f"The pool '{name}' is stopped.")
            else:
                click.echo(f"The pool '{name}' keeps running. Stop it with: af-lab pool stop --name {name}")
    sys.exit(status)


def _announce(what: str) -> None:
    click.echo(f"\n{what}\n")


def _pool(name: str, install: bool = True) -> PersonalPool:
    become_ordinary_user(pool_processes(pool_folder(name)))
    found = _installation() if install else find_installation()
    if found is None:
        # One that is there may not run.
        check_storage(af_lab_home())
        raise PlaygroundError("HTCondor is not installed, so there is no pool. Install it with: af-lab pool install")
    return PersonalPool.named(name, found)


def _installation() -> Installation:
    if found := find_installation():
        return found
    check_storage(af_lab_home())
    click.echo("This machine has no usable HTCondor: installing one for this user.", err=True)
    with Steps(Console(stderr=True)) as steps:
        return ensure_installation(steps)


def _size(cpus: int | None, memory: int | None) -> PoolSize:
    size = machine_size()
    return replace(size, cpus=cpus or size.cpus, memory=memory or size.memory)


def _waiting(what: str) -> None:
    click.echo(f"Waiting for {what}", err=True)
