"""The tables that the commands show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from af_lab.wording import duration, size

if TYPE_CHECKING:
    from af_lab.condor.explain import SiteMatch
    from af_lab.model.info import ClusterInfo, State
    from af_lab.model.snapshot import WorkerInfo, WorkerState
    from af_lab.runs.run_info import RunInfo

__all__ = ["clusters_table", "has_workers", "runs_table", "sites_table", "state_text", "workers_table"]

# Symbol, the same for terminals without Unicode, and style.
STATES: dict[State | WorkerState, tuple[str, str, str]] = {
    "pending": ("◌", "-", "yellow"),
    "running": ("●", "*", "green"),
    "stopping": ("◍", "-", "yellow"),
    "ended": ("○", "o", "dim"),
    "failed": ("✗", "x", "red"),
    "held": ("✗", "x", "red"),  # of clusters and workers
    # of workers
    "waiting": ("◌", "-", "yellow"),
    "starting": ("◌", "+", "yellow"),
    "connected": ("●", "*", "green"),
    "leaving": ("◍", "-", "dim"),
    "lost": ("✗", "?", "red"),
}

GAP = 2  # columns between two columns
LEAST_FOLDED = 12  # characters that a column keeps, even on a narrow terminal


def has_workers(info: ClusterInfo) -> bool:
    """Return whether a cluster has workers or tries to get them."""
    return info.state in ("pending", "running")


def state_text(state: State | WorkerState, *, ascii_only: bool) -> Text:
    """Return a state as symbol and word."""
    symbol, plain, style = STATES[state]
    return Text(f"{plain if ascii_only else symbol} {state}", style)


def clusters_table(infos: Sequence[ClusterInfo], now: float, width: int, *, ascii_only: bool = False) -> Group:
    """Lay out the clusters, one a row, each with its reason below it.

    Parameters
    ----------
    infos
        The clusters.
    now
        Seconds since the epoch.
    width
        Columns of the terminal.
    ascii_only
        Whether the terminal shows only ASCII characters.
    """
    rows = [
        [
            Text(info.name),
            state_text(info.state, ascii_only=ascii_only),
            Text(_workers(info)),
            Text(str(info.counts.in_slots) if has_workers(info) else ""),
            Text(duration(now - info.created.timestamp())),
            Text(_end(info, now)),
        ]
        for info in infos
    ]
    titles = ["Name", "State", ">Workers", ">Cores", ">Age", "Ends"]
    return _with_notes(titles, rows, [info.reason for info in infos], width, folded="Name")


def workers_table(
    workers: Sequence[WorkerInfo], cores: int, now: float, width: int, *, ascii_only: bool = False
) -> Group:
    """Lay out the workers' jobs, one a row, each with its reason below it; columns without information are left out.

    Parameters
    ----------
    workers
        The jobs.
    cores
        Worker processes of each.
    now
        Seconds since the epoch.
    width
        Columns of the terminal.
    ascii_only
        Whether the terminal shows only ASCII characters.
    """
    columns: dict[str, Callable[[WorkerInfo], Text]] = {
        "Worker": lambda worker: Text(worker.id),
        "State": lambda worker: state_text(worker.state, ascii_only=ascii_only),
    }
    if any(worker.site for worker in workers):
        columns["Site"] = lambda worker: Text(worker.site or "")
    columns["Host"] = lambda worker: Text((worker.host or "").partition(".")[0])
    columns[">For"] = lambda worker: Text(duration(now - worker.since))
    if cores > 1:
        columns[">Connected"] = lambda worker: Text(f"{worker.connected}/{cores}")
    columns[">Memory"] = lambda worker: Text(_memory(worker))
    columns[">Tasks"] = lambda worker: Text(str(worker.tasks))
    if any(worker.starts > 1 for worker in workers):
        columns[">Starts"] = lambda worker: Text(str(worker.starts))
    rows = [[cell(worker) for cell in columns.values()] for worker in workers]
    return _with_notes(list(columns), rows, [worker.reason for worker in workers], width, folded="Host")


def runs_table(infos: Sequence[RunInfo], now: float, width: int, *, ascii_only: bool = False) -> Group:
    """Lay out the runs, one a row, each with its reason below it.

    Parameters
    ----------
    infos
        The runs.
    now
        Seconds since the epoch.
    width
        Columns of the terminal.
    ascii_only
        Whether the terminal shows only ASCII characters.
    """
    rows = [
        [
            Text(info.name),
            state_text(info.state, ascii_only=ascii_only),
            Text(f"{info.progress.done}/{info.progress.total}"),
            Text(str(info.progress.running or "")),
            Text(str(info.progress.erred or "")),
            Text(duration(now - info.created)),
            Text(f"in {duration(info.progress.remaining)}" if info.progress.remaining else ""),
            Text(size(info.size)),
        ]
        for info in infos
    ]
    titles = ["Name", "State", ">Done", ">Running", ">Failed", ">Age", "Ends", ">Size"]
    return _with_notes(titles, rows, [info.reason for info in infos], width, folded="Name")


def sites_table(sites: Sequence[SiteMatch], width: int) -> Group:
    """Lay out how many worker jobs each site could run."""
    rows = [[Text(site.site or "(no site)"), Text(f"{site.now}"), Text(f"{site.ever}")] for site in sites]
    return _with_notes(["Site", ">Could run now", ">Could ever run"], rows, [None] * len(rows), width, folded="Site")


def _with_notes(
    titles: Sequence[str], rows: Sequence[Sequence[Text]], notes: Sequence[str | None], width: int, *, folded: str
) -> Group:
    """Align rows under titles. A note is below its row, because a column for notes would be too narrow.

    Parameters
    ----------
    titles
        Titles of the columns; those that begin with ">" have numbers.
    rows
        Cells.
    notes
        One for each row.
    width
        Columns of the terminal.
    folded
        Title of the column that is made narrower than its cells if the line is too long.
    """
    heads = [Text(title.removeprefix(">"), "bold") for title in titles]
    widths = [max(cell.cell_len for cell in column) for column in zip(heads, *rows, strict=True)]
    index = titles.index(folded)
    others = sum(widths) - widths[index] + GAP * (len(widths) - 1)
    widths[index] = min(widths[index], max(LEAST_FOLDED, width - others))
    shown: list[RenderableType] = []
    for cells, note in zip([heads, *rows], [None, *notes], strict=True):
        row = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False)
        for title, columns in zip(titles, widths, strict=True):
            row.add_column(width=columns, justify="right" if title.startswith(">") else "left", overflow="fold")
        row.add_row(*cells)
        shown.append(row)
        if note:
            shown.append(Padding(Text(note), (0, 0, 0, GAP)))
    return Group(*shown)


def _workers(info: ClusterInfo) -> str:
    if not has_workers(info):
        return ""
    counts = f"{info.counts.connected}/{info.counts.requested}"
    return counts if info.adapt is None else f"{counts} ({info.adapt.minimum}-{info.adapt.maximum})"


def _end(info: ClusterInfo, now: float) -> str:
    if info.ended is not None:
        return f"{duration(now - info.ended.timestamp())} ago"
    return "" if info.ends_at is None else f"in {duration(info.ends_at.timestamp() - now)}"


def _memory(worker: WorkerInfo) -> str:
    asked = size(worker.memory_asked)
    return asked if worker.memory_used is None else f"{size(worker.memory_used)} of {asked}"
