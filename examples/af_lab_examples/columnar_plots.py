"""Speeds side by side, fit for a slide."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from matplotlib.figure import Figure

from af_lab_examples.columnar import Measurement

# writes to standard error that it builds a font cache, and which fonts of a style are missing
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

import matplotlib.pyplot as plt  # noqa: E402

__all__ = ["speeds"]

SLOWEST_COLOUR, COLOUR = "#bd1f01", "#3f90da"


def speeds(measurements: Sequence[Measurement], label: str = "Dimuon masses") -> Figure:
    """Draw events per second, once warm, as bars on a logarithmic axis; the first has a different colour.

    The current style is used; call ``mplhep.style.use("CMS")`` before for that of CMS.

    Parameters
    ----------
    label
        What is measured, shown above the bars.
    """
    with plt.rc_context({"font.size": 18}):
        figure, axes = plt.subplots(figsize=(12, 1.5 + 0.8 * len(measurements)), layout="constrained")
        rates = [one.rate for one in measurements]
        colours = [SLOWEST_COLOUR, *[COLOUR] * (len(rates) - 1)]
        bars = axes.barh([one.name for one in measurements], rates, color=colours, height=0.7)
        axes.bar_label(bars, [_short(rate) for rate in rates], padding=6)
        axes.set(xscale="log", xlim=(min(rates) / 10, max(rates) * 8))
        axes.invert_yaxis()
        axes.tick_params(axis="y", which="both", left=False, right=False)
        axes.set_xlabel("Events/s")
        axes.set_title(label, loc="left", fontweight="bold")
    return figure


def _short(rate: float) -> str:
    return f"{rate / 1e6:.1f} M" if rate >= 1e6 else f"{rate / 1e3:.0f} k"
