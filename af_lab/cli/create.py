"""The command `af-lab cluster create`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from af_lab.cli.invocation import ask, goes_on, print_json
from af_lab.cli.options import as_json_option, timeout_option
from af_lab.cli.param_types import Assignment, Duration, Variable
from af_lab.wording import count

if TYPE_CHECKING:
    from af_lab.manager.manager import ClusterManager
    from af_lab.model.info import ClusterInfo
    from af_lab.model.spec import ClusterSpec

__all__ = ["create"]

FACILITY = "[default: your facility's]"


@click.command()
@click.argument("name", default="default")
@click.option("--workers", type=int, metavar="N", help=f"Number of workers that it starts with.  {FACILITY}")
@click.option(
    "--adapt",
    type=(int, int),
    metavar="MIN MAX",
    help="Instead of --workers: scale it automatically with its tasks, between MIN and MAX workers.",
)
@click.option("--cores", type=int, metavar="N", help=f"Cores of each job; a job has one worker per core.  {FACILITY}")
@click.option("--memory", metavar="SIZE", help=f"Memory of each job, such as '4 GB'.  {FACILITY}")
@click.option("--disk", metavar="SIZE", help=f"Disk of each job, such as '10 GB'.  {FACILITY}")
@click.option("--gpus", type=int, metavar="N", help="GPUs of each job.  [default: 0]")
@click.option("--arch", metavar="NAME", help="CPU architecture, such as aarch64.  [default: this machine's]")
@click.option("--site", "sites", multiple=True, metavar="NAME", help="A site where it may run; repeatable.")
@click.option("--kernel", metavar="NAME", help="Use the Python of this Jupyter kernel.")
@click.option("--python", metavar="PATH", help="Use this Python.  [default: the Python of af-lab]")
@click.option(
    "--directory",
    metavar="PATH",
    help="Folder in which tasks start, where it is shared with the workers.  [default: this folder]",
)
@click.option(
    "--env",
    "variables",
    type=Variable(),
    multiple=True,
    help="Set an environment variable in scheduler and workers; repeatable. NAME without a value copies the value from "
    "this shell. Use that for secrets, because other users of this machine can read the command line.",
)
@click.option(
    "--submit",
    type=Assignment(),
    multiple=True,
    help="A submit command for the worker jobs, or +Attribute; repeatable.",
)
@click.option(
    "--time",
    type=Duration(),
    metavar="DURATION",
    help="Time that each job may run, such as '2 h'; its workers leave before, and others take their place.",
)
@click.option(
    "--idle-timeout",
    type=Duration(or_never=True),
    metavar="DURATION",
    help=f"End it after this time without tasks, such as '2 h', or 'never'.  {FACILITY}",
)
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until its Dask scheduler answers.")
@click.option("--wait-workers", type=int, metavar="N", help="Wait until N workers are connected.")
@timeout_option
@as_json_option
def create(name: str, wait: bool, wait_workers: int | None, timeout: float, as_json: bool, **asked: Any) -> None:
    """Create a cluster, and wait until it can be used.

    Without NAME, the cluster is called "default". It keeps running when this command ends, until
    you stop it or it has had no tasks for the idle timeout.

    \b
    Examples:
      af-lab cluster create dimuon --workers 20 --memory '4 GB'
      af-lab cluster create --adapt 0 100 --env TOKEN
    """  # noqa: D301 - with "\b", click does not rewrap the lines
    if wait_workers is not None and not wait:
        raise click.UsageError("--wait-workers and --no-wait cannot be used together.")
    spec = _spec(name, **asked)
    if (wait_workers or 0) > spec.first_workers:
        raise click.UsageError(
            f"--wait-workers {wait_workers}: the cluster starts with {count(spec.first_workers, 'worker')} only."
        )
    info = ask(lambda manager: manager.create(spec)).info
    if wait:
        with goes_on(info.name, as_json=as_json):
            info = ask(lambda manager: _ready(manager, info, wait_workers or 0, timeout, as_json=as_json))
    if as_json:
        print_json(info.as_json())
    else:
        click.echo(_made(info))


def _spec(
    name: str,
    *,
    workers: int | None,
    adapt: tuple[int, int] | None,
    kernel: str | None,
    python: str | None,
    variables: tuple[tuple[str, str], ...],
    submit: tuple[tuple[str, str | int | float | bool], ...],
    idle_timeout: float | None,
    **shape: Any,
) -> ClusterSpec:
    if workers is not None and adapt is not None:
        raise click.UsageError("Give either --workers, for a fixed number, or --adapt, for a range; not both.")
    if kernel is not None and python is not None:
        raise click.UsageError("Give either --kernel or --python, not both.")
    from af_lab.model.spec import make_spec

    asked: dict[str, Any] = {"workers": workers, "adapt": adapt, **shape}
    if kernel is not None or python is not None:
        asked["environment"] = {"path": python} if kernel is None else {"kernel": kernel}
    fields = {field: value for field, value in asked.items() if value is not None}
    if idle_timeout is not None:
        fields["idle_timeout"] = None if math.isinf(idle_timeout) else idle_timeout
    return make_spec({"name": name, "variables": dict(variables), "submit": dict(submit), **fields})


async def _ready(
    manager: ClusterManager, info: ClusterInfo, workers: int, timeout: float, *, as_json: bool
) -> ClusterInfo:
    from af_lab.cli.waiting import ProgressLine, until_running, until_workers

    with ProgressLine(as_json=as_json) as line:
        info = await until_running(manager, info.name, line)
        return await until_workers(
            manager, info, lambda info: info.counts.connected >= workers, line, timeout, wanted=workers
        )


def _made(info: ClusterInfo) -> str:
    counts = info.counts
    state = f"{counts.connected} of {counts.requested} workers connected" if info.state == "running" else "starting"
    return (
        f"The cluster {info.name!r} has been created (job {info.id}): {state}.\n"
        f"  in Python  af_lab.connect({info.name!r})\n"
        f"  watch it   af-lab cluster show {info.name}\n"
        f"  end it     af-lab cluster stop {info.name}"
    )
