from __future__ import annotations

import ast
import json
import re
import site
import struct
import sys
from collections.abc import Callable
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import Any

import nbformat
import pytest

from af_lab.errors import AfLabError, ExampleNotCopied, ExampleNotFound
from af_lab.gallery import examples
from af_lab.gallery.examples import Example, copy_example, examples_folder, find_example, list_examples

NAME = "dimuon-spectrum-coffea"

Notebook = dict[str, Any]
Change = Callable[[Notebook], None]


def read(path: Path) -> Notebook:
    notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def edit(path: Path, change: Change) -> bytes:
    notebook = read(path)
    change(notebook)
    path.write_text(json.dumps(notebook, indent=4), encoding="utf-8")
    return path.read_bytes()


@pytest.fixture
def newer_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what lets the examples become newer than the copies made before."""

    def renew() -> None:
        newer = tmp_path / "newer"
        newer.mkdir()
        notebook = read(examples_folder() / f"{NAME}.ipynb")
        notebook["cells"][0]["source"] = ["# A newer text"]
        (newer / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        monkeypatch.setattr(examples, "_candidates", lambda: [newer])

    return renew


def change_a_cell(notebook: Notebook) -> None:
    notebook["cells"][1]["source"] = ["workers = 20"]


def add_a_cell(notebook: Notebook) -> None:
    notebook["cells"].append({"cell_type": "markdown", "id": "mine", "metadata": {}, "source": []})


def run_a_cell(notebook: Notebook) -> None:
    notebook["cells"][1]["execution_count"] = 1
    notebook["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["20\n"]}]


def open_and_save(notebook: Notebook) -> None:
    """What JupyterLab does to a notebook that is only looked at."""
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.13.1"}
    notebook["metadata"]["widgets"] = {}
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        cell["metadata"]["trusted"] = True


def test_a_copy_is_the_example(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b"
    copy = copy_example(NAME, target)
    assert list(target.iterdir()) == [copy]
    original = read(examples_folder() / copy.name)
    assert read(copy)["cells"] == original["cells"]
    about = read(copy)["metadata"]["af_lab"]
    assert about == original["metadata"]["af_lab"] | {"example": about["example"]}
    nbformat.validate(nbformat.read(copy, as_version=4))


def test_the_ending_may_be_given(tmp_path: Path) -> None:
    assert copy_example(f"{NAME}.ipynb", tmp_path) == tmp_path / f"{NAME}.ipynb"


@pytest.mark.parametrize("change", [change_a_cell, add_a_cell, run_a_cell])
def test_a_changed_copy_is_kept(tmp_path: Path, change: Change, newer_example: Callable[[], None]) -> None:
    changed = edit(copy_example(NAME, tmp_path), change)
    assert copy_example(NAME, tmp_path).read_bytes() == changed
    newer_example()
    assert copy_example(NAME, tmp_path).read_bytes() == changed


@pytest.mark.parametrize(
    "content", ["not a notebook", "{}", "[]", '{"metadata": null}', '{"cells": [], "metadata": {}}']
)
def test_a_file_of_another_origin_is_kept(tmp_path: Path, content: str) -> None:
    own = tmp_path / f"{NAME}.ipynb"
    own.write_text(content)
    assert copy_example(NAME, tmp_path) == own
    assert own.read_text() == content


def test_an_unchanged_copy_is_left_alone(tmp_path: Path) -> None:
    saved = edit(copy_example(NAME, tmp_path), open_and_save)
    assert copy_example(NAME, tmp_path).read_bytes() == saved


def test_an_unchanged_copy_follows_the_example(tmp_path: Path, newer_example: Callable[[], None]) -> None:
    edit(copy_example(NAME, tmp_path), open_and_save)
    newer_example()
    assert read(copy_example(NAME, tmp_path))["cells"][0]["source"] == ["# A newer text"]


def test_an_unknown_example_is_told_with_those_there_are(tmp_path: Path) -> None:
    for ask in (find_example, lambda name: copy_example(name, tmp_path)):
        with pytest.raises(ExampleNotFound, match=rf"no example 'nonsense'.*{NAME}"):
            ask("nonsense")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExampleNotCopied, match=r"cannot be copied to .*file"):
        copy_example(NAME, tmp_path / "file")


@pytest.mark.parametrize("scheme", ["prefix", "user"])
def test_finds_installed_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setattr(examples, "__file__", str(tmp_path / "site-packages" / "af_lab" / "gallery" / "examples.py"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    monkeypatch.setattr(site, "getuserbase", lambda: str(tmp_path / "user"))
    with pytest.raises(AfLabError, match="not installed") as error:
        examples_folder()
    assert str(tmp_path / "prefix" / "share" / "af-lab" / "examples") in str(error.value)

    folder = tmp_path / scheme / "share" / "af-lab" / "examples"
    folder.mkdir(parents=True)
    assert examples_folder() == folder


def test_examples_are_stored_without_outputs() -> None:
    for path in examples_folder().glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert not any(cell.outputs or cell.execution_count for cell in code)
        parameters = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
        assert len(parameters) == 1, path.name


def test_examples_are_listed_from_the_first_steps_on() -> None:
    listed = list_examples()
    names = [example.id for example in listed]
    assert names[:2] == ["first-cluster", NAME]
    assert sorted(names) == sorted(path.stem for path in examples_folder().glob("*.ipynb"))
    assert [example.order for example in listed] == list(range(1, len(listed) + 1))
    assert [find_example(name) for name in names] == listed


def test_a_topic_is_in_several_examples() -> None:
    """One that finds a single analysis, in both frameworks or not, would be its title again."""
    analyses: dict[str, set[str]] = {}
    for example in list_examples():
        assert example.topics, example.id
        for topic in example.topics:
            analyses.setdefault(topic, set()).add(example.title)
    few = {topic for topic, titles in analyses.items() if len(titles) < 2}
    assert few <= {"Systematic uncertainties"}


def test_an_example_without_a_thumbnail_is_listed(newer_example: Callable[[], None]) -> None:
    assert find_example(NAME).thumbnail == examples_folder() / f"{NAME}.png"
    newer_example()
    assert find_example(NAME).thumbnail is None


@pytest.mark.parametrize("example", list_examples(), ids=lambda example: str(example.id))
def test_readers_are_told_what_to_expect(example: Example) -> None:
    assert example.title
    assert example.description.endswith(".")
    assert example.framework in ("Coffea", "RDataFrame", "Dask")
    assert 1 <= example.minutes <= 60
    assert isinstance(example.cores, int)
    assert example.cores >= 1
    assert example.data
    extra = {named(line) for line in requires("af-lab") or [] if "extra == 'examples'" in line}
    theirs = {named(line) for line in requires("coffea") or [] if "extra ==" not in line}
    assert {name.lower() for name in example.needs} <= {"af-lab"} | extra | theirs, (
        "pip install af-lab[examples] brings all of it"
    )


@pytest.mark.parametrize("example", list_examples(), ids=lambda example: str(example.id))
def test_needs_name_all_that_the_cells_import(example: Example) -> None:
    """And what shows progress in a notebook: clusters, Dask and coffea draw it with ipywidgets."""
    code = "\n".join("".join(cell["source"]) for cell in example.read()["cells"] if cell["cell_type"] == "code")
    own = {"af_lab", "af_lab_examples", *sys.stdlib_module_names}
    imported = {module.partition(".")[0] for module in imports(code)} - own
    distributions = packages_distributions()
    needed = {distributions.get(module, [module])[0].lower() for module in imported} | {"ipywidgets"}
    assert needed <= {name.lower() for name in example.needs} | brought(example.needs)


def imports(code: str) -> set[str]:
    """Return the modules that some code imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def brought(needs: tuple[str, ...]) -> set[str]:
    """Return the distributions that come with others, and IPython, which each kernel of a notebook has."""
    lines = [line for name in needs for line in requires(name) or [] if "extra ==" not in line]
    return {named(line) for line in lines} | {"ipython"}


def named(requirement: str) -> str:
    return re.split(r"[^\w-]", requirement)[0].lower()


@pytest.mark.parametrize("example", list_examples(), ids=lambda example: str(example.id))
def test_thumbnails_are_small_pictures(example: Example) -> None:
    assert example.thumbnail
    content = example.thumbnail.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    assert (width, height) == (480, 300)
    assert len(content) <= 40_000
