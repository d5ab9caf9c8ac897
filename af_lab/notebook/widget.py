"""What the cluster object shows in a notebook, as rows of HTML tables."""

from __future__ import annotations

from html import escape

from af_lab.manager.progress import Reasons, workers_line
from af_lab.model.computation import activity_in_words, progress_line
from af_lab.model.info import ClusterInfo
from af_lab.wording import count, size

__all__ = ["cluster_rows", "scaling_in_words", "scaling_table"]


def scaling_in_words(info: ClusterInfo) -> str:
    """Return in words how the number of workers is chosen."""
    if info.adapt is None:
        return f"{info.workers} workers requested"
    return f"scaling by itself between {info.adapt.minimum} and {info.adapt.maximum} workers"


def scaling_table(info: ClusterInfo, why: Reasons) -> str:
    """Return the table above the buttons of the widget."""
    counts = info.counts
    mode = "Manual" if info.adapt is None else f"Adaptive ({info.adapt.minimum} to {info.adapt.maximum})"
    workers = (
        str(counts.connected) if counts.connected == counts.requested else f"{counts.connected} / {counts.requested}"
    )
    rows = [("Scaling mode", mode), ("Workers", workers)]
    if counts.connected < counts.requested:
        rows.append(("Waiting", workers_line(counts.connected, counts.requested, counts, why)))
    rows += _work(info)
    cells = "".join(f'<tr><td style="text-align: left;">{name}: {escape(text)}</td></tr>' for name, text in rows)
    return f"<table>{cells}</table>"


def cluster_rows(info: ClusterInfo, state: str) -> str:
    """Return the additional rows for Dask's table of a cluster, with its state in words."""
    sites = ", ".join(info.spec.sites) or "all"
    cells = [
        ("State", state),
        ("Size", scaling_in_words(info) if info.state in ("pending", "running", "held") else "no workers any more"),
        ("Each job", f"{count(info.cores, 'core')}, {size(info.memory)}"),
        ("Sites", sites),
        *_work(info),
    ]
    texts = [f'<td style="text-align: left;"><strong>{name}:</strong> {escape(text)}</td>' for name, text in cells]
    return "".join(f"<tr>{''.join(texts[row : row + 2])}</tr>" for row in range(0, len(texts), 2))


def _work(info: ClusterInfo) -> list[tuple[str, str]]:
    """Return what the workers do, and how far the computation is."""
    words = activity_in_words(info.activity, info.doing)
    rows = [("Work", words)] if words else []
    return rows if info.progress is None else [*rows, ("Tasks", progress_line(info.progress, "task"))]
