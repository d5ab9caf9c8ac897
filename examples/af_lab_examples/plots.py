"""Plots of the examples' results, fit for a slide."""

from __future__ import annotations

import logging
from typing import Any

import hist
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

# writes to standard error that it builds a font cache, and which fonts of a style are missing
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

import matplotlib.pyplot as plt  # noqa: E402
import mplhep  # noqa: E402

__all__ = ["dimuon_spectrum"]

Floats = npt.NDArray[np.float64]

# where to look for a peak (GeV), what to write above it, and how far to the right (points)
PEAKS = (
    (0.65, 0.90, r"$\rho,\omega$", -8),
    (0.95, 1.10, r"$\phi$", 4),
    (2.90, 3.30, r"$J/\psi$", 0),
    (3.60, 3.80, r"$\psi$(2S)", 18),
    (9.00, 10.70, r"$\Upsilon$(1,2,3S)", 14),
    (80.0, 100.0, r"$Z$", 0),
)


def dimuon_spectrum(histogram: hist.Hist[Any], label: str = "af_lab sample") -> Figure:
    """Draw a histogram of dimuon masses (GeV), both axes logarithmic, and name the peaks that stand out.

    The current style is used; call ``mplhep.style.use("CMS")`` before for that of CMS.

    Parameters
    ----------
    label
        The origin of the data, shown above the plot.
    """
    edges = histogram.axes[0].edges
    density = histogram.values() / np.diff(edges)
    centres = np.sqrt(edges[:-1] * edges[1:])
    figure, axes = plt.subplots(figsize=(12, 6), layout="constrained")
    mplhep.histplot(density, edges, ax=axes, histtype="fill", color="#3f90da", alpha=0.25)
    mplhep.histplot(density, edges, ax=axes, yerr=False, color="#3f90da", linewidth=1.5)
    axes.set(xlim=(edges[0], edges[-1]), ylim=(_lower_limit(density), density.max() * 8 or 1))
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel(r"$m_{\mu\mu}$ [GeV]")
    axes.set_ylabel("Events / GeV")
    for low, high, name, aside in PEAKS:
        window = (centres > low) & (centres < high)
        if _stands_out(density, window):
            top = np.where(window, density, 0).argmax()
            axes.annotate(
                name,
                (centres[top], density[top]),
                xytext=(aside, 8),
                textcoords="offset points",
                ha="center",
                fontsize="small",
            )
    axes.set_title(label, loc="left", fontweight="bold")
    axes.set_title(f"{histogram.sum(flow=True):,.0f} muon pairs", loc="right")
    return figure


def _lower_limit(density: Floats) -> float:
    """Set the range so that only the lowest of the filled bins may be out of sight."""
    filled = density[density > 0]
    return float(np.percentile(filled, 3)) / 2 if len(filled) else 0.1


def _stands_out(density: Floats, window: npt.NDArray[np.bool_]) -> bool:
    """Return whether the highest bin of a window is well above the bins on both sides of the window."""
    first, last = np.flatnonzero(window)[[0, -1]]
    beside = np.concatenate([density[max(first - 8, 0) : first], density[last + 1 : last + 9]])
    return bool(density[window].max() > 1.5 * np.median(beside))
