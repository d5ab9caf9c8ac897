"""The command `af-lab`."""

from __future__ import annotations

import sys

import click

from af_lab.cli.batch import batch
from af_lab.cli.cluster import cluster
from af_lab.cli.examples import examples
from af_lab.cli.playground import doctor, playground, pool
from af_lab.disk_errors import as_storage_error
from af_lab.errors import AfLabError

__all__ = ["cli", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="af-lab", message="af-lab %(version)s")
def cli() -> None:
    """Dask clusters on HTCondor, and personal pools to try them on."""


cli.add_command(cluster)
cli.add_command(batch)
cli.add_command(examples)
cli.add_command(pool)
cli.add_command(doctor)
cli.add_command(playground)


def main() -> None:
    """Run the command line; print errors on stderr, without a traceback."""
    try:
        cli()
    except (AfLabError, OSError) as error:
        told = as_storage_error(error) if isinstance(error, OSError) else error
        if told is None:
            raise
        click.echo(f"af-lab: {told}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
