"""Copies of an example, as data: what a copy is, and when it may be replaced."""

from __future__ import annotations

import hashlib
import json
from typing import Any

__all__ = ["Notebook", "is_outdated", "make_copy", "parse_notebook"]

Notebook = dict[str, Any]


def parse_notebook(content: str | bytes) -> Notebook:
    """Return the notebook that a file holds.

    Raises
    ------
    ValueError
        The file is not a notebook.
    """
    notebook = json.loads(content)
    match notebook:
        case {"cells": list(), "metadata": dict()}:
            return dict(notebook)
    raise ValueError("it has no cells and metadata")


def make_copy(example: Notebook) -> Notebook:
    """Return the copy of an example, with a mark that shows later whether the copy was changed."""
    metadata = example["metadata"]
    mark = {"example": _fingerprint(example)}
    return example | {"metadata": metadata | {"af_lab": metadata.get("af_lab", {}) | mark}}


def is_outdated(copy: Notebook, example: Notebook) -> bool:
    """Return whether a notebook is an unchanged copy of an older version of an example.

    Any other file with the copy's name belongs to the user and must not be replaced.
    """
    try:
        mark = copy["metadata"]["af_lab"]["example"]
        return bool(mark == _fingerprint(copy) != _fingerprint(example))
    except (LookupError, TypeError, AttributeError):
        return False


def _fingerprint(notebook: Notebook) -> str:
    """Return a digest of what a user changes, without what Jupyter writes when it only opens a notebook."""
    cells = [(cell["cell_type"], "".join(cell["source"]), cell.get("outputs", [])) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()
