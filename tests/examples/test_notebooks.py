"""Notebooks that need no ROOT, each on a cluster that it starts and ends."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import nbformat
import pytest

import af_lab
from af_lab.gallery.examples import find_example, list_examples
from tests.examples.notebooks import DATASETS, Run, analysis_of, check, check_histograms, files, parts, run, short
from tests.support import wait

EXAMPLES = [example.id for example in list_examples()]
WITHOUT_ROOT = [example.id for example in list_examples() if "ROOT" not in example.needs]
ANALYSES = [name for name in WITHOUT_ROOT if name.endswith("-coffea")]

FIRST_STEPS = ["first-cluster", "dimuon-spectrum-coffea"]  # their cluster goes on, for the notebooks after them

FIRST_START = """\
import af_lab

cluster = af_lab.cluster(cluster_name, workers=workers)
"""
START = """\
import af_lab

started_here = not any(info.name == cluster_name and info.exists for info in af_lab.clusters())
cluster = af_lab.cluster(cluster_name, workers=workers)
"""
END = """\
client.close()
if started_here:
    cluster.shutdown()
else:
    cluster.close()"""


def signal(name: str) -> str | None:
    """Return the dataset that a list of files is taken for, if the notebook has several."""
    return DATASETS.get(analysis_of(name), (None,))[0]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """Return what runs an example, once.

    Only muon pairs are shared out among two workers: this is the same for all analyses, and each worker has much to
    import.
    """

    @cache
    def first_run(name: str) -> Run:
        workers = 1 if name in ANALYSES and analysis_of(name) != "dimuon-spectrum" else 2
        parameters = {"cluster_name": "notebook", "workers": workers} | short(name)
        dataset = signal(name)
        return run(name, tmp_path_factory.mktemp(name), parameters, files(dataset) if dataset else None)

    return first_run


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in FIRST_STEPS])
def test_all_start_and_end_their_cluster_alike(name: str) -> None:
    """So what is seen of one is true of all: those with ROOT run on a cluster that is there."""
    start, _, end = parts(nbformat.read(find_example(name).notebook, as_version=4))
    assert start.source.startswith(START)
    assert end is not None
    assert end.source == END


@pytest.mark.parametrize("name", FIRST_STEPS)
def test_first_steps_leave_their_cluster_and_say_how_it_ends(name: str) -> None:
    notebook = nbformat.read(find_example(name).notebook, as_version=4)
    start, _, end = parts(notebook)
    assert start.source.startswith(FIRST_START)
    assert end is None
    code = "".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert "shutdown" not in code
    assert "close()" not in code
    text = " ".join(" ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown").split())
    assert "ends by itself after an hour without work" in text
    assert "press **Stop** on its card in the panel, or run `cluster.shutdown()`" in text


@pytest.mark.pool
@pytest.mark.slow
@pytest.mark.parametrize("name", WITHOUT_ROOT)
@pytest.mark.usefixtures("no_clusters_left")
def test_runs_from_top_to_bottom_and_leaves_a_cluster_only_in_the_first_steps(
    name: str, ran: Callable[[str], Run]
) -> None:
    check(name, ran(name))
    if name in FIRST_STEPS:
        assert is_there("notebook")
    else:
        wait(lambda: not is_there("notebook"), "the notebook's cluster is gone", seconds=120)


def is_there(name: str) -> bool:
    return any(info.name == name and info.exists for info in af_lab.clusters())


@pytest.mark.pool
@pytest.mark.slow
@pytest.mark.usefixtures("no_clusters_left")
@pytest.mark.parametrize("name", ANALYSES)
def test_finds_what_is_found_without_a_cluster(name: str, ran: Callable[[str], Run]) -> None:
    check_histograms(name, ran(name))


@pytest.mark.pool
@pytest.mark.slow
@pytest.mark.usefixtures("no_clusters_left")
@pytest.mark.parametrize("name", [name for name in ANALYSES if signal(name)])
def test_a_list_of_files_is_of_the_signal(name: str, ran: Callable[[str], Run]) -> None:
    found = ran(name).again["histograms"]
    assert {key.rpartition("_")[2] for key in found} == {str(signal(name)).removesuffix("-4l")}
    assert any(histogram.values(flow=True).any() for histogram in found.values())
