"""The details of one cluster, laid out for reading."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from af_lab.cli import funnel
from af_lab.cli.tables import has_workers, state_text, workers_table
from af_lab.wording import count, duration, percent, size

if TYPE_CHECKING:
    from af_lab.model.info import ClusterInfo
    from af_lab.model.snapshot import Trouble, WorkerInfo, WorkerState

__all__ = ["MOST_WORKERS", "cluster_details"]

MOST_WORKERS = 20  # rows, unless all are asked for
LABELS = 14  # columns for the labels and the space after them
BAR = 60  # columns of the bar at most
# Workers that need attention first; those without any news last.
ORDER: tuple[WorkerState, ...] = ("held", "lost", "leaving", "connected", "starting", "waiting")


def cluster_details(
    console: Console, info: ClusterInfo, workers: Sequence[WorkerInfo], now: float, *, every: bool = False
) -> Group:
    """Lay out a cluster.

    Parameters
    ----------
    console
        Where it is shown.
    info, workers
        The cluster and its workers' jobs.
    now
        Seconds since the epoch.
    every
        Whether to show all workers, instead of `MOST_WORKERS` at most.
    """
    ascii_only = console.options.ascii_only
    shown: list[RenderableType] = [
        _headline(info, now, ascii_only=ascii_only),
        _facts(info, console.width, ascii_only=ascii_only, now=now),
    ]
    if workers:
        in_order = sorted(workers, key=lambda worker: ORDER.index(worker.state))
        rows = in_order if every else in_order[:MOST_WORKERS]
        shown += ["", workers_table(rows, info.cores, now, console.width, ascii_only=ascii_only)]
        if rest := len(workers) - len(rows):
            shown.append(Text(f"and {count(rest, 'more worker job')}; --all shows them", "dim"))
    if info.troubles:
        shown += ["", Text("Lately", "bold"), *(_trouble(trouble) for trouble in reversed(info.troubles))]
    return Group(*shown)


def _facts(info: ClusterInfo, width: int, *, ascii_only: bool, now: float) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=LABELS - 2, no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    if has_workers(info):
        split = funnel.parts(info.counts)
        grid.add_row("Workers", _scaling(info))
        if split:
            grid.add_row("", funnel.bar(split, min(BAR, max(10, width - LABELS)), ascii_only=ascii_only))
            grid.add_row("", funnel.legend(split, ascii_only=ascii_only))
        grid.add_row("", Text(funnel.in_numbers(info.counts), "dim"))
        for label, value in _work(info):
            grid.add_row(label, value)
    for label, value in _lines(info, now):
        grid.add_row(label, Text(value))
    return grid


def _work(info: ClusterInfo) -> Iterator[tuple[str, str]]:
    from af_lab.model.computation import activity_in_words, progress_line

    if info.progress is not None:
        yield "Tasks", progress_line(info.progress, "task")
    if words := activity_in_words(info.activity, info.doing):
        yield "Work", words
    if info.cpu is not None:
        memory = "" if info.memory_use is None else f", {percent(info.memory_use, 1)} of their memory"
        yield "CPU", f"{percent(info.cpu, 1)} of the cores of the connected workers{memory}"


def _headline(info: ClusterInfo, now: float, *, ascii_only: bool) -> Text:
    age = f"job {info.id}, created {duration(now - info.created.timestamp())} ago"
    over = "" if info.ended is None else f", {info.state} {duration(now - info.ended.timestamp())} ago"
    state = state_text(info.state, ascii_only=ascii_only)
    text = Text.assemble((info.name, "bold"), "  ", state, f"  {age}{over}")
    return text if info.reason is None else text.append(f"\n{info.reason}")


def _scaling(info: ClusterInfo) -> str:
    done = "" if info.observed_generation >= info.generation else "; the scheduler has not applied the change yet"
    if info.adapt is None:
        return f"{info.counts.connected} of {info.counts.requested} connected{done}"
    return (
        f"{info.counts.connected} of {info.counts.requested} connected, "
        f"scaling automatically from {info.adapt.minimum} to {info.adapt.maximum}{done}"
    )


def _lines(info: ClusterInfo, now: float) -> Iterator[tuple[str, str]]:
    spec = info.spec
    gpus = f", {count(spec.gpus, 'GPU')}" if spec.gpus else ""
    arch = f", {spec.arch}" if spec.arch else ""
    yield "Each job", f"{count(info.cores, 'core')}, {size(info.memory)} memory, {size(spec.disk)} disk{gpus}{arch}"
    if spec.time is not None:
        yield "Time", f"each job runs for {duration(spec.time)} at most; its workers leave before"
    yield "Sites", ", ".join(spec.sites) or "all"
    environment = info.environment
    versions = [f"{name} {version}" for name, version in _versions(info) if version]
    kernel = f"kernel {environment.kernel}, " if environment.kernel else ""
    yield (
        "Python",
        f"{kernel}{environment.path}{' (' if versions else ''}{', '.join(versions)}{')' if versions else ''}",
    )
    if spec.variables:
        yield "Variables", ", ".join(sorted(spec.variables))
    if spec.submit:
        yield "Submit", ", ".join(f"{key} = {value}" for key, value in spec.submit.items())
    if has_workers(info):
        yield "Idle", _idle(info, now)
        if info.kept_results:
            kept = f"{count(info.kept_results, 'result')}, {size(info.kept_bytes)}"
            yield "Kept", f"{kept}, in the memory of the workers"
        if info.scheduler_address:
            yield "Scheduler", info.scheduler_address


def _versions(info: ClusterInfo) -> list[tuple[str, str | None]]:
    environment = info.environment
    return [("Python", environment.python), ("dask", environment.dask), ("distributed", environment.distributed)]


def _idle(info: ClusterInfo, now: float) -> str:
    limit = info.spec.idle_timeout
    if limit is None:
        return "never ends by itself"
    if info.ends_at is None:
        return f"ends after {duration(limit)} without tasks"
    return f"ends in {duration(info.ends_at.timestamp() - now)}: {duration(limit)} without tasks"


def _trouble(trouble: Trouble) -> Padding:
    when = time.strftime("%H:%M:%S", time.localtime(trouble.when))
    return Padding(Text(f"{when}  {trouble.in_words()}"), (0, 0, 0, 2))
