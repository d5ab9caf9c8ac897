"""Notebooks of the gallery as their readers run them: from top to bottom, with papermill."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any, NamedTuple

import cloudpickle
import hist
import nbformat
import numpy as np
import papermill
import pytest
from af_lab_examples import adl_coffea, catalogue, higgs_coffea, ttbar_coffea
from af_lab_examples.compare import compare
from jupyter_client.channels import AsyncZMQSocketChannel
from nbformat import NotebookNode

from af_lab.gallery.examples import copy_example, find_example
from tests.examples.test_dimuon import analyse

EVENTS = 20_000
CELL_LIMIT = 240  # seconds
OUTPUT_LIMIT = 60  # seconds until the output of a cell that ran is here; 4 are too few on a busy machine
DATASETS = {"higgs-four-leptons": ("higgs-4l", "zz-4l"), "ttbar-systematics": ("ttbar", "wjets", "singletop")}
LOOK = 1  # seconds between two looks for messages of a kernel
NAMES = ("histograms", "cold", "warm", "coffea")
RESULTS = f"""
import base64, cloudpickle
print(base64.b64encode(cloudpickle.dumps({{name: globals().get(name) for name in {NAMES}}})).decode())
"""

Parameters = dict[str, Any]
Histograms = dict[str, Any]


class Run(NamedTuple):
    """A notebook that ran.

    Attributes
    ----------
    outputs
        Of all cells.
    results
        What `NAMES` were in the end.
    again
        The same after the run with other files, if there was one.
    """

    outputs: list[NotebookNode]
    results: dict[str, Any]
    again: dict[str, Any]

    @property
    def histograms(self) -> Histograms:
        found: Histograms = self.results["histograms"]
        return found

    def text(self, stream: str) -> str:
        return "".join(output.text for output in self.outputs if output.get("name") == stream)

    @property
    def has_picture(self) -> bool:
        return any("image/png" in output.get("data", {}) for output in self.outputs)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def parts(notebook: NotebookNode) -> tuple[NotebookNode, list[NotebookNode], NotebookNode | None]:
    """Return the cell that starts the cluster, the code that runs on it, and the cell that ends it if there is one."""
    cells = code_cells(notebook)
    (start,) = (index for index, cell in enumerate(cells) if "af_lab.cluster(" in cell.source)
    end = cells.pop() if "cluster.close()" in cells[-1].source else None
    return cells[start], cells[start + 1 :], end


def run(name: str, folder: Path, parameters: Parameters, other_files: list[str] | None = None) -> Run:
    """Run a copy of a notebook.

    What its kernel writes is kept out of the user's folders, so that it meets them empty as the first time.

    Parameters
    ----------
    parameters
        Instead of the notebook's own.
    other_files
        Analyse these in the same kernel after those of the parameters: all cells between the start and the end of the
        cluster run again.
    """
    notebook = nbformat.read(copy_example(name, folder), as_version=4)
    _, between, last = parts(notebook)
    end = len(notebook.cells) if last is None else notebook.cells.index(last)
    added = [nbformat.v4.new_code_cell(RESULTS)]
    if other_files is not None:
        again = [nbformat.v4.new_code_cell(cell.source) for cell in between]
        added += [nbformat.v4.new_code_cell(f"files = {other_files}"), *again, nbformat.v4.new_code_cell(RESULTS)]
    notebook.cells[end:end] = added
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
            patch.setenv(variable, str(folder / variable.lower()))
        patch.setattr(AsyncZMQSocketChannel, "get_msg", look_often(AsyncZMQSocketChannel.get_msg))
        done = papermill.execute_notebook(
            notebook,
            None,
            parameters,
            kernel_name="python3",
            cwd=folder,
            execution_timeout=CELL_LIMIT,
            iopub_timeout=OUTPUT_LIMIT,
            progress_bar=False,
        )
    results = [results_of(cell) for cell in code_cells(done) if cell.source == RESULTS]
    outputs = [output for cell in code_cells(done) if cell.source != RESULTS for output in cell.outputs]
    return Run(outputs, results[0], results[-1])


def look_often(get_msg: Callable[..., Any]) -> Callable[..., Any]:
    """Let a channel look for itself each second.

    Once in some hundred notebooks pyzmq 27.3 does not wake up for a message that has come, and it was found only when
    the limit of the cell was over.
    """

    async def look(channel: AsyncZMQSocketChannel, timeout: float | None = None) -> Any:
        end = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            try:
                return await get_msg(channel, max(0, min(LOOK, end - time.monotonic())))
            except Empty:
                if time.monotonic() >= end:
                    raise

    return look


def results_of(cell: NotebookNode) -> dict[str, Any]:
    # a busy kernel sends what is printed in pieces
    printed = "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
    found: dict[str, Any] = cloudpickle.loads(base64.b64decode(printed))
    return found


def check(name: str, ran: Run) -> None:
    assert ran.text("stderr") == ""
    assert "DIFFERENT" not in ran.text("stdout")
    if find_example(name).framework != "Dask":
        assert ran.has_picture
        assert any(histogram.values(flow=True).any() for histogram in ran.histograms.values())


def analysis_of(name: str) -> str:
    return name.removesuffix("-coffea").removesuffix("-rdf")


def short(name: str) -> Parameters:
    """Return the parameters that keep an example short; those of muon pairs and without data are."""
    analysis = analysis_of(name)
    if analysis == "adl-benchmarks":
        return {"files": files("single-muon")}
    if analysis in DATASETS:
        return {"files": {dataset: files(dataset) for dataset in DATASETS[analysis]}}
    return {"events": EVENTS} if analysis == "columnar-thinking" else {}


def files(dataset: str, events: int | None = EVENTS) -> list[str]:
    return catalogue.dataset(dataset, events=events, progress=False).files


def check_histograms(name: str, ran: Run) -> None:
    """Compare what a notebook found with what coffea finds in this process in the same files."""
    run_here: dict[str, Callable[[Any], dict[str, Any]]] = {
        "dimuon-spectrum": lambda _: analyse(files("dimuon", None)),
        "adl-benchmarks": adl_coffea.run,
        "higgs-four-leptons": higgs_coffea.run,
        "ttbar-systematics": ttbar_coffea.run,
    }
    here = run_here[analysis_of(name)](short(name).get("files"))["histograms"]
    agreement = compare(ran.histograms, here, heaviest=max(map(heaviest, here.values())))
    assert agreement, str(agreement)


def heaviest(histogram: Any) -> float:
    """Return about how much the heaviest event weighs: in each bin, what an average one does."""
    if histogram.storage_type is not hist.storage.Weight:
        return 1.0
    values, variances = histogram.values(flow=True), histogram.variances(flow=True)
    return float(np.max(variances / np.where(values == 0, 1, abs(values))))
