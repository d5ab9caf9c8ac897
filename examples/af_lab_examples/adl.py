"""The eight queries of the ADL benchmark: what they ask for, what they read, and their histograms.

They were chosen to show how an analysis language handles the typical parts of an analysis: filters, combinations of
particles, properties of the best combination. See the index of the benchmark,
https://github.com/iris-hep/adl-benchmarks-index; the ranges of the histograms are those of its RDataFrame
implementation, https://github.com/root-project/opendata-benchmarks.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import cloudpickle
import hist
import numpy as np
import numpy.typing as npt

__all__ = ["BINS", "BTAG", "QUERIES", "Query", "branches", "empty_histograms"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

BINS = 100
BTAG = "Jet_btag"  # in the files of 2012; later ones have several

MET = r"$p_T^{miss}$ [GeV]"


@dataclass(frozen=True)
class Query:
    """A histogram of the benchmark.

    Attributes
    ----------
    asks
        What it shows, in words.
    label
        Of the axis, with LaTeX.
    low, high
        Ends of the axis, which has `BINS` bins of equal width.
    counted
        What an entry is.
    """

    name: str
    asks: str
    label: str
    low: float
    high: float
    counted: str = "Events"

    @property
    def edges(self) -> npt.NDArray[np.float64]:
        """Ends of the bins, `BINS` + 1 numbers."""
        return np.linspace(self.low, self.high, BINS + 1)

    def empty_histogram(self) -> hist.Hist[Any]:
        """Return the histogram, without entries.

        Its axis gets each edge explicitly. A regular axis computes the bin from the value, and puts some values on an
        edge (for example 58 GeV of 0 to 200 GeV) to the left of it. ROOT never does.
        """
        return hist.Hist(hist.axis.Variable(self.edges, name="value", label=self.label), label=self.counted)


QUERIES = (
    Query("Q1", "missing transverse momentum of all events", MET, 0, 200),
    Query("Q2", "transverse momentum of all jets", r"Jet $p_T$ [GeV]", 15, 60, "Jets"),
    Query("Q3", "transverse momentum of jets with |η| < 1", r"Jet $p_T$ [GeV], $|\eta| < 1$", 15, 60, "Jets"),
    Query("Q4", "missing transverse momentum of events with two jets above 40 GeV", MET, 0, 200),
    Query(
        "Q5", "missing transverse momentum of events with an opposite-charge muon pair of 60 to 120 GeV", MET, 0, 200
    ),
    Query("Q6a", "transverse momentum of the trijet whose mass is closest to 172.5 GeV", r"Trijet $p_T$ [GeV]", 15, 40),
    Query("Q6b", "largest b-tag among the jets of that trijet", "Trijet b-tag", 0, 1),
    Query(
        "Q7", "sum of the momenta of jets above 30 GeV that are not near a lepton", r"$\Sigma$ jet $p_T$ [GeV]", 15, 200
    ),
    Query("Q8", "transverse mass of the missing momentum and the hardest lepton beside a Z", r"$m_T$ [GeV]", 0, 200),
)


def empty_histograms() -> dict[str, hist.Hist[Any]]:
    """Return a histogram for each of `QUERIES`, by name."""
    return {query.name: query.empty_histogram() for query in QUERIES}


def branches(btag: str = BTAG) -> list[str]:
    """Return the branches that the queries read.

    Parameters
    ----------
    btag
        The branch with the b-tag of jets: the higher, the more likely a b jet.
    """
    leptons = [f"{kind}_{name}" for kind in ("Electron", "Muon") for name in ("pt", "eta", "phi", "mass", "charge")]
    counters = ["nElectron", "nMuon", "nJet"]  # without these, no framework knows which lists belong together
    jets = [f"Jet_{name}" for name in ("pt", "eta", "phi", "mass")]
    return ["MET_pt", "MET_phi", *counters, *leptons, *jets, btag]
