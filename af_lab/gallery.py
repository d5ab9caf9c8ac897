"""The examples: where they are, and copies of them for their readers to change."""

from __future__ import annotations

import hashlib
import json
import site
import sys
import uuid
from pathlib import Path
from typing import Any

from af_lab.errors import AfLabError

__all__ = ["copy_example", "examples_folder"]

Notebook = dict[str, Any]


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
    AfLabError
        There is no such example, or it cannot be written there.
    """
    original = _find(name)
    example = json.loads(original.read_text(encoding="utf-8"))
    copy = target / original.name
    try:
        if not copy.exists() or _is_outdated(copy.read_bytes(), example):
            target.mkdir(parents=True, exist_ok=True)
            _replace(copy, _marked(example))
    except OSError as error:
        raise AfLabError(
            f"The example {original.stem} cannot be copied to {target}: {error.strerror or error}. "
            "Choose a folder in which you may write."
        ) from error
    return copy


def _candidates() -> list[Path]:
    """Return where examples may be: beside the sources first, as an installed copy of these soon grows old."""
    sources = Path(__file__).parent.parent / "examples"
    installed = [Path(prefix) / "share/af-lab/examples" for prefix in (sys.prefix, site.getuserbase())]
    return [sources / "notebooks", *installed] if (sources / "af_lab_examples").is_dir() else installed


def _find(name: str) -> Path:
    examples = {path.stem: path for path in examples_folder().glob("*.ipynb")}
    try:
        return examples[name.removesuffix(".ipynb")]
    except KeyError:
        raise AfLabError(f"There is no example {name!r}. There are: {', '.join(sorted(examples))}.") from None


def _is_outdated(copy: bytes, example: Notebook) -> bool:
    """Tell whether a copy is of an older example, and as it was when it was made."""
    try:
        notebook = json.loads(copy)
        mark = notebook["metadata"]["af_lab"]["example"]
        return bool(mark == _fingerprint(notebook) != _fingerprint(example))
    except (ValueError, LookupError, TypeError, AttributeError):
        return False  # something else of that name, which is not ours to replace


def _marked(example: Notebook) -> Notebook:
    """Return the example as it is copied: it tells by itself, later, whether it was changed."""
    return example | {"metadata": example["metadata"] | {"af_lab": {"example": _fingerprint(example)}}}


def _fingerprint(notebook: Notebook) -> str:
    """Return a digest of what a reader changes, not of what Jupyter writes when it merely opens a notebook."""
    cells = [(cell["cell_type"], "".join(cell["source"]), cell.get("outputs", [])) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def _replace(path: Path, notebook: Notebook) -> None:
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        unfinished.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
