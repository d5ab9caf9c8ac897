"""The histograms of the ADL benchmark on one page, fit for a slide."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import hist
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from af_lab_examples import adl

# writes to standard error that it builds a font cache, and which fonts of a style are missing
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

import matplotlib.pyplot as plt  # noqa: E402
import mplhep  # noqa: E402

__all__ = ["adl_queries"]

COLOUR = "#3f90da"


def adl_queries(histograms: Mapping[str, hist.Hist[Any]], label: str = "af_lab sample") -> Figure:
    """Draw the histograms of all queries in a grid.

    The current style is used; call ``mplhep.style.use("CMS")`` before for that of CMS.

    Parameters
    ----------
    label
        The origin of the data, shown above the grid.
    """
    with plt.rc_context({"font.size": 13}):
        figure, grid = plt.subplots(3, 3, figsize=(15, 10.5), layout="constrained")
        for axes, query in zip(grid.flat, adl.QUERIES, strict=True):
            _draw(axes, query, histograms[query.name])
        figure.suptitle(label, x=0.01, ha="left", fontweight="bold", fontsize="large")
    return figure


def _draw(axes: Axes, query: adl.Query, histogram: hist.Hist[Any]) -> None:
    mplhep.histplot(histogram, ax=axes, histtype="fill", color=COLOUR, alpha=0.25, flow="none")
    mplhep.histplot(histogram, ax=axes, histtype="step", color=COLOUR, linewidth=1.5, yerr=False, flow="none")
    axes.set(xlim=(query.low, query.high), ylim=(0, 1.2 * np.max(histogram.values()) or 1))
    axes.set_xlabel(query.label)
    axes.set_ylabel(query.counted)
    axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 4), useMathText=True)
    axes.text(0.95, 0.93, query.name, transform=axes.transAxes, ha="right", va="top", fontweight="bold")
