"""A Higgs boson that decays to four leptons: what is selected, and the histograms.

After ROOT's tutorial df103 and the analysis of CMS open data that it follows (record 12360 of CERN Open Data), which
in turn are simplified from PLB 716 (2012) 30. Here, leptons that are not good are ignored; there, they veto the event.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cloudpickle
import hist
import numpy as np
import numpy.typing as npt

__all__ = [
    "CHANNELS",
    "DATASETS",
    "FACTORS",
    "LEPTONS",
    "LUMINOSITY",
    "OBSERVABLES",
    "PROCESSES",
    "SAMPLE",
    "Lepton",
    "Observable",
    "branches",
    "empty_histograms",
]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

LUMINOSITY = 11_580.0  # 1 / pb: of the published data of 2012, as in df103

# events generated for the notebooks: some seconds with two workers
SAMPLE = {"higgs-4l": 50_000, "zz-4l": 100_000}
# datasets of the catalogue that can be analysed, and the process that each belongs to
DATASETS = {
    "higgs-4l": "higgs",
    "zz-4l": "zz",
    "SMHiggsToZZTo4L": "higgs",
    "ZZTo4mu": "zz",
    "ZZTo4e": "zz",
    "ZZTo2e2mu": "zz",
}
FACTORS = dict.fromkeys(("ZZTo4mu", "ZZTo4e", "ZZTo2e2mu"), 1.386)  # to higher orders, df103
PROCESSES = {"zz": r"$ZZ,\,Z\gamma^* \to 4\ell$", "higgs": r"$H \to ZZ^* \to 4\ell$"}

Z_MASS = 91.2  # GeV
FIRST_PT, SECOND_PT = 20.0, 10.0  # GeV, of the hardest two leptons
Z1_RANGE, Z2_RANGE = (40.0, 120.0), (12.0, 120.0)  # GeV, ends excluded
ISOLATION = 0.40
SIGNIFICANCE, DXY, DZ = 4.0, 0.5, 1.0  # of the impact parameter; cm

CHANNELS = ("4mu", "4e", "2e2mu")


@dataclass(frozen=True)
class Lepton:
    """The selection of a good lepton: pt (GeV) and absolute eta, and the branch with its isolation."""

    name: str
    pt: float
    eta: float
    isolation: str


LEPTONS = (
    Lepton("Muon", pt=5.0, eta=2.4, isolation="pfRelIso04_all"),
    Lepton("Electron", pt=7.0, eta=2.5, isolation="pfRelIso03_all"),
)


@dataclass(frozen=True)
class Observable:
    """A mass with a histogram; `low` and `high` in GeV."""

    name: str
    label: str
    bins: int
    low: float
    high: float

    @property
    def edges(self) -> npt.NDArray[np.float64]:
        """Ends of the bins."""
        return np.linspace(self.low, self.high, self.bins + 1)


OBSERVABLES = (
    Observable("m4l", r"$m_{4\ell}$ [GeV]", 44, 70, 180),
    Observable("mZ1", r"$m_{Z_1}$ [GeV]", 40, 40, 120),
    Observable("mZ2", r"$m_{Z_2}$ [GeV]", 54, 12, 120),
)


def empty_histograms() -> Mapping[str, hist.Hist[Any]]:
    """Return a histogram of each observable, by its name; they keep the squares of weights."""
    return {
        observable.name: hist.Hist(
            hist.axis.Variable(observable.edges, name="mass", label=observable.label),
            storage=hist.storage.Weight(),
            label="Events",
        )
        for observable in OBSERVABLES
    }


def branches() -> list[str]:
    """Return the branches that the analysis reads; it also reads ``genWeight`` if it exists."""
    fields = ("pt", "eta", "phi", "mass", "charge", "dxy", "dxyErr", "dz", "dzErr")
    leptons = [f"{lepton.name}_{field}" for lepton in LEPTONS for field in (*fields, lepton.isolation)]
    return [*(f"n{lepton.name}" for lepton in LEPTONS), *leptons]
