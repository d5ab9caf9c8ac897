"""The eight queries of the ADL benchmark, with RDataFrame. `af_lab_examples.adl` describes them.

What does not fit into one line is in C++ functions. They compute with double precision: with the single precision of
the files, sums of momenta would depend on the order of their terms, and results on the framework.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from af_lab_examples import adl
from af_lab_examples.convert import to_hist
from af_lab_examples.rdataframe import open_events

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["CODE", "book", "run"]

CODE = r"""
#ifndef AF_LAB_ADL
#define AF_LAB_ADL

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <Math/Vector4D.h>
#include <ROOT/RVec.hxx>

namespace af_lab_adl {

using Floats = ROOT::RVecF;
using Integers = ROOT::RVecI;
using Momentum = ROOT::Math::PxPyPzEVector;

Momentum momentum(double pt, double eta, double phi, double mass) {
  return Momentum(ROOT::Math::PtEtaPhiMVector(pt, eta, phi, mass));
}

ROOT::RVec<Momentum> momenta(const Floats &pt, const Floats &eta, const Floats &phi, const Floats &mass) {
  return ROOT::VecOps::Map(pt, eta, phi, mass, momentum);
}

// whether two muons of opposite charge have a mass between 60 and 120 GeV
bool has_z(const ROOT::RVec<Momentum> &muons, const Integers &charge) {
  for (std::size_t i = 0; i < muons.size(); ++i)
    for (std::size_t j = i + 1; j < muons.size(); ++j) {
      if (charge[i] == charge[j]) continue;
      const double mass = (muons[i] + muons[j]).M();
      if (mass > 60 && mass < 120) return true;
    }
  return false;
}

struct Trijet {
  double pt;
  double btag;
};

// the three jets whose mass is closest to the top's
Trijet best_trijet(const ROOT::RVec<Momentum> &jets, const Floats &btag) {
  Trijet best{};
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < jets.size(); ++i)
    for (std::size_t j = i + 1; j < jets.size(); ++j)
      for (std::size_t k = j + 1; k < jets.size(); ++k) {
        const Momentum trijet = jets[i] + jets[j] + jets[k];
        const double distance = std::abs(trijet.M() - 172.5);
        if (distance < least) {
          least = distance;
          best = {trijet.Pt(), std::max({btag[i], btag[j], btag[k]})};
        }
      }
  return best;
}

// which jets are not within 0.4 of any lepton above 10 GeV
Integers far_from(const Floats &jet_eta, const Floats &jet_phi, const Floats &pt, const Floats &eta,
                  const Floats &phi) {
  Integers far(jet_eta.size(), 1);
  for (std::size_t i = 0; i < jet_eta.size(); ++i)
    for (std::size_t j = 0; j < pt.size(); ++j) {
      const double aside = ROOT::VecOps::DeltaPhi<double>(jet_phi[i], phi[j]);
      if (pt[j] > 10 && std::hypot(double(jet_eta[i]) - eta[j], aside) < 0.4) far[i] = 0;
    }
  return far;
}

double total(const Floats &values) {
  return std::accumulate(values.begin(), values.end(), 0.);
}

// the hardest lepton that is not of the best Z, or -1 if there is no pair for a Z
int lepton_beside_z(const ROOT::RVec<Momentum> &leptons, const Floats &pt, const Integers &charge,
                    const Integers &flavour) {
  double least = std::numeric_limits<double>::infinity();
  std::size_t first = 0, second = 0;
  for (std::size_t i = 0; i < leptons.size(); ++i)
    for (std::size_t j = i + 1; j < leptons.size(); ++j) {
      if (flavour[i] != flavour[j] || charge[i] == charge[j]) continue;
      const double distance = std::abs((leptons[i] + leptons[j]).M() - 91.2);
      if (distance < least) {
        least = distance;
        first = i;
        second = j;
      }
    }
  int hardest = -1;
  if (second == 0) return hardest;
  for (std::size_t i = 0; i < leptons.size(); ++i)
    if (i != first && i != second && (hardest < 0 || pt[i] > pt[hardest])) hardest = i;
  return hardest;
}

