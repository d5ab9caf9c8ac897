"""Every notebook of the gallery, as its readers run it: from top to bottom."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cloudpickle
import hist
import nbformat
import numpy as np
import papermill
import pytest
from af_lab_examples import catalogue
from af_lab_examples.compare import compare

import af_lab
from af_lab import Cluster
from af_lab.gallery import Example, copy_example, find_example, list_examples
from tests.support import clean, wait, with_queue

pytestmark = [pytest.mark.pool, pytest.mark.slow]

EXAMPLES = [example.id for example in list_examples()]
WITH_ROOT = [example.id for example in list_examples() if "ROOT" in example.needs]
IN_BOTH = [name.removesuffix("-rdf") for name in EXAMPLES if name.endswith("-rdf")]
EVENTS = 20_000
CELL_LIMIT = 120  # seconds; once in a while a kernel's answer is noticed only then
SIMULATED = {"higgs-four-leptons": ("higgs-4l", "zz-4l"), "ttbar-systematics": ("ttbar", "wjets", "singletop")}
RESULTS = """
import base64, cloudpickle
print(base64.b64encode(cloudpickle.dumps(globals().get("histograms", {}))).decode())
"""

Parameters = dict[str, Any]


class Run(NamedTuple):
    outputs: list[nbformat.NotebookNode]
    histograms: dict[str, Any]

    def text(self, stream: str) -> str:
        return "".join(output.text for output in self.outputs if output.get("name") == stream)

    @property
    def has_picture(self) -> bool:
        return any("image/png" in output.get("data", {}) for output in self.outputs)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """Return what runs an example on a cluster of two workers, once."""

    @cache
    def first_run(name: str) -> Run:
        return run(name, tmp_path_factory.mktemp(name), {"cluster_name": "notebook", "workers": 2} | short(name))

    return first_run


@pytest.fixture(scope="module")
def crowded() -> Iterator[Cluster]:
    """A cluster of 20 workers, no two of which fit the pool."""
    with af_lab.cluster("crowded", workers=20, memory="20 GB") as cluster:
        yield cluster
        cluster.shutdown()
    with_queue(clean)


def short(name: str) -> Parameters:
    """Return the parameters that keep an example short; those of muon pairs and without data are."""
    analysis = name.removesuffix("-coffea").removesuffix("-rdf")
    if analysis == "adl-benchmarks":
        return {"files": files("single-muon")}
    if analysis in SIMULATED:
        return {"files": {dataset: files(dataset) for dataset in SIMULATED[analysis]}}
    return {"events": EVENTS} if analysis == "columnar-thinking" else {}


def files(dataset: str) -> list[str]:
    return catalogue.dataset(dataset, events=EVENTS, progress=False).files


def run(name: str, folder: Path, parameters: Parameters) -> Run:
    """Run a copy of a notebook with other parameters, with papermill.

    What its kernel writes is kept out of the user's folders, so that it meets them empty as the first time.
    """
    notebook = nbformat.read(copy_example(name, folder), as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(RESULTS))
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
            patch.setenv(variable, str(folder / variable.lower()))
        done = papermill.execute_notebook(
            notebook,
            None,
            parameters,
            kernel_name="python3",
            cwd=folder,
            execution_timeout=CELL_LIMIT,
            progress_bar=False,
        )
    histograms: dict[str, Any] = cloudpickle.loads(base64.b64decode(done.cells.pop().outputs[-1].text))
    return Run([output for cell in done.cells for output in cell.get("outputs", [])], histograms)


def check(example: Example, ran: Run) -> None:
    assert not ran.text("stderr")
    assert "DIFFERENT" not in ran.text("stdout")
    if example.framework != "Dask":
        assert ran.has_picture
        assert any(histogram.values(flow=True).any() for histogram in ran.histograms.values())


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.usefixtures("no_clusters_left")
def test_runs_from_top_to_bottom_and_leaves_no_cluster(name: str, ran: Callable[[str], Run]) -> None:
    check(find_example(name), ran(name))
    gone = "the notebook's cluster is gone"
    wait(lambda: not any(info.name == "notebook" and info.exists for info in af_lab.clusters()), gone, seconds=30)


@pytest.mark.usefixtures("no_clusters_left")
@pytest.mark.parametrize("analysis", SIMULATED)
def test_a_list_of_files_is_of_the_signal(analysis: str, tmp_path: Path) -> None:
    signal = SIMULATED[analysis][0]
    ran = run(f"{analysis}-coffea", tmp_path, {"cluster_name": "notebook", "workers": 1, "files": files(signal)})
    check(find_example(f"{analysis}-coffea"), ran)
    assert {key.rpartition("_")[2] for key in ran.histograms} == {signal.removesuffix("-4l")}


@pytest.mark.usefixtures("no_clusters_left")
@pytest.mark.parametrize("analysis", IN_BOTH)
def test_the_notebooks_of_an_analysis_agree(analysis: str, ran: Callable[[str], Run]) -> None:
    first, second = (ran(f"{analysis}-{framework}").histograms for framework in ("coffea", "rdf"))
    agreement = compare(first, second, heaviest=max(map(heaviest, first.values())))
    assert agreement, str(agreement)
    assert "equal" in ran(f"{analysis}-rdf").text("stdout")


def heaviest(histogram: Any) -> float:
    """Return about how much the heaviest event weighs: in each bin, what an average one does."""
    if histogram.storage_type is not hist.storage.Weight:
        return 1.0
    values, variances = histogram.values(flow=True), histogram.variances(flow=True)
    return float(np.max(variances / np.where(values == 0, 1, abs(values))))


@pytest.mark.parametrize("name", WITH_ROOT)
def test_one_of_twenty_workers_is_enough(name: str, tmp_path: Path, crowded: Cluster) -> None:
    ran = run(name, tmp_path, {"cluster_name": crowded.name, "workers": 20} | short(name))
    assert crowded.info().counts.connected == 1
    assert crowded.info().state == "running", "the notebook ended a cluster that it did not start"
    check(find_example(name), ran)
