"""Top pairs with one lepton: the selection, the histograms, and the variations.

A small version of the Analysis Grand Challenge of IRIS-HEP (https://agc.readthedocs.io): the same regions and
observables, with fewer variations and at the energy of 2012.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, cast

import cloudpickle
import hist
import numpy as np
import numpy.typing as npt

__all__ = [
    "BTAG",
    "DATASETS",
    "LEPTONS",
    "LUMINOSITY",
    "PROCESSES",
    "REGIONS",
    "SAMPLE",
    "SCALE",
    "Lepton",
    "Region",
    "branches",
    "empty_histograms",
    "variation_of",
    "variations",
]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

LUMINOSITY = 11_580.0  # 1 / pb, as of the other analysis of simulated events

# events generated for the notebooks: about half a minute with two workers
SAMPLE = {"ttbar": 100_000, "wjets": 300_000, "singletop": 100_000}
# datasets of the catalogue that can be analysed, and the process that each belongs to
DATASETS = {"ttbar": "ttbar", "wjets": "wjets", "singletop": "singletop"}
PROCESSES = {"singletop": "Single top", "wjets": r"$W$ + jets", "ttbar": r"$t\bar{t}$"}

LEPTON_PT, LEPTON_ETA, ISOLATION = 25.0, 2.1, 0.15  # GeV
JET_PT, JET_DISTANCE = 25.0, 0.4  # GeV; of jets from the lepton, whose own energy looks like a jet
JETS = 4
BTAG = 0.679  # medium point of CMS's tagger of 2012 (PAS BTV-13-001)
SCALE = 0.3  # relative uncertainty of the rate of W + jets; not measured, but chosen large to show its effect


@dataclass(frozen=True)
class Lepton:
    """A kind of leptons, and the branches with identification and isolation."""

    name: str
    identification: str
    isolation: str


LEPTONS = (
    Lepton("Muon", identification="tightId", isolation="pfRelIso04_all"),
    Lepton("Electron", identification="cutBasedId", isolation="pfRelIso03_all"),
)


@dataclass(frozen=True)
class Region:
    """Events with at least four jets of which some are tagged, and the observable of their histogram; GeV."""

    name: str
    asks: str
    label: str
    bins: int
    low: float
    high: float

    @property
    def edges(self) -> npt.NDArray[np.float64]:
        """Ends of the bins."""
        return np.linspace(self.low, self.high, self.bins + 1)


REGIONS = (
    Region("4j1b", "exactly one b tag", r"$H_T$ [GeV]", 25, 100, 600),
    Region("4j2b", "two b tags or more", r"$m_{jjj}$ [GeV]", 25, 50, 550),
)


def variations(process: str) -> list[str]:
    """Return the names of the variations of a process's histograms, ``"nominal"`` first.

    ``jes``: the energy scale of jets, with the selection repeated; ``btag``: weights for the efficiency of b tags;
    ``scale``: the rate of W + jets.
    """
    sources = ("jes", "btag", "scale") if process == "wjets" else ("jes", "btag")
    return ["nominal", *(f"{source}{way}" for source in sources for way in ("Up", "Down"))]


def empty_histograms(process: str) -> dict[str, hist.Hist[Any]]:
    """Return a histogram of each region, by its name, with the axes "observable" and "variation"."""
    return {
        region.name: hist.Hist(
            hist.axis.Variable(region.edges, name="observable", label=region.label),
            hist.axis.StrCategory(variations(process), name="variation", overflow=False),
            storage=hist.storage.Weight(),
            label="Events",
        )
        for region in REGIONS
    }


def variation_of(histogram: hist.Hist[Any], name: str) -> hist.Hist[Any]:
    """Return a histogram's part for one variation, without the axis of variations."""
    part: Any = histogram[:, name]
    return cast("hist.Hist[Any]", part)


def branches() -> list[str]:
    """Return the branches that the analysis reads, including those without which coffea does not recognise leptons."""
    leptons = [
        f"{lepton.name}_{field}"
        for lepton in LEPTONS
        for field in ("pt", "eta", "phi", "mass", "charge", lepton.identification, lepton.isolation)
    ]
    jets = [f"Jet_{field}" for field in ("pt", "eta", "phi", "mass", "btag", "pt_jesUp", "pt_jesDown")]
    counters = ["nElectron", "nMuon", "nJet"]
    return [*counters, *leptons, *jets, "genWeight", "btagWeight_up", "btagWeight_down"]
