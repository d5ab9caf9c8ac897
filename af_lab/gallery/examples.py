"""The examples: which there are, where they are, and copies of them for their readers to change."""

from __future__ import annotations

import json
import site
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from af_lab.errors import AfLabError, ExampleNotCopied, ExampleNotFound
from af_lab.gallery.copies import Notebook, is_outdated, make_copy, parse_notebook

__all__ = ["Example", "copy_example", "examples_folder", "find_example", "list_examples"]


@dataclass(frozen=True)
class Example:
    """An example as its readers choose it; what is told of it stands in its notebook's metadata, under ``af_lab``.

    Attributes
    ----------
    id
        Name of the notebook, without ``.ipynb``.
    description
        One or two sentences.
    framework
        "Coffea" or "RDataFrame"; "Dask" where neither is needed.
    minutes
        How long it takes, about.
    needs
        Names of the distributions that its Python must have.
    cores
        How many it asks the pool for.
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
        They are not installed.
    """
    candidates = _candidates()
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise AfLabError(
        "The example notebooks are not installed. They were looked for in:\n"
        + "".join(f"  {folder}\n" for folder in candidates)
        + "They come with af-lab: install it again with pip into this environment."
    )


def list_examples() -> list[Example]:
    """Return all examples, in the order of their names.

    Raises
    ------
    AfLabError
        They are not installed.
    """
    return [_describe(path) for _, path in sorted(_notebooks().items())]


def find_example(name: str) -> Example:
    """Return the example of a name.

    Raises
    ------
    ExampleNotFound
        There is none.
    AfLabError
        The examples are not installed.
    """
    notebooks = _notebooks()
    if name not in notebooks:
        raise ExampleNotFound(f"There is no example {name!r}. There are: {', '.join(sorted(notebooks))}.")
    return _describe(notebooks[name])


def copy_example(name: str, target: Path) -> Path:
    """Copy an example notebook into a folder, for its reader to run and change.

    A copy that is already there stays as it is if its reader changed or ran it. If not, it is brought up to date.

    Parameters
    ----------
    name
        Of the notebook, with or without ``.ipynb``.
    target
        The folder; it is made if it is not there.

    Returns
    -------
    Path
        The copy.

    Raises
    ------
    ExampleNotFound
        There is no such example.
    ExampleNotCopied
        It cannot be written there.
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
            "Choose a folder in which you may write."
        ) from error
    return copy


def _candidates() -> list[Path]:
    """Return where examples may be: beside the sources first, as an installed copy of these soon grows old."""
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
        return False  # no notebook at all


def _replace(path: Path, notebook: Notebook) -> None:
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        unfinished.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