double transverse_mass(double pt, double phi, double met, double met_phi) {
  return std::sqrt(2 * pt * met * (1 - std::cos(phi - met_phi)));
}

}  // namespace af_lab_adl
#endif
"""


def book(events: Any, btag: str = adl.BTAG) -> dict[str, Any]:
    """Book all queries on an RDataFrame that knows `CODE`.

    Nothing is read before a result is requested; then one event loop fills all of them.

    Parameters
    ----------
    btag
        The branch of jets that query 6 shows.

    Returns
    -------
    dict
        What ``Histo1D`` returns, by name of the query.
    """
    muons = events.Define("muons", "af_lab_adl::momenta(Muon_pt, Muon_eta, Muon_phi, Muon_mass)")
    trijets = (
        events.Filter("nJet >= 3")
        .Define("jets", "af_lab_adl::momenta(Jet_pt, Jet_eta, Jet_phi, Jet_mass)")
        .Define("trijet", f"af_lab_adl::best_trijet(jets, {btag})")
        .Define("trijet_pt", "trijet.pt")
        .Define("trijet_btag", "trijet.btag")
    )
    good_jets = (
        events.Define("far_from_muons", "af_lab_adl::far_from(Jet_eta, Jet_phi, Muon_pt, Muon_eta, Muon_phi)")
        .Define(
            "far", "far_from_muons && af_lab_adl::far_from(Jet_eta, Jet_phi, Electron_pt, Electron_eta, Electron_phi)"
        )
        .Define("good_pt", "Jet_pt[Jet_pt > 30 && far]")
        .Filter("good_pt.size() > 0")
        .Define("good_sum", "af_lab_adl::total(good_pt)")
    )
    beside_z = (
        muons.Filter("nMuon + nElectron >= 3")
        .Define("electrons", "af_lab_adl::momenta(Electron_pt, Electron_eta, Electron_phi, Electron_mass)")
        .Define("leptons", "Concatenate(muons, electrons)")
        .Define("lepton_pt", "Concatenate(Muon_pt, Electron_pt)")
        .Define("lepton_phi", "Concatenate(Muon_phi, Electron_phi)")
        .Define("lepton_charge", "Concatenate(Muon_charge, Electron_charge)")
        .Define("flavour", "Concatenate(ROOT::RVecI(nMuon, 0), ROOT::RVecI(nElectron, 1))")
        .Define("hardest", "af_lab_adl::lepton_beside_z(leptons, lepton_pt, lepton_charge, flavour)")
        .Filter("hardest >= 0")
        .Define("mt", "af_lab_adl::transverse_mass(lepton_pt[hardest], lepton_phi[hardest], MET_pt, MET_phi)")
    )
    columns = {
        "Q1": (events, "MET_pt"),
        "Q2": (events, "Jet_pt"),
        "Q3": (events.Define("central_pt", "Jet_pt[abs(Jet_eta) < 1]"), "central_pt"),
        "Q4": (events.Filter("Sum(Jet_pt > 40) >= 2"), "MET_pt"),
        "Q5": (muons.Filter("af_lab_adl::has_z(muons, Muon_charge)"), "MET_pt"),
        "Q6a": (trijets, "trijet_pt"),
        "Q6b": (trijets, "trijet_btag"),
        "Q7": (good_jets, "good_sum"),
        "Q8": (beside_z, "mt"),
    }
    models = {query.name: (query.name, query.asks, adl.BINS, query.edges) for query in adl.QUERIES}
    return {name: selected.Histo1D(models[name], column) for name, (selected, column) in columns.items()}


def run(
    files: Sequence[str | Path],
    client: Client | None = None,
    npartitions: int | None = None,
    *,
    btag: str = adl.BTAG,
) -> dict[str, Any]:
    """Run all queries over files, in one event loop.

    Parameters
    ----------
    files
        What `af_lab_examples.catalogue.resolve` takes.
    client, npartitions
        See `af_lab_examples.rdataframe.open_events`.
    btag
        The branch with the b-tag of jets.

    Returns
    -------
    dict
        ``"histograms"`` by name of the query, ``"counts"`` with ``"events"``, and ``"metrics"``: ``"seconds"`` it
        took, and ``"bytes"`` read from files, compressed as they are.

    Raises
    ------
    AfLabError
        If files cannot be read or lack branches; it names both.
    """
    events = open_events(files, branches=adl.branches(btag), client=client, npartitions=npartitions, code=CODE)
    booked = book(events.frame, btag) | {"events": events.frame.Count()}
    values, metrics = events.evaluate(booked)
    histograms = {name: to_hist(values[name], like) for name, like in adl.empty_histograms().items()}
    return {"histograms": histograms, "counts": {"events": int(values["events"])}, "metrics": metrics}
