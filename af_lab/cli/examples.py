"""The commands `af-lab examples ...`: the notebooks of the gallery, and the data that they analyse."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from af_lab.cli.invocation import Reporting, print_json
from af_lab.cli.options import as_json_option
from af_lab.errors import AfLabError, SpecError
from af_lab.gallery.examples import COPIES, Example, copy_example, find_example, list_examples

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["examples"]

# modules that make and read samples
DATA_NEEDS = ("af_lab_examples", "awkward", "cloudpickle", "numpy", "uproot", "yaml")
REMEDY = 'pip install "af-lab[examples]"'


@click.group(cls=Reporting)
def examples() -> None:
    """List and copy the example notebooks, and generate the data that they analyse."""


@examples.command("list")
@as_json_option
def list_(as_json: bool) -> None:
    """List the example notebooks, and the packages that this Python lacks for them."""
    found = list_examples()
    if as_json:
        print_json([_as_json(example) for example in found])
        return
    table = _table("Name", "With", "Minutes", "About")
    lacking: set[str] = set()
    for example in found:
        lacks = _lacking(example.needs)
        lacking.update(lacks)
        about = f"{example.title}\n[yellow]needs {', '.join(lacks)}[/]" if lacks else example.title
        table.add_row(example.id, example.framework, str(example.minutes), about)
    Console().print(table)
    if lacking:
        click.echo(f"This Python lacks {', '.join(sorted(lacking))}. To install them: {REMEDY}", err=True)


@examples.command()
@click.argument("names", nargs=-1)
@click.option("--to", type=click.Path(path_type=Path), default=COPIES, show_default=True, help="Folder for the copies.")
def copy(names: tuple[str, ...], to: Path) -> None:
    """Copy example notebooks into a folder, where you can run and change them.

    Without NAMES, copies all examples. A copy that you have changed or run is not overwritten.
    """
    if not names:
        names = tuple(example.id for example in list_examples())
    for name in names:  # nothing is copied if one of them does not exist
        find_example(name.removesuffix(".ipynb"))
    for name in names:
        click.echo(copy_example(name, to))


@examples.command()
@click.argument("names", nargs=-1)
@click.option("--events", type=click.IntRange(1), help="Number of events, instead of the number in the catalogue.")
@click.option("--cluster", "cluster_name", metavar="NAME", help="Generate them on the workers of this cluster.")
@as_json_option
def data(names: tuple[str, ...], events: int | None, cluster_name: str | None, as_json: bool) -> None:
    """Generate the datasets NAMES and print their files; without NAMES, list all datasets.

    A dataset that exists is not generated again. The files are in $AF_LAB_HOME/samples, a folder that the workers
    must be able to read.
    """
    if missing := [name for name in DATA_NEEDS if importlib.util.find_spec(name) is None]:
        raise AfLabError(
            f"This Python lacks packages that generate the data: {', '.join(missing)}. Install them with: {REMEDY}"
        )
    if not names:
        _list_datasets(as_json=as_json)
        return
    from af_lab_examples.catalogue import dataset, entries

    if unknown := [name for name in names if name not in entries()]:
        raise SpecError(f"There is no dataset {', '.join(map(repr, unknown))}. There are: {', '.join(entries())}.")
    with _client(cluster_name) as client:
        made = [dataset(name, events=events, progress=not as_json, client=client) for name in names]
    if as_json:
        print_json([asdict(one) for one in made])
    else:
        click.echo("\n".join(file for one in made for file in one.files))


def _list_datasets(*, as_json: bool) -> None:
    from af_lab_examples.catalogue import entries

    if as_json:
        print_json({name: entry.model_dump(exclude_none=True) for name, entry in entries().items()})
        return
    table = _table("Name", "Events", "Section in pb", "About")
    for name, entry in entries().items():
        events = entry.generated.events if entry.generated else entry.events
        table.add_row(name, f"{events:,}" if events else "", f"{entry.cross_section or ''}", entry.title)
    Console().print(table)
    click.echo("To generate datasets: af-lab examples data NAME ...", err=True)


@contextmanager
def _client(cluster_name: str | None) -> Iterator[Client | None]:
    if cluster_name is None:
        yield None
        return
    from af_lab.notebook.api import connect

    with connect(cluster_name).get_client() as client:
        yield client


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(
            title, no_wrap=title == "Name", justify="left" if title in ("Name", "With", "About") else "right"
        )
    return table


def _as_json(example: Example) -> dict[str, Any]:
    fields = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(example).items()}
    return fields | {"missing": _lacking(example.needs)}


def _lacking(distributions: Sequence[str]) -> list[str]:
    """Return the distributions that this Python lacks."""
    installed = {distribution.name.lower() for distribution in importlib.metadata.distributions()}
    return [name for name in distributions if name.lower() not in installed]
