"""RDataFrame on this machine and on a cluster: an analysis is booked and evaluated alike on both."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from af_lab.errors import AfLabError
from af_lab_examples.checking import resolve
from af_lab_examples.damage import damage_is_named
from af_lab_examples.inputs import TREE, is_address

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its distribution by pip warns that it is in alpha stage
    import ROOT

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Events", "open_events"]

TASK = "dask_mapper"  # how ROOT names the tasks that analyse a part of the data
NOTEBOOK_COLUMNS = 80  # rich assumes that a notebook is wider than it is in JupyterLab
POLL = 0.5  # seconds
WORKER_TIMEOUT = 600  # seconds

# ROOT 6.40 ends the process when it cannot read a part of a TTree; this makes an exception of its message
READING = r"""
#ifndef AF_LAB_READING
#define AF_LAB_READING

#include <cstring>
#include <exception>
#include <stdexcept>
#include <TError.h>

namespace af_lab_reading {

ErrorHandlerFunc_t before = nullptr;
std::exception_ptr last;  // it must live on: Python asks for its message later

void on_error(int level, Bool_t abort, const char *where, const char *what) {
  if (level >= kError && std::strstr(where, "TBranch::GetBasket")) {
    last = std::make_exception_ptr(std::runtime_error(what));
    std::rethrow_exception(last);
  }
  before(level, abort, where, what);
}

bool begin() {
  if (GetErrorHandler() != on_error) before = SetErrorHandler(on_error);
  return true;
}

void end() {
  if (GetErrorHandler() == on_error) SetErrorHandler(before);
}

const bool begun = begin();  // on workers: they have nothing else to do

}  // namespace af_lab_reading
#endif
"""


@dataclass(frozen=True)
class Events:
    """The events of files, on which an analysis is booked.

    Attributes
    ----------
    frame
        The RDataFrame.
    client
        The client of the cluster that does the work; None for this process.
    parts
        The number of tasks into which the work is divided.
    read_before
        Bytes that ROOT had read from files before, by worker.
    files, branches
        What is read.
    """

    frame: Any
    client: Client | None
    parts: int
    read_before: Mapping[str, int]
    files: Sequence[str]
    branches: Collection[str]

    def evaluate(self, results: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, float]]:
        """Run one event loop for all booked results, and show the progress.

        Returns
        -------
        values
            Of the results, by the same names.
        metrics
            ``"seconds"`` it took, and ``"bytes"`` read from files, compressed as they are.

        Raises
        ------
        AfLabError
            If a file is damaged; it names the file.
        """
        start = perf_counter()
        # ROOT uses the current client, which may be another than the one passed to it
        current = self.client.as_current() if self.client else _damage_raises()
        with damage_is_named(self.files, self.branches), current, self._progress():
            values = {name: result.GetValue() for name, result in results.items()}
        seconds = perf_counter() - start
        read = {who: count - self.read_before.get(who, 0) for who, count in _bytes_read(self.client).items()}
        return values, {"seconds": seconds, "bytes": sum(read.values())}

    @contextmanager
    def _progress(self) -> Iterator[None]:
        """Show a bar of the parts that are done. Outside notebooks, ROOT shows one itself."""
        console = Console()
        if self.client is None or not console.is_jupyter:
            yield
            return
        console.width = NOTEBOOK_COLUMNS
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("parts"),
            TimeElapsedColumn(),
        )
        over = threading.Event()
        with Progress(*columns, console=console) as bar:
            shown = bar.add_task("Event loop", total=self.parts)
            watcher = threading.Thread(target=self._watch, args=(bar, shown, over), daemon=True)
            watcher.start()
            try:
                yield
                bar.update(shown, completed=self.parts)
            finally:
                over.set()
                watcher.join()
                bar.refresh()  # otherwise a notebook would not show the last step

    def _watch(self, bar: Progress, shown: Any, over: threading.Event) -> None:
        start = perf_counter()
        known = self._finished("1s")
        while not over.wait(POLL):
            done = self._finished(f"{perf_counter() - start + 2:.0f}s") - known
            if not over.is_set():
                bar.update(shown, completed=len(done))

    def _finished(self, since: str) -> set[str]:
        stream = self.client.get_task_stream(start=since) if self.client else ()
        return {str(task["key"]) for task in stream if str(task["key"]).startswith(TASK)}


def open_events(
    files: Sequence[str | Path],
    *,
    branches: Collection[str],
    client: Client | None = None,
    npartitions: int | None = None,
    code: str = "",
) -> Events:
    """Open the tree "Events" of files.

    Parameters
    ----------
    files
        What `af_lab_examples.catalogue.resolve` takes.
    branches
        The branches that files must have.
    client
        The client of a cluster whose workers have one thread each. Waits for the first worker, at most ten minutes.
    npartitions
        The number of tasks into which the work is divided. Use the number of requested workers, so that workers
        that connect later get their share. None: two for each file, and two for each connected worker.
    code
        C++ functions that the analysis needs, with an include guard: a worker reads them before each part.

    Raises
    ------
    AfLabError
        If files cannot be read or lack branches; it names both.
    """
    found = resolve(files, branches=branches, reader="RDataFrame")
    _refuse_misread(found)
    if client is None:
        if code:
            ROOT.gInterpreter.Declare(code)
        before = _bytes_read(None)  # opening a file may read much data
        return Events(ROOT.RDataFrame(TREE, found), None, 1, before, found, branches)
    client.wait_for_workers(1, timeout=WORKER_TIMEOUT)
    ROOT.RDF.Distributed.DistributeCppCode(READING)
    ROOT.af_lab_reading.end()  # in this process, where it runs as well
    if code:
        ROOT.RDF.Distributed.DistributeCppCode(code)
    parts = npartitions or 2 * max(len(found), len(client.ncores()))
    frame = ROOT.RDataFrame(TREE, found, executor=client, npartitions=parts)
    return Events(frame, client, parts, _bytes_read(client), found, branches)


def _refuse_misread(files: Sequence[str]) -> None:
    """Refuse names that ROOT would take for the names of other files.

    In the name of a file, ROOT takes brackets, ``*`` and ``?`` for a pattern and reads all files that match it, as
    well; it has no way to say that they are none. It takes what follows ``.root/`` for the name of a tree, and
    leaves out a bracket such as that of ``copy (2) of it.root``.
    """
    for file in files:
        chain = ROOT.TChain(TREE)
        chain.Add(file)
        read = [str(name) for name in ROOT.Internal.TreeUtils.GetFileNamesFromTree(chain)]
        others = {*read, _opened_by_root(file)} - {file}
        if others:
            raise AfLabError(
                f"RDataFrame would not read {file} alone, but {', '.join(sorted(others))}. "
                "Rename one of them, make a link with another name, or use Coffea."
            )


def _opened_by_root(file: str) -> str:
    """Return the name that ROOT makes of a path."""
    if is_address(file):
        return file
    path = ROOT.TString(file)
    ROOT.gSystem.ExpandPathName(path)
    return str(path)


@contextmanager
def _damage_raises() -> Iterator[None]:
    """Let ROOT raise an exception in this process if it cannot read a part of a file."""
    ROOT.gInterpreter.Declare(READING)
    ROOT.af_lab_reading.begin()
    try:
        yield
    finally:
        ROOT.af_lab_reading.end()


def _bytes_read(client: Client | None) -> dict[str, int]:
    """Return how much ROOT has read from files so far, by worker."""

    # within another function, so that it is sent by value: workers do not need af_lab
    def read_here() -> int:
        import sys

        root = sys.modules.get("ROOT")
        return int(root.TFile.GetFileBytesRead()) if root is not None else 0

    return {"": read_here()} if client is None else dict(client.run(read_here))
