"""Files of random events that analyses of simulated events read, made for loops over them in plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import numpy.typing as npt
import uproot

Array = npt.NDArray[Any]
Event = dict[str, Any]


def near(rng: np.random.Generator, values: Array, limits: tuple[float, ...], share: float = 0.2) -> Array:
    """Put a share of the values exactly on limits, or just beside them, with the precision of files."""
    limit = rng.choice(limits, len(values)).astype(np.float32)
    step = rng.integers(-1, 2, len(values))
    beside = np.where(step == 0, limit, np.nextafter(limit, np.where(step > 0, np.inf, -np.inf), dtype=np.float32))
    return np.where(rng.random(len(values)) < share, beside, values).astype(np.float32)


def write(
    file: Path, numbers: Mapping[str, Array], fields: Mapping[str, Array], of_events: Mapping[str, Array]
) -> None:
    """Write events.

    Parameters
    ----------
    numbers
        How many objects each event has, by the name of their collection.
    fields
        Of all objects, by names such as "Muon_pt".
    of_events
        Other branches.
    """
    branches: dict[str, Any] = dict(of_events)
    for name, counts in numbers.items():
        own = {field.removeprefix(f"{name}_"): values for field, values in fields.items() if field.startswith(name)}
        branches[name] = ak.unflatten(ak.zip(own), counts)
    types = {
        name: str(values.type.content) if isinstance(values, ak.Array) else values.dtype
        for name, values in branches.items()
    }
    with uproot.recreate(file) as root:
        root.mktree("Events", types).extend(branches)


def read(file: Path) -> list[Event]:
    """Return the events of a file as Python objects: numbers, and lists of dictionaries for collections."""
    with uproot.open(file) as root:
        arrays = root["Events"].arrays()
    collections = [name.removeprefix("n") for name in arrays.fields if name.startswith("n")]
    columns = {name: arrays[name] for name in arrays.fields if "_" not in name or name.startswith("btagWeight")}
    for kind in collections:
        names = [name for name in arrays.fields if name.startswith(f"{kind}_")]
        columns[kind] = ak.zip({name.removeprefix(f"{kind}_"): arrays[name] for name in names})
    events: list[Event] = ak.to_list(ak.zip(columns, depth_limit=1))
    return events
