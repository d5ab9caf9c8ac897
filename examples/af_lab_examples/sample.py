"""Sample data: ROOT files of generated events, made when they are first needed, and kept.

The files have the branches of the data of 2012 that CMS published as NanoAOD, so what reads these files
reads those, too. They are kept below ``$AF_LAB_HOME/samples`` (``~/.local/share/af-lab/samples``), a folder that the
workers must be able to read.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from af_lab.errors import AfLabError, SpecError
from af_lab.home import af_lab_home
from af_lab_examples.makers import make_files
from af_lab_examples.processes import PROCESSES
from af_lab_examples.writing import FileTask, whole

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["DimuonSample", "Sample", "dimuon_sample", "process_sample"]

GENERATION = 2  # increased when the same parameters give other events
NOTEBOOK_COLUMNS = 80  # rich assumes that a notebook is wider than it is in JupyterLab
ABANDONED = 3600  # seconds without a write after which an unfinished file counts as abandoned


@dataclass(frozen=True)
class Sample:
    """Files of one sample, and what is in them.

    `truth` counts events by kind, see `af_lab_examples.processes.make_events`. Of the process "dimuon", it counts
    the events with exactly two muons by where these come from: ``"omega"``, ``"phi"``, ``"J/psi"``, ``"psi(2S)"``,
    ``"Upsilon(1S)"``, ``"Upsilon(2S)"``, ``"Upsilon(3S)"``, ``"Z"`` or ``"continuum"``.
    """

    folder: Path
    files: list[str]
    events: int
    truth: dict[str, int]


DimuonSample = Sample  # its name from before there were other processes


@dataclass(frozen=True)
class _Parameters:
    process: str
    events: int
    files: int
    seed: int

    def __post_init__(self) -> None:
        if self.process not in PROCESSES:
            raise SpecError(f"There is no process {self.process!r}. Samples are made of: {', '.join(PROCESSES)}.")
        if not 1 <= self.files <= self.events:
            raise SpecError(
                f"A sample of {self.events} events in {self.files} files cannot be made: "
                "at least one file is needed, and at least one event in each."
            )
        if self.seed < 0:
            raise SpecError(f"The seed {self.seed} of a sample cannot be used: it must be 0 or more.")

    @property
    def name(self) -> str:
        return f"{self.process}-{self.events}-events-{self.files}-files-seed-{self.seed}"

    @property
    def record(self) -> dict[str, Any]:
        return asdict(self) | {"generation": GENERATION}

    def tasks(self, place: Path) -> list[FileTask]:
        starts = [self.events * file // self.files for file in range(self.files + 1)]
        return [
            FileTask(
                path=str(place / f"{self.process}-{file:03d}.root"),
                process=self.process,
                seed=self.seed,
                file=file,
                events=starts[file + 1] - starts[file],
                first=starts[file],
            )
            for file in range(self.files)
        ]


def process_sample(
    process: str,
    events: int = 1_000_000,
    files: int = 10,
    seed: int = 2012,
    *,
    folder: Path | None = None,
    progress: bool = True,
    client: Client | None = None,
) -> Sample:
    """Return the sample with these parameters; make it if it does not exist.

    A million events take 2 (dimuon) to 13 seconds (ttbar) on two cores, and 36 to 270 MB.

    Parameters
    ----------
    process
        One of ``"dimuon"``, ``"single-muon"``, ``"zll"``, ``"ttbar"``, ``"wjets"``, ``"singletop"``, ``"higgs-4l"``
        and ``"zz-4l"``.
    folder
        The folder of all samples; each has a subfolder.
    progress
        Show a bar while files are made.
    client
        The client of a cluster whose workers make the files. If absent, processes on this machine make them.

    Raises
    ------
    SpecError
        If there is no such sample.
    AfLabError
        If the files cannot be written; no incomplete files are left.
    """
    parameters = _Parameters(process, events, files, seed)
    place = (folder or af_lab_home() / "samples") / parameters.name
    try:
        sample = _read(place, parameters)
        if sample is None:
            _make(place, parameters, progress=progress, client=client)
            sample = _read(place, parameters)
    except OSError as error:
        raise AfLabError(
            f"The sample data cannot be kept in {place}: {error.strerror or error}. "
            "Free some space there, or set AF_LAB_HOME to a folder on another disk that the workers can access, too."
        ) from error
    if sample is None:
        raise AfLabError(f"The sample data in {place} changed while it was made. Run this again.")
    return sample


def dimuon_sample(
    events: int = 1_000_000,
    files: int = 10,
    seed: int = 2012,
    *,
    folder: Path | None = None,
    progress: bool = True,
) -> Sample:
    """Return the sample of muon pairs; see `process_sample`."""
    return process_sample("dimuon", events, files, seed, folder=folder, progress=progress)


def _read(place: Path, parameters: _Parameters) -> Sample | None:
    """Return the sample in the folder, or None unless it is complete and was made with these parameters."""
    try:
        manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if manifest.get("parameters") != parameters.record:
        return None
    sizes = {place / name: size for name, size in manifest["sizes"].items()}
    if any(not path.is_file() or path.stat().st_size != size for path, size in sizes.items()):
        return None
    return Sample(place, [str(path) for path in sizes], parameters.events, manifest["truth"])


def _make(place: Path, parameters: _Parameters, *, progress: bool, client: Client | None) -> None:
    place.mkdir(parents=True, exist_ok=True)
    _sweep(place)
    tasks = parameters.tasks(place)
    truth: Counter[str] = Counter()
    with _bar(parameters.events, shown=progress) as (bar, shown):
        for counts in make_files(tasks, lambda count: bar.advance(shown, count), client):
            truth.update(counts)
    manifest = {
        "parameters": parameters.record,
        "truth": dict(truth),
        "sizes": {Path(task.path).name: Path(task.path).stat().st_size for task in tasks},
    }
    with whole(place / "manifest.json") as unfinished:
        unfinished.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _sweep(place: Path) -> None:
    """Remove the files that a killed process left."""
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
        bar.refresh()  # otherwise a notebook would not show the last step
