"""The examples: the list of them, their files, and copies that users can change."""

from __future__ import annotations

import json
import site
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from af_lab.errors import AfLabError, ExampleNotCopied, ExampleNotFound
from af_lab.gallery.copies import Notebook, is_outdated, make_copy, parse_notebook

__all__ = ["COPIES", "Example", "copy_example", "examples_folder", "find_example", "list_examples"]

COPIES = "af-lab-examples"  # the folder of a user's copies, below the top folder of Jupyter's files


@dataclass(frozen=True)
class Example:
    """An example in the gallery; its description is in the metadata of its notebook, under ``af_lab``.

    Attributes
    ----------
    id
        Name of the notebook, without ``.ipynb``.
    description
        One or two sentences.
    framework
        "Coffea" or "RDataFrame"; "Dask" where neither is needed.
    topics
        What it shows, in a few words each: examples with a topic in common are found together.
    order
        Its place in the path of learning, which begins with 1.
    minutes
        Approximate run time.
    needs
        Names of the distributions that its Python must have.
    cores
        Number of cores that it requests from the pool.
    data
        What it reads, in words.
    notebook
        The file.
    thumbnail
        A picture of its result (PNG), if it has one.
    """

    id: str
    title: str
    description: str
    framework: str
    topics: tuple[str, ...]
    order: int
    minutes: int
    needs: tuple[str, ...]
    cores: int
    data: str
    notebook: Path
    thumbnail: Path | None

    def read(self) -> Notebook:
        """Return the notebook."""
        return parse_notebook(self.notebook.read_bytes())


def examples_folder() -> Path:
    """Return the folder of the example notebooks.

    Raises
    ------
    AfLabError
        The notebooks are not installed.
    """
    candidates = _candidates()
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise AfLabError(
        "The example notebooks are not installed. These folders were searched:\n"
        + "".join(f"  {folder}\n" for folder in candidates)
        + "They are part of af-lab: install it again with pip in this environment."
    )


def list_examples() -> list[Example]:
    """Return all examples, in the order in which to learn from them.

    Raises
    ------
    AfLabError
        The notebooks are not installed.
    """
    return sorted(map(_describe, _notebooks().values()), key=lambda example: (example.order, example.id))


def find_example(name: str) -> Example:
    """Return the example of a name.

    Raises
    ------
    ExampleNotFound
        There is no such example.
    AfLabError
        The examples are not installed.
    """
    notebooks = _notebooks()
    if name not in notebooks:
        raise ExampleNotFound(f"There is no example {name!r}. There are: {', '.join(sorted(notebooks))}.")
    return _describe(notebooks[name])


def copy_example(name: str, target: Path) -> Path:
    """Copy an example notebook into a folder, where the user can run and change it.

    An existing copy is kept if the user has changed or run it. Otherwise it is brought up to date.

    Parameters
    ----------
    name
        Name of the notebook, with or without ``.ipynb``.
    target
        The folder; created if it does not exist.

    Returns
    -------
    Path
        The copy.

    Raises
    ------
    ExampleNotFound
        There is no such example.
    ExampleNotCopied
        The copy cannot be written there.
    """
    example = find_example(name.removesuffix(".ipynb"))
    original = example.read()
    copy = target / example.notebook.name
    try:
        if not copy.exists() or _is_outdated_file(copy, original):
            target.mkdir(parents=True, exist_ok=True)
            _replace(copy, make_copy(original))
    except OSError as error:
        raise ExampleNotCopied(
            f"The example {example.id} cannot be copied to {target}: {error.strerror or error}. "
            "Choose a folder where you may write."
        ) from error
    return copy


def _candidates() -> list[Path]:
    """Return the folders where examples may be: beside the sources first, because an installed copy may be older."""
    sources = Path(__file__).parents[2] / "examples"
    installed = [Path(prefix) / "share/af-lab/examples" for prefix in (sys.prefix, site.getuserbase())]
    return [sources / "notebooks", *installed] if (sources / "af_lab_examples").is_dir() else installed


def _notebooks() -> dict[str, Path]:
    return {path.stem: path for path in examples_folder().glob("*.ipynb")}


def _describe(notebook: Path) -> Example:
    about = parse_notebook(notebook.read_bytes())["metadata"]["af_lab"]
    thumbnail = notebook.with_suffix(".png")
    return Example(
        id=notebook.stem,
        title=about["title"],
        description=about["description"],
        framework=about["framework"],
        topics=tuple(about["topics"]),
        order=about["order"],
        minutes=about["minutes"],
        needs=tuple(about["needs"]),
        cores=about["cores"],
        data=about["data"],
        notebook=notebook,
        thumbnail=thumbnail if thumbnail.is_file() else None,
    )


def _is_outdated_file(copy: Path, example: Notebook) -> bool:
    content = copy.read_bytes()
    try:
        return is_outdated(parse_notebook(content), example)
    except ValueError:
        return False  # not a notebook


def _replace(path: Path, notebook: Notebook) -> None:
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        unfinished.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
