"""Convert histograms of ROOT to `hist.Hist`, so that those of both frameworks can be treated alike."""

from __future__ import annotations

from typing import Any

import hist
import numpy as np

__all__ = ["to_hist"]


def to_hist(result: Any, like: hist.Hist[Any] | None = None) -> hist.Hist[Any]:
    """Convert a histogram of ROOT with one axis.

    Contents below and above the axis are kept, and the squares of weights if ROOT kept them.

    Parameters
    ----------
    result
        A ``TH1``, or what ``Histo1D`` returns, local or distributed. A result of ``Histo1D`` runs
        the event loop, if it has not run yet.
    like
        A histogram whose axis the result gets, with its name, label and transformation. It must have the same edges.
        If absent, the axis has the name and the title of ROOT's axis.

    Returns
    -------
    hist.Hist
        Of storage ``Double``, or ``Weight`` if ROOT kept squares of weights.

    Raises
    ------
    ValueError
        If the edges are not those of `like`.
    """
    histogram = result.GetValue() if hasattr(result, "GetValue") else result
    bins = histogram.GetNbinsX()
    axis = histogram.GetXaxis()
    edges = np.array([axis.GetBinLowEdge(bin_) for bin_ in range(1, bins + 2)])
    weighted = histogram.GetSumw2N() > 0
    converted = hist.Hist(
        _axis(histogram.GetName(), axis.GetTitle(), edges, like),
        storage=hist.storage.Weight() if weighted else hist.storage.Double(),
        label=like.label if like is not None else histogram.GetYaxis().GetTitle() or None,
    )
    contents = np.array([histogram.GetBinContent(bin_) for bin_ in range(bins + 2)])
    view: Any = converted.view(flow=True)
    if weighted:
        view["value"] = contents
        view["variance"] = [histogram.GetBinError(bin_) ** 2 for bin_ in range(bins + 2)]
    else:
        view[...] = contents
    return converted


def _axis(name: str, title: str, edges: Any, like: hist.Hist[Any] | None) -> Any:
    if like is None:
        return hist.axis.Variable(edges, name="value", label=title or name)
    (axis,) = like.axes
    if len(axis.edges) != len(edges) or not np.allclose(axis.edges, edges, rtol=1e-9, atol=1e-12):
        raise ValueError(
            f"ROOT's histogram {name!r} has {len(edges) - 1} bins from {edges[0]:g} to {edges[-1]:g}, but should have "
            f"{len(axis)} bins from {axis.edges[0]:g} to {axis.edges[-1]:g}. Book it with the edges of these."
        )
    return axis
