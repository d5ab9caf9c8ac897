"""Labels of workers in Dask's plots: the job and its site, where Dask shows addresses or its own names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from af_lab.condor.job import JobId
from af_lab.model.counting import job_of

__all__ = ["label_of", "labels_of", "with_labels"]

UPDATE_EVERY = 1000  # ms, while a page is open
# Tooltips have the name of a column behind the "@". Beside "Worker (" the column `name` is that of a worker.
COLUMNS = re.compile(r"@(worker|source|destination)\b(?!\{)|(?<=Worker \()@(name)\b(?!\{)")
# The task stream knows the worker of each task, and does not say so.
OF_A_TASK = """<div><span style="font-size: 10px; font-family: Monaco, monospace;">@worker</span></div>"""
CODE = "const at = labels.data.worker.indexOf({value}); return at < 0 ? {value} : labels.data.label[at]"

Page = Callable[[Any, Any, Any], None]


def label_of(name: object, site: str | None) -> str | None:
    """Return how people know a worker: "job 12.0 at cern", "job 12.0, worker 3, at cern"; None for a foreign worker."""
    job = job_of(name)
    if job is None:
        return None
    _, _, process = str(name).partition("-r")[2].partition("-")
    parts = [f"job {job}", *([f"worker {process}"] if process else [])]
    if site is None:
        return ", ".join(parts)
    return f"{', '.join(parts)}{',' if process else ''} at {site}"


def labels_of(workers: Iterable[tuple[str, object]], site_of: Callable[[JobId], str | None]) -> dict[str, str]:
    """Return the label of each worker, by its address and by its name.

    Parameters
    ----------
    workers
        Address and name of each.
    site_of
        The site of a job, or None.
    """
    labels = {}
    for address, name in workers:
        job = job_of(name)
        if job is not None and (label := label_of(name, site_of(job))):
            labels[address] = labels[str(name)] = label
    return labels


def with_labels(pages: Mapping[str, Page], labels: Callable[[], Mapping[str, str]]) -> dict[str, Page]:
    """Return Dask's pages such that workers have labels; what Dask calls them stays.

    Parameters
    ----------
    pages
        Functions that fill a Bokeh document, by path.
    labels
        Returns the current labels by address and by name.
    """
    return {path: _labelled(page, labels) for path, page in pages.items()}


def _labelled(page: Page, labels: Callable[[], Mapping[str, str]]) -> Page:
    def fill(scheduler: Any, extra: Any, doc: Any) -> None:
        page(scheduler, extra, doc)
        _Labels(doc, labels)

    return fill


class _Labels:
    """The labels in one document, kept up to date while it is open."""

    def __init__(self, doc: Any, labels: Callable[[], Mapping[str, str]]) -> None:
        # Bokeh takes a second to import, and is there only where a dashboard is.
        from bokeh.models import (
            CategoricalAxis,
            ColumnDataSource,
            CustomJSHover,
            CustomJSTickFormatter,
            HoverTool,
            Plot,
        )
        from bokeh.models.widgets.tables import TableColumn

        self._labels = labels
        self._known: Mapping[str, str] = {}
        self._source = ColumnDataSource({"worker": [], "label": []})
        arguments = {"labels": self._source}
        hover = CustomJSHover(args=arguments, code=CODE.format(value="value"))
        for figure in doc.select({"type": Plot}):
            columns = _columns_of(figure)
            for tool in figure.select({"type": HoverTool}):
                if tooltips := _with_placeholders(tool.tooltips, columns):
                    tool.tooltips = tooltips
                    # Bokeh sends a new value to the browser, but not a default that changed in place.
                    ours = {f"@{column}": hover for column in ("worker", "source", "destination", "name")}
                    tool.formatters = {**tool.formatters, **ours}
        for figure in doc.select({"type": Plot}):
            if {"source", "destination"} <= _columns_of(figure):
                for axis in figure.select({"type": CategoricalAxis}):
                    axis.formatter = CustomJSTickFormatter(args=arguments, code=CODE.format(value="tick"))
        self._cells = [column for column in doc.select({"type": TableColumn}) if column.field in ("name", "worker")]
        self._update()
        doc.add_periodic_callback(self._update, UPDATE_EVERY)

    def _update(self) -> None:
        from bokeh.models.widgets.tables import HTMLTemplateFormatter

        labels = self._labels()
        if labels == self._known:
            return
        self._known = labels
        self._source.data = {"worker": list(labels), "label": list(labels.values())}
        for column in self._cells:
            column.formatter = HTMLTemplateFormatter(template=_template(labels))


def _with_placeholders(tooltips: Any, columns: Collection[str]) -> Any:
    """Return tooltips whose workers are formatted by us; None if they have none."""
    if isinstance(tooltips, str):
        if "worker_thread" in columns and "@worker" not in tooltips:
            tooltips += OF_A_TASK
        changed: Any = COLUMNS.sub(_custom, tooltips)
    elif isinstance(tooltips, list):
        changed = [(title, COLUMNS.sub(_custom, text)) for title, text in tooltips]
    else:
        return None
    return None if changed == tooltips else changed


def _custom(found: re.Match[str]) -> str:
    return f"{found[0]}{{custom}}"


def _columns_of(figure: Any) -> set[str]:
    """Return the columns of what a figure draws."""
    sources = [getattr(renderer, "data_source", None) for renderer in figure.renderers]
    return {column for source in sources for column in getattr(source, "column_names", ())}


def _template(labels: Mapping[str, str]) -> str:
    """Return a template of Bokeh's tables that puts a label in the place of a name."""
    # Neither may end the template's code.
    known = json.dumps(labels).replace("%", "\\u0025").replace("<", "\\u003c")
    return f"<%- ({known})[value] || value %>"
