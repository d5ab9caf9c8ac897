"""ROOT files of NanoAOD-like events, written with uproot: whole ones or none."""

from __future__ import annotations

import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cloudpickle
import numpy as np
import uproot

from af_lab_examples.processes import PROCESSES, branch_types, make_events

__all__ = ["CLUSTER", "FileTask", "make_file", "whole"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

CLUSTER = 25_000  # events of one TTree cluster, the smallest useful part of a file to read


@dataclass(frozen=True)
class FileTask:
    """A file of a sample to make: the `file`-th, of `events` events, with `first` events before it."""

    path: str
    process: str
    seed: int
    file: int
    events: int
    first: int

    @property
    def stream(self) -> list[int]:
        """Return the seed of this file's random numbers, which does not depend on where it is made."""
        if self.process == "dimuon":  # as before there were other processes
            return [self.seed, self.file]
        return [self.seed, PROCESSES.index(self.process), self.file]


def make_file(task: FileTask, advance: Callable[[int], None] | None = None) -> dict[str, int]:
    """Make a file, and return the number of its events of each kind.

    Parameters
    ----------
    advance
        Called with the number of events each time some are written.
    """
    rng = np.random.default_rng(task.stream)
    truth: Counter[str] = Counter()
    with whole(Path(task.path)) as unfinished, uproot.recreate(unfinished) as root:
        tree = _events_tree(root, branch_types(task.process))
        for start in range(0, task.events, CLUSTER):
            count = min(CLUSTER, task.events - start)
            branches, kinds = make_events(rng, task.process, count, task.first + start)
            tree.extend(branches)
            truth.update(kinds)
            if advance is not None:
                advance(count)
    return dict(truth)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Provide a temporary name to write to, and rename the file to `path` if all went well."""
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _events_tree(root: uproot.WritableDirectory, types: dict[str, str]) -> uproot.WritableTree:
    """Create the tree that all events go to, `CLUSTER` at a time.

    uproot can neither give counters the unsigned type that they have in NanoAOD nor declare clusters to ROOT, so both
    are set in its internal objects. They are written to the file because the space for baskets is too small for the
    first ones: then uproot writes the description of the tree again.
    """
    tree = root.mktree("Events", types, title="Events", initial_basket_capacity=1)
    description = tree._cascading
    for branch in description._branch_data:
        if branch["kind"] == "counter":
            branch.update(dtype=np.dtype(">u4"), fTitle=f"{branch['fName']}/i")
    description._metadata["fAutoFlush"] = CLUSTER
    return tree
