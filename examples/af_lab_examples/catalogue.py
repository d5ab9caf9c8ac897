"""The datasets of the examples, by name: generated samples, and files that CMS published.

>>> from af_lab_examples import catalogue
>>> catalogue.dataset("ttbar").files
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

from af_lab.errors import SpecError
from af_lab_examples.checking import resolve
from af_lab_examples.sample import process_sample

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Dataset", "Entry", "Generated", "dataset", "entries", "resolve"]

EVENTS_PER_FILE = 1_000  # the minimum when a sample is made smaller than in the catalogue


@dataclass(frozen=True)
class Dataset:
    """Files of one kind of events.

    Attributes
    ----------
    title
        What it is, in a few words.
    files
        Absolute paths, or addresses that begin with ``root://``.
    events
        In all files; None where the catalogue does not know.
    cross_section
        In pb, at 8 TeV; None for data.
    """

    name: str
    title: str
    files: list[str]
    events: int | None
    cross_section: float | None


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Generated(_Model):
    """A sample to make; see `process_sample`."""

    process: str
    events: PositiveInt
    files: PositiveInt
    seed: int = Field(ge=0)

    def resized(self, events: int | None) -> Generated:
        """Return the sample with another number of events, in fewer files if these are few."""
        if events is None:
            return self
        return self.model_copy(update={"events": events, "files": max(1, min(self.files, events // EVENTS_PER_FILE))})


class Entry(_Model):
    """One dataset of the catalogue: either made here, or files that exist."""

    title: str
    generated: Generated | None = None
    files: tuple[str, ...] = ()
    events: PositiveInt | None = None
    cross_section: PositiveFloat | None = None

    @model_validator(mode="after")
    def _has_one_origin(self) -> Entry:
        if (self.generated is None) == (not self.files):
            raise ValueError("a dataset is either generated or has files")
        if self.generated is not None and self.events is not None:
            raise ValueError("how many events are generated stands under generated")
        return self


@cache
def entries() -> Mapping[str, Entry]:
    """Return the catalogue."""
    content = yaml.safe_load(Path(__file__).with_name("datasets.yaml").read_text(encoding="utf-8"))
    return {name: Entry.model_validate(entry) for name, entry in content.items()}


def dataset(name: str, *, events: int | None = None, progress: bool = True, client: Client | None = None) -> Dataset:
    """Return a dataset by its name; a generated one is made when it is first needed.

    Files at CERN are not checked here: `resolve` checks them.

    Parameters
    ----------
    events
        How many to generate, if not the number in the catalogue.
    progress
        Show a bar while files are made.
    client
        The client of a cluster whose workers make the files. If absent, processes on this machine make them.

    Raises
    ------
    SpecError
        If there is no such dataset, or it is not generated and `events` are given.
    AfLabError
        If files cannot be made.
    """
    entry = entries().get(name)
    if entry is None:
        raise SpecError(f"There is no dataset {name!r}. There are: {', '.join(entries())}.")
    if entry.generated is None:
        if events is not None:
            raise SpecError(
                f"The dataset {name} is not generated: it has the events that its files have. Leave out events."
            )
        return Dataset(name, entry.title, list(entry.files), entry.events, entry.cross_section)
    wanted = entry.generated.resized(events)
    sample = process_sample(wanted.process, wanted.events, wanted.files, wanted.seed, progress=progress, client=client)
    return Dataset(name, entry.title, sample.files, sample.events, entry.cross_section)
