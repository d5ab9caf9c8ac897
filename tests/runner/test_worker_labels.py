"""How people know the workers in Dask's plots."""

from __future__ import annotations

import asyncio
from typing import Any

import dask
import pytest
from bokeh.document import Document
from bokeh.models import CategoricalAxis, CustomJSHover, CustomJSTickFormatter, HoverTool, Model
from bokeh.models.widgets.tables import TableColumn
from distributed import Scheduler
from distributed.dashboard import scheduler as dashboard

from af_lab.condor.job import JobId
from af_lab.runner.worker_labels import label_of, labels_of, with_labels

SITES = {JobId(12, 0): "cern", JobId(12, 1): "50 % <%= %>"}
WORKERS = {"tls://a:1": "12.0-r1-3", "tls://b:1": "12.1-r2"}


@pytest.mark.parametrize(
    ("name", "site", "label"),
    [
        ("12.0-r1", "cern", "job 12.0 at cern"),
        ("12.0-r1", None, "job 12.0"),
        ("12.0-r3-2", "cern", "job 12.0, worker 2, at cern"),
        ("12.0-r3-2", None, "job 12.0, worker 2"),
        ("alice's own", "cern", None),
        (0, None, None),
    ],
)
def test_a_label_says_job_and_site(name: object, site: str | None, label: str | None) -> None:
    assert label_of(name, site) == label


def current() -> dict[str, str]:
    return labels_of(WORKERS.items(), SITES.get)


def test_labels_are_found_by_address_and_by_name() -> None:
    assert current() == {
        "tls://a:1": "job 12.0, worker 3, at cern",
        "12.0-r1-3": "job 12.0, worker 3, at cern",
        "tls://b:1": "job 12.1 at 50 % <%= %>",
        "12.1-r2": "job 12.1 at 50 % <%= %>",
    }


async def fill(path: str, labels: Any = current) -> Document:
    """Return one of Dask's pages with labels."""
    with dask.config.set({"distributed.scheduler.http.routes": []}):
        async with Scheduler(dashboard=False, port=0) as scheduler:
            doc = Document()
            pages = with_labels(dashboard.applications, labels)
            pages[path](scheduler, {"prefix": "", "pages": [], "plots": [], "jupyter": False}, doc)
            return doc


def all_of(doc: Document, kind: type[Model]) -> list[Any]:
    return list(doc.select({"type": kind}))


# What Dask shows a worker by: a new one of its versions may do so otherwise.
@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("/individual-task-stream", "@worker{custom}"),
        ("/individual-workers-memory", "@worker{custom}"),
        ("/individual-workers-transfer-bytes", "@worker{custom}"),
        ("/individual-nprocessing", "@worker{custom}"),
        ("/individual-occupancy", "@worker{custom}"),
        ("/individual-bandwidth-workers", "@destination{custom}"),
        ("/individual-workers", "Worker (@name{custom})"),
        ("/status", "@worker{custom}"),
    ],
)
async def test_tooltips_have_labels(path: str, column: str) -> None:
    doc = await fill(path)
    tools = [tool for tool in all_of(doc, HoverTool) if column in str(tool.tooltips)]
    assert tools
    sent = tools[0].properties_with_values(include_defaults=False)["formatters"]
    formatter = sent[f"@{column.partition('@')[2].partition('{')[0]}"]
    assert isinstance(formatter, CustomJSHover)
    assert dict(zip(*formatter.args["labels"].data.values(), strict=True)) == current()


async def test_axes_and_tables_have_labels() -> None:
    axes = all_of(await fill("/individual-bandwidth-workers"), CategoricalAxis)
    assert axes
    assert all(isinstance(axis.formatter, CustomJSTickFormatter) for axis in axes)
    names = [column for column in all_of(await fill("/individual-workers"), TableColumn) if column.field == "name"]
    assert names
    for column in names:
        assert "job 12.0, worker 3, at cern" in column.formatter.template
        assert column.formatter.template.count("%>") == 1, "a site's name does not end the template"


async def test_plots_of_other_things_stay_as_they_are() -> None:
    doc = await fill("/individual-progress")
    assert "{custom}" not in str([tool.tooltips for tool in all_of(doc, HoverTool)])


async def test_labels_follow_the_workers() -> None:
    known = dict(current())
    doc = await fill("/individual-workers-memory", lambda: dict(known))
    formatter = next(tool for tool in all_of(doc, HoverTool) if tool.formatters).formatters["@worker"]
    known["tls://c:1"] = "job 13.0"
    updates = [each.callback for each in doc.session_callbacks]
    for update in updates:
        done = update()
        if asyncio.iscoroutine(done):
            await done
    assert "job 13.0" in formatter.args["labels"].data["label"]
