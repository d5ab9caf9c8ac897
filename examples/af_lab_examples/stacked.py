"""Stacked plots of the contributions of processes, with a band for their uncertainty."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import hist
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from af_lab_examples import higgs, ttbar

# writes to standard error that it builds a font cache, and which fonts of a style are missing
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

import matplotlib.pyplot as plt  # noqa: E402
import mplhep  # noqa: E402

__all__ = ["four_lepton_mass", "top_pairs", "uncertainty"]

Floats = npt.NDArray[np.float64]
Band = tuple[Floats, Floats]

COLOURS = {"zz": "#5790fc", "higgs": "#e42536", "ttbar": "#e42536", "wjets": "#f89c20", "singletop": "#5790fc"}


def uncertainty(varied: Sequence[hist.Hist[Any]]) -> Band:
    """Return how far the sum of histograms may be from its nominal values, in each bin.

    The two variations of a source move all processes together; what moves the sum up (or down) is added in
    quadrature over sources, as is the statistical error of the simulated events.

    Parameters
    ----------
    varied
        One histogram for each process, with a second axis "variation", see `af_lab_examples.ttbar.variations`. A
        process without a variation stays as it is.

    Returns
    -------
    down, up
        Distances from the sum, not negative.
    """
    nominal = _values(varied, "nominal")
    statistical = np.sum([_variances(ttbar.variation_of(histogram, "nominal")) for histogram in varied], axis=0)
    names = {name for histogram in varied for name in histogram.axes["variation"]} - {"nominal"}
    sources = {name.removesuffix("Up").removesuffix("Down") for name in names}
    down, up = statistical.copy(), statistical.copy()
    for source in sources:
        shifts = [_values(varied, f"{source}{way}") - nominal for way in ("Up", "Down")]
        up += np.max([*shifts, np.zeros_like(nominal)], axis=0) ** 2
        down += np.min([*shifts, np.zeros_like(nominal)], axis=0) ** 2
    return np.sqrt(down), np.sqrt(up)


def four_lepton_mass(histograms: Mapping[str, hist.Hist[Any]], label: str = "af_lab sample") -> Figure:
    """Draw the masses of four leptons, the Higgs boson on top of its background.

    The current style is used; call ``mplhep.style.use("CMS")`` before for that of CMS.

    Parameters
    ----------
    histograms
        By names such as ``"m4l_higgs"``.
    label
        The origin of the data, shown above the plot.
    """
    figure, axes = plt.subplots(figsize=(12, 8), layout="constrained")
    parts = {process: histograms[f"m4l_{process}"] for process in higgs.PROCESSES if f"m4l_{process}" in histograms}
    error = np.sqrt(np.sum([_variances(histogram) for histogram in parts.values()], axis=0))
    _draw(axes, parts, higgs.PROCESSES, (error, error), "Statistics of simulation")
    _name(axes, label, higgs.LUMINOSITY)
    return figure


def top_pairs(histograms: Mapping[str, hist.Hist[Any]], label: str = "af_lab sample") -> Figure:
    """Draw the observables of both regions, side by side, with all uncertainties; see `four_lepton_mass`.

    Parameters
    ----------
    histograms
        By names such as ``"4j2b_ttbar"``.
    """
    with plt.rc_context({"font.size": 17}):
        figure, both = plt.subplots(1, 2, figsize=(17, 7.5), layout="constrained")
        for axes, region in zip(both, ttbar.REGIONS, strict=True):
            varied = {
                name: histograms[key] for name in ttbar.PROCESSES if (key := f"{region.name}_{name}") in histograms
            }
            nominal = {name: ttbar.variation_of(histogram, "nominal") for name, histogram in varied.items()}
            band = uncertainty(list(varied.values()))
            _draw(axes, nominal, ttbar.PROCESSES, band, "Uncertainty")
            axes.text(0.05, 0.94, region.name, transform=axes.transAxes, va="top", fontweight="bold")
            _name(axes, label, ttbar.LUMINOSITY)
    return figure


def _values(varied: Sequence[hist.Hist[Any]], name: str) -> Floats:
    present = [(histogram, name if name in histogram.axes["variation"] else "nominal") for histogram in varied]
    values: Floats = np.sum([ttbar.variation_of(histogram, which).values() for histogram, which in present], axis=0)
    return values


def _variances(histogram: hist.Hist[Any]) -> Floats:
    return np.asarray(histogram.variances(), np.float64)


def _draw(
    axes: Axes, parts: Mapping[str, hist.Hist[Any]], titles: Mapping[str, str], band: Band, band_title: str
) -> None:
    histograms = list(parts.values())
    axis = histograms[0].axes[0]
    mplhep.histplot(
        histograms,
        ax=axes,
        stack=True,
        histtype="fill",
        color=[COLOURS[name] for name in parts],
        label=[titles[name] for name in parts],
        flow="none",
    )
    total = np.sum([histogram.values() for histogram in histograms], axis=0)
    down, up = band
    axes.stairs(
        total + up,
        axis.edges,
        baseline=total - down,
        fill=True,
        facecolor="none",
        edgecolor="0.25",
        linewidth=0,
        hatch="////",
        label=band_title,
    )
    axes.set(xlim=(axis.edges[0], axis.edges[-1]), ylim=(0, 1.35 * float((total + up).max()) or 1))
    axes.set_xlabel(axis.label)
    axes.set_ylabel(f"Events / {axis.widths[0]:g} GeV")
    axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 4), useMathText=True)
    axes.legend(loc="upper right")


def _name(axes: Axes, label: str, luminosity: float) -> None:
    axes.set_title(label, loc="left", fontweight="bold")
    axes.set_title(rf"{luminosity / 1000:.1f} fb$^{{-1}}$ (8 TeV)", loc="right")
