"""Sample data: ROOT files of dimuon events, made at first need and kept.

The files have the branches of the dimuon data that CMS published as NanoAOD, so whatever reads these reads
those. They lie below ``$AF_LAB_HOME/samples`` (``~/.local/share/af-lab/samples``): a folder that the workers
must see too.
"""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import uproot
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from af_lab.errors import AfLabError, SpecError
from af_lab.home import af_lab_home
from af_lab_examples.composition import dimuon_events

__all__ = ["DimuonSample", "dimuon_sample"]

GENERATION = 1  # goes up when the same parameters give other events
CLUSTER = 25_000  # events of one TTree cluster, the smallest part of a file that is worth reading
NOTEBOOK_COLUMNS = 80  # rich takes a notebook to be wider than JupyterLab shows it
ABANDONED = 3600  # seconds without a write after which an unfinished file belongs to nobody

BRANCHES = "var * {pt: float32, eta: float32, phi: float32, mass: float32, charge: int32}"


@dataclass(frozen=True)
class DimuonSample:
    """Files of one sample, and what is in them.

    `truth` counts the events with exactly two muons by where these come from: ``"omega"``, ``"phi"``,
    ``"J/psi"``, ``"psi(2S)"``, ``"Upsilon(1S)"``, ``"Upsilon(2S)"``, ``"Upsilon(3S)"``, ``"Z"`` or
    ``"continuum"``.
    """

    folder: Path
    files: list[str]
    events: int
    truth: dict[str, int]


@dataclass(frozen=True)
class _Parameters:
    events: int
    files: int
    seed: int
    generation: int = GENERATION

    def __post_init__(self) -> None:
        if not 1 <= self.files <= self.events:
            raise SpecError(
                f"A sample of {self.events} events in {self.files} files cannot be made: "
                "at least one file is needed, and at least one event in each."
            )
        if self.seed < 0:
            raise SpecError(f"The seed {self.seed} of a sample cannot be used: it must be 0 or more.")

    @property
    def name(self) -> str:
        return f"dimuon-{self.events}-events-{self.files}-files-seed-{self.seed}"

    def events_of(self, file: int) -> int:
        return self.events * (file + 1) // self.files - self.events * file // self.files


def dimuon_sample(
    events: int = 1_000_000,
    files: int = 10,
    seed: int = 2012,
    *,
    folder: Path | None = None,
    progress: bool = True,
) -> DimuonSample:
    """Return the sample of these parameters, after making it if it is not there.

    A million events take about five seconds and 35 MB.

    Parameters
    ----------
    folder
        Where samples are kept, each in a folder of its own.
    progress
        Show a bar while files are made.

    Raises
    ------
    SpecError
        If there is no such sample.
    AfLabError
        If the files cannot be written; no half files are left.
    """
    parameters = _Parameters(events, files, seed)
    place = (folder or af_lab_home() / "samples") / parameters.name
    try:
        sample = _read(place, parameters)
        if sample is None:
            _make(place, parameters, progress=progress)
            sample = _read(place, parameters)
    except OSError as error:
        raise AfLabError(
            f"The sample data cannot be kept in {place}: {error.strerror or error}. "
            "Make room there, or let AF_LAB_HOME name a folder on another disk that the workers see too."
        ) from error
    if sample is None:
        raise AfLabError(f"The sample data in {place} changed while it was made. Run this again.")
    return sample


def _read(place: Path, parameters: _Parameters) -> DimuonSample | None:
    """Return what lies there, or None unless all of it is there and was made with these parameters."""
    try:
        manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if manifest.get("parameters") != asdict(parameters):
        return None
    sizes = {place / name: size for name, size in manifest["sizes"].items()}
    if any(not path.is_file() or path.stat().st_size != size for path, size in sizes.items()):
        return None
    return DimuonSample(place, [str(path) for path in sizes], parameters.events, manifest["truth"])


def _make(place: Path, parameters: _Parameters, *, progress: bool) -> None:
    place.mkdir(parents=True, exist_ok=True)
    _sweep(place)
    truth: Counter[str] = Counter()
    paths = [place / f"dimuon-{file:03d}.root" for file in range(parameters.files)]
    with _bar(parameters.events, shown=progress) as (bar, task):
        for file, path in enumerate(paths):
            rng = np.random.default_rng([parameters.seed, file])
            with _whole(path) as unfinished, uproot.recreate(unfinished) as root:
                tree = _events_tree(root)
                for count in _chunks(parameters.events_of(file)):
                    events, origins = dimuon_events(rng, count)
                    tree.extend({"Muon": events.Muon})
                    truth.update(origins)
                    bar.advance(task, count)
    manifest = {
        "parameters": asdict(parameters),
        "truth": dict(truth),
        "sizes": {path.name: path.stat().st_size for path in paths},
    }
    with _whole(place / "manifest.json") as unfinished:
        unfinished.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _events_tree(root: uproot.WritableDirectory) -> uproot.WritableTree:
    """Create the tree that all events go to, `CLUSTER` at a time.

    uproot can neither give a counter the unsigned type it has in NanoAOD nor tell ROOT about clusters, so
    both are set behind its back. They reach the file because the room for baskets is too small for the first
    ones: then uproot writes the description of the tree anew.
    """
    tree = root.mktree("Events", {"Muon": BRANCHES}, title="Events", initial_basket_capacity=1)
    description = tree._cascading
    counter = description._branch_data[description._branch_lookup["nMuon"]]
    counter.update(dtype=np.dtype(">u4"), fTitle="nMuon/i")
    description._metadata["fAutoFlush"] = CLUSTER
    return tree


def _chunks(events: int) -> Iterator[int]:
    for start in range(0, events, CLUSTER):
        yield min(CLUSTER, events - start)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a name to write to, and rename to `path` what was written, only if all went well."""
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _sweep(place: Path) -> None:
    """Remove what a killed process left."""
    for unfinished in place.glob("*.part"):
        if time.time() - unfinished.stat().st_mtime > ABANDONED:
            unfinished.unlink(missing_ok=True)


@contextmanager
def _bar(events: int, *, shown: bool) -> Iterator[tuple[Progress, Any]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("events"),
        TimeRemainingColumn(),
    )
    console = Console()
    if console.is_jupyter:
        console.width = NOTEBOOK_COLUMNS
    with Progress(*columns, console=console, disable=not shown) as bar:
        yield bar, bar.add_task("Making sample data", total=events)
        bar.refresh()  # in a notebook nothing else shows the last step
