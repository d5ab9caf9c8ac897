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
        It holds none.
    """
    notebook = json.loads(content)
    match notebook:
        case {"cells": list(), "metadata": dict()}:
            return dict(notebook)
    raise ValueError("it has no cells and metadata")


def make_copy(example: Notebook) -> Notebook:
    """Return the example as it is copied: it tells by itself, later, whether it was changed."""
    metadata = example["metadata"]
    mark = {"example": _fingerprint(example)}
    return example | {"metadata": metadata | {"af_lab": metadata.get("af_lab", {}) | mark}}


def is_outdated(copy: Notebook, example: Notebook) -> bool:
    """Tell whether a notebook is a copy of an older example, and as it was when it was made.

    Whatever else has the copy's name is its owner's, and not ours to replace.
    """
    try:
        mark = copy["metadata"]["af_lab"]["example"]
        return bool(mark == _fingerprint(copy) != _fingerprint(example))
    except (LookupError, TypeError, AttributeError):
        return False


def _fingerprint(notebook: Notebook) -> str:
    """Return a digest of what a reader changes, not of what Jupyter writes when it merely opens a notebook."""
    cells = [(cell["cell_type"], "".join(cell["source"]), cell.get("outputs", [])) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()
