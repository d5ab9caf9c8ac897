"""Higgs bosons that decay to four leptons, with RDataFrame. `af_lab_examples.higgs` has the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from af_lab_examples import higgs
from af_lab_examples.simulation import Files, Part, result
from af_lab_examples.simulation_rdf import evaluate, to_weighted_hist

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["CODE", "book", "run"]

CODE = r"""
#ifndef AF_LAB_HIGGS
#define AF_LAB_HIGGS

#include <cmath>
#include <limits>
#include <Math/Vector4D.h>
#include <ROOT/RVec.hxx>

namespace af_lab_higgs {

using Floats = ROOT::RVecF;
using Integers = ROOT::RVecI;
using Momentum = ROOT::Math::PxPyPzEVector;
using ROOT::VecOps::Concatenate;

// double precision, so that masses do not depend on the order in which momenta are added
ROOT::RVec<Momentum> momenta(const Floats &pt, const Floats &eta, const Floats &phi, const Floats &mass) {
  return ROOT::VecOps::Map(pt, eta, phi, mass, [](double pt, double eta, double phi, double mass) {
    return Momentum(ROOT::Math::PtEtaPhiMVector(pt, eta, phi, mass));
  });
}

ROOT::RVecD significance(const Floats &dxy, const Floats &dxy_error, const Floats &dz, const Floats &dz_error) {
  return ROOT::VecOps::Map(dxy, dxy_error, dz, dz_error, [](double xy, double xy_error, double z, double z_error) {
    return std::sqrt(xy * xy + z * z) / std::sqrt(xy_error * xy_error + z_error * z_error);
  });
}

struct Candidate {
  double m4l, z1, z2;
};

// of four leptons: the pair whose mass is closest to the Z's, and the pair of the other two
Candidate candidate(const ROOT::RVec<Momentum> &leptons, const Integers &charge, const Integers &flavour, double z) {
  Candidate best{};
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = i + 1; j < 4; ++j) {
      if (flavour[i] != flavour[j] || charge[i] == charge[j]) continue;
      const Momentum pair = leptons[i] + leptons[j];
      if (std::abs(pair.M() - z) >= least) continue;
      least = std::abs(pair.M() - z);
      Momentum rest;
      for (std::size_t k = 0; k < 4; ++k)
        if (k != i && k != j) rest += leptons[k];
      best = {(pair + rest).M(), pair.M(), rest.M()};
    }
  return best;
}

}  // namespace af_lab_higgs
#endif
"""

FIELDS = ("pt", "eta", "phi", "mass", "charge")


def book(events: Any) -> dict[str, Any]:
    """Book histograms and counts on an RDataFrame that knows `CODE`.

    Nothing is read before a result is requested; then one event loop computes all of them.

    Returns
    -------
    dict
        What ``Histo1D`` returns, by name of the observable, ``"weights"``: what ``Sum`` returns, and what ``Count``
        returns, by names of counts.
    """
    simulated = "genWeight" in map(str, events.GetColumnNames())
    weighted = events.Define("weight", "double(genWeight)" if simulated else "1.0")

    leptons = weighted
    for kind in higgs.LEPTONS:
        leptons = _with_good(leptons, kind)
    for field in ("pt", "charge", "momentum", "flavour"):
        leptons = leptons.Define(f"lepton_{field}", f"Concatenate(good_Muon_{field}, good_Electron_{field})")

    four = leptons.Filter(
        "lepton_pt.size() == 4 && Sum(good_Muon_charge) == 0 && Sum(good_Electron_charge) == 0"
        f" && Sum(lepton_pt > {higgs.FIRST_PT}) >= 1 && Sum(lepton_pt > {higgs.SECOND_PT}) >= 2"
    )
    pairs = (
        four.Define(
            "candidate",
            f"af_lab_higgs::candidate(lepton_momentum, lepton_charge, lepton_flavour, {higgs.Z_MASS})",
        )
        .Define("m4l", "candidate.m4l")
        .Define("mZ1", "candidate.z1")
        .Define("mZ2", "candidate.z2")
        .Filter(f"mZ1 > {higgs.Z1_RANGE[0]} && mZ1 < {higgs.Z1_RANGE[1]}")
        .Filter(f"mZ2 > {higgs.Z2_RANGE[0]} && mZ2 < {higgs.Z2_RANGE[1]}")
    )

    booked = {
        observable.name: pairs.Histo1D(
            (observable.name, observable.label, observable.bins, observable.edges), observable.name, "weight"
        )
        for observable in higgs.OBSERVABLES
    }
    booked |= {"weights": weighted.Sum("weight"), "events": events.Count(), "four leptons": four.Count()}
    for channel, electrons in {"4mu": 0, "4e": 4, "2e2mu": 2}.items():
        booked[channel] = pairs.Filter(f"good_Electron_pt.size() == {electrons}").Count()
    return booked


def _with_good(events: Any, kind: higgs.Lepton) -> Any:
    """Define columns of the good leptons of a kind."""
    name, good = kind.name, f"is_good_{kind.name}"
    vertex = ", ".join(f"{name}_{field}" for field in ("dxy", "dxyErr", "dz", "dzErr"))
    defined = events.Define(
        good,
        f"{name}_pt > {kind.pt} && abs({name}_eta) < {kind.eta} && abs({name}_{kind.isolation}) < {higgs.ISOLATION}"
        f" && af_lab_higgs::significance({vertex}) < {higgs.SIGNIFICANCE}"
        f" && abs({name}_dxy) < {higgs.DXY} && abs({name}_dz) < {higgs.DZ}",
    )
    for field in FIELDS:
        defined = defined.Define(f"good_{name}_{field}", f"{name}_{field}[{good}]")
    momentum = ", ".join(f"good_{name}_{field}" for field in ("pt", "eta", "phi", "mass"))
    return defined.Define(f"good_{name}_momentum", f"af_lab_higgs::momenta({momentum})").Define(
        f"good_{name}_flavour", f"ROOT::RVecI(good_{name}_pt.size(), {higgs.LEPTONS.index(kind)})"
    )


def run(files: Files, client: Client | None = None, npartitions: int | None = None) -> dict[str, Any]:
    """Analyse datasets, in one event loop for each.

    Parameters
    ----------
    files
        By name of the dataset, one of `af_lab_examples.higgs.DATASETS`; see `af_lab_examples.simulation.find_files`.
    client, npartitions
        See `af_lab_examples.rdataframe.open_events`; each dataset is divided into this number of parts.

    Returns
    -------
    dict
        As from `af_lab_examples.higgs_coffea.run`.

    Raises
    ------
    AfLabError
        If files cannot be read or lack branches; it names both.
    """
    values, metrics = evaluate(
        files,
        lambda _, frame: book(frame),
        branches=higgs.branches(),
        code=CODE,
        client=client,
        npartitions=npartitions,
    )
    parts = {}
    for name, results in values.items():
        histograms = {key: to_weighted_hist(results.pop(key), like) for key, like in higgs.empty_histograms().items()}
        weights = float(results.pop("weights"))
        parts[name] = Part(histograms, {key: int(count) for key, count in results.items()}, weights)
    return result(parts, metrics, higgs.DATASETS, higgs.LUMINOSITY, higgs.FACTORS)
