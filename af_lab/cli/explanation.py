"""Why workers wait or are on hold, laid out for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from af_lab.cli.tables import has_workers, sites_table
from af_lab.wording import count

if TYPE_CHECKING:
    from af_lab.condor.explain import Explanation
    from af_lab.model.info import ClusterInfo

__all__ = ["explanation_in_words"]


def explanation_in_words(info: ClusterInfo, explanation: Explanation, width: int) -> Group:
    """Lay out an explanation: first the summary, then the reasons, then the room at each site."""
    headline = Text(f"{info.name}: {_summary(info, explanation)}.", "bold")
    reasons = Table.grid(padding=(0, 1, 0, 0))
    for reason in ([info.reason] if info.reason else []) + list(explanation.reasons):
        reasons.add_row(" -", Text(reason))
    shown: list[RenderableType] = [headline, reasons]
    if has_workers(info):
        shown += ["", _room(explanation, width)]
    return Group(*shown)


def _summary(info: ClusterInfo, explanation: Explanation) -> str:
    if not has_workers(info):
        return info.state
    have = f"{info.counts.connected} of {info.counts.requested} workers connected"
    return f"{have}, {explanation.summary or 'no worker waits or is on hold'}"


def _room(explanation: Explanation, width: int) -> RenderableType:
    if any(site.site for site in explanation.sites):
        return sites_table(explanation.sites, width)
    now, ever = count(explanation.now, "such job"), count(explanation.ever, "such job")
    return Text(f"The pool has room for {now} now, and for {ever} when it is empty.")
