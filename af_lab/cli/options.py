"""Options that several commands share."""

from __future__ import annotations

import click

from af_lab.cli.param_types import Duration

__all__ = ["as_json_option", "timeout_option", "wait_option"]

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as one JSON document, and errors as JSON on stderr."
)
timeout_option = click.option(
    "--timeout",
    type=Duration(),
    default="10 min",
    show_default=True,
    metavar="DURATION",
    help="Maximum time to wait for workers.",
)
wait_option = click.option("--wait", is_flag=True, help="Wait until the workers are connected.")
