"""Write the input of a fit of signal and background: one file for tools of ROOT, and one for those of Python."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import hist
import uhi.io.zip
import uproot

from af_lab_examples.ttbar import variation_of

__all__ = ["read_fit_input", "write_fit_input"]

NAMES = "names.json"  # the contents list of the archive


def write_fit_input(histograms: Mapping[str, hist.Hist[Any]], path: str | Path) -> list[Path]:
    """Write histograms with their variations.

    Parameters
    ----------
    histograms
        By ``"<region>_<process>"``, with the axes "observable" and "variation".
    path
        Of the files, without an ending.

    Returns
    -------
    list of Path
        ``.root``: a ``TH1`` for each variation, ``<region>_<process>_<variation>``, as fits with HistFactory or
        Combine read them. ``.zip``: the histograms as they are, in the serialization that hist, boost-histogram and
        others agreed on (UHI), see `read_fit_input`. A pickle could only be read with the same versions of these.
    """
    root, archive = (Path(f"{path}{ending}") for ending in (".root", ".zip"))
    with uproot.recreate(root) as file:
        for name, histogram in histograms.items():
            for variation in histogram.axes["variation"]:
                file[f"{name}_{variation}"] = variation_of(histogram, variation)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(NAMES, json.dumps(list(histograms)))
        for name, histogram in histograms.items():
            uhi.io.zip.write(opened, name, histogram)
    return [root, archive]


def read_fit_input(archive: str | Path) -> dict[str, hist.Hist[Any]]:
    """Return the histograms of an archive that `write_fit_input` wrote."""
    with zipfile.ZipFile(archive) as opened:
        return {name: hist.Hist(uhi.io.zip.read(opened, name)) for name in json.loads(opened.read(NAMES))}
