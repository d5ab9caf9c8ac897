"""The notebooks, as their readers run them: from top to bottom, on a cluster of two workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest
from af_lab_examples.sample import DimuonSample

import af_lab
from af_lab.gallery import copy_example
from tests.support import wait

pytestmark = [pytest.mark.pool, pytest.mark.slow, pytest.mark.usefixtures("no_clusters_left")]

NAME = "dimuon-spectrum-coffea"
RESULTS = """
import json
print(json.dumps({"counts": counts, "mass": histograms["mass"].values().tolist(),
                  "edges": histograms["mass"].axes[0].edges.tolist()}))
"""


@pytest.fixture
def kernel_paths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep what the kernel writes out of the user's folders, so that it meets them empty as the first time."""
    for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


def run(folder: Path, **parameters: Any) -> tuple[nbformat.NotebookNode, dict[str, Any]]:
    """Run a copy of the notebook with other parameters; return it with its outputs, and its results."""
    notebook = nbformat.read(copy_example(NAME, folder), as_version=4)
    at = next(i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
    chosen = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    notebook.cells.insert(at + 1, nbformat.v4.new_code_cell(chosen))
    notebook.cells.append(nbformat.v4.new_code_cell(RESULTS))
    nbclient.NotebookClient(notebook, timeout=240, kernel_name="python3").execute()
    results: dict[str, Any] = json.loads(notebook.cells.pop().outputs[-1].text)
    return notebook, results


def outputs(notebook: nbformat.NotebookNode) -> Iterator[nbformat.NotebookNode]:
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


def existing() -> set[str]:
    return {info.name for info in af_lab.clusters() if info.exists}


def test_runs_from_top_to_bottom_and_leaves_no_cluster(
    tmp_path: Path, kernel_paths: None, dimuons: DimuonSample
) -> None:
    notebook, results = run(tmp_path, cluster_name="notebook", workers=2)

    assert not [output.text for output in outputs(notebook) if output.get("name") == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in outputs(notebook))
    wait(lambda: "notebook" not in existing(), "the notebook's cluster is gone", seconds=30)

    assert results["counts"]["events"] == 1_000_000
    peak = max(
        range(len(results["mass"])),
        key=lambda bin_: results["mass"][bin_] if results["edges"][bin_] > 60 else 0,
    )
    assert results["edges"][peak] < 92.5
    assert results["edges"][peak + 1] > 89.5
    assert results["counts"]["Z"] > 50_000


def test_leaves_a_cluster_that_was_there(tmp_path: Path, kernel_paths: None, dimuons: DimuonSample) -> None:
    with af_lab.cluster("before", workers=1) as cluster:
        notebook, results = run(tmp_path, cluster_name="before", workers=1, files=dimuons.files)
        assert not [output.text for output in outputs(notebook) if output.get("name") == "stderr"]
        assert results["counts"]["events"] == dimuons.events
        assert cluster.info().state == "running"
