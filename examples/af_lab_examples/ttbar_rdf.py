"""Top pairs with one lepton and their systematic variations, with RDataFrame. See `af_lab_examples.ttbar`.

Variations are declared once, by ``Vary``; RDataFrame finds out what depends on them, and fills all histograms in one
event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import hist

from af_lab_examples import ttbar
from af_lab_examples.simulation import Files, Part, result
from af_lab_examples.simulation_rdf import evaluate, to_weighted_hist, variations_for

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["CODE", "book", "run"]

CODE = r"""
#ifndef AF_LAB_TTBAR
#define AF_LAB_TTBAR

#include <cmath>
#include <numeric>
#include <Math/Vector4D.h>
#include <ROOT/RVec.hxx>

namespace af_lab_ttbar {

using Floats = ROOT::RVecF;
using Integers = ROOT::RVecI;
using Momentum = ROOT::Math::PxPyPzEVector;
using ROOT::VecOps::Concatenate;

// which jets are not near the lepton
Integers beside(const Floats &eta, const Floats &phi, double lepton_eta, double lepton_phi, double distance) {
  return ROOT::VecOps::Map(eta, phi, [=](double jet_eta, double jet_phi) {
    const double aside = ROOT::VecOps::DeltaPhi<double>(jet_phi, lepton_phi);
    return int(std::sqrt((jet_eta - lepton_eta) * (jet_eta - lepton_eta) + aside * aside) > distance);
  });
}

double total(const Floats &values) {
  return std::accumulate(values.begin(), values.end(), 0.);
}

// the mass of the three jets, at least one of them tagged, that have the highest pt together
double trijet_mass(const Floats &pt, const Floats &eta, const Floats &phi, const Floats &mass, const Integers &tagged) {
  const auto jets = ROOT::VecOps::Map(pt, eta, phi, mass, [](double pt, double eta, double phi, double mass) {
    return Momentum(ROOT::Math::PtEtaPhiMVector(pt, eta, phi, mass));
  });
  double highest = -1, found = -1;
  for (std::size_t i = 0; i < jets.size(); ++i)
    for (std::size_t j = i + 1; j < jets.size(); ++j)
      for (std::size_t k = j + 1; k < jets.size(); ++k) {
        if (!tagged[i] && !tagged[j] && !tagged[k]) continue;
        const Momentum trijet = jets[i] + jets[j] + jets[k];
        if (trijet.Pt() <= highest) continue;
        highest = trijet.Pt();
        found = trijet.M();
      }
  return found;
}

}  // namespace af_lab_ttbar
#endif
"""


@dataclass(frozen=True)
class _Varied:
    """The histograms of all variations of a result, once its event loop has run."""

    histograms: Any
    names: tuple[str, ...]

    def GetValue(self) -> dict[str, Any]:
        return {name: self.histograms[_ROOT_NAMES[name]] for name in self.names}


# ROOT puts a colon between the source of a variation and its direction
_ROOT_NAMES = {"nominal": "nominal"} | {
    f"{source}{way}": f"{source}:{way}" for source in ("jes", "btag", "scale") for way in ("Up", "Down")
}


def book(events: Any, process: str, find_variations: Callable[[Any], Any]) -> dict[str, Any]:
    """Book histograms and counts on an RDataFrame that knows `CODE`.

    Nothing is read before a result is requested; then one event loop computes all of them.

    Parameters
    ----------
    process
        One of `af_lab_examples.ttbar.PROCESSES`.
    find_variations
        ``VariationsFor`` of ROOT: ``ROOT.RDF.Distributed.VariationsFor`` if `events` are distributed.

    Returns
    -------
    dict
        By name of the region: histograms by name of the variation. ``"weights"``: what ``Sum`` returns. All others are
        what ``Count`` returns, by names of counts.
    """
    weighted = events.Define("weight", "double(genWeight)")
    ways = ["Up", "Down"]
    varied = weighted.Vary("Jet_pt", "ROOT::RVec<ROOT::RVecF>{Jet_pt_jesUp, Jet_pt_jesDown}", ways, "jes")
    varied = varied.Vary("weight", "ROOT::RVecD{weight * btagWeight_up, weight * btagWeight_down}", ways, "btag")
    if process == "wjets":
        scales = f"weight * {1 + ttbar.SCALE}, weight * {1 - ttbar.SCALE}"
        varied = varied.Vary("weight", f"ROOT::RVecD{{{scales}}}", ways, "scale")

    one = _with_one_lepton(varied)
    jets = (
        one.Define("beside", f"af_lab_ttbar::beside(Jet_eta, Jet_phi, lepton_eta, lepton_phi, {ttbar.JET_DISTANCE})")
        .Define("good", f"beside && Jet_pt > {ttbar.JET_PT}")
        .Filter(f"Sum(good) >= {ttbar.JETS}")
        .Define("good_pt", "Jet_pt[good]")
        .Define("tagged", f"Jet_btag[good] > {ttbar.BTAG}")
        .Define("tags", "Sum(tagged)")
    )
    regions = {
        "4j1b": jets.Filter("tags == 1").Define("observable", "af_lab_ttbar::total(good_pt)"),
        "4j2b": jets.Filter("tags >= 2").Define(
            "observable",
            "af_lab_ttbar::trijet_mass(good_pt, Jet_eta[good], Jet_phi[good], Jet_mass[good], tagged)",
        ),
    }

    booked: dict[str, Any] = {"weights": weighted.Sum("weight"), "events": events.Count(), "one lepton": one.Count()}
    for region in ttbar.REGIONS:
        selected = regions[region.name]
        nominal = selected.Histo1D((region.name, region.label, region.bins, region.edges), "observable", "weight")
        booked[region.name] = _Varied(find_variations(nominal), tuple(ttbar.variations(process)))
        booked[f"{region.name} events"] = selected.Count()
    return booked


def _with_one_lepton(events: Any) -> Any:
    """Keep events with one good lepton, and define its direction."""
    for kind in ttbar.LEPTONS:
        good = f"is_good_{kind.name}"
        events = events.Define(
            good,
            f"{kind.name}_pt > {ttbar.LEPTON_PT} && abs({kind.name}_eta) < {ttbar.LEPTON_ETA}"
            f" && {kind.name}_{kind.isolation} < {ttbar.ISOLATION} && {kind.name}_{kind.identification}",
        )
    one = events.Filter("Sum(is_good_Muon) + Sum(is_good_Electron) == 1")
    for field in ("eta", "phi"):
        both = ", ".join(f"{kind.name}_{field}[is_good_{kind.name}]" for kind in ttbar.LEPTONS)
        one = one.Define(f"lepton_{field}", f"Concatenate({both})[0]")
    return one


def run(files: Files, client: Client | None = None, npartitions: int | None = None) -> dict[str, Any]:
    """Analyse datasets, in one event loop for each.

    Parameters
    ----------
    files
        By name of the dataset, one of `af_lab_examples.ttbar.DATASETS`; see `af_lab_examples.simulation.find_files`.
    client, npartitions
        See `af_lab_examples.rdataframe.open_events`; each dataset is divided into this number of parts.

    Returns
    -------
    dict
        As from `af_lab_examples.ttbar_coffea.run`.

    Raises
    ------
    AfLabError
        If files cannot be read or lack branches; it names both.
    """
    values, metrics = evaluate(
        files,
        lambda name, frame: book(frame, ttbar.DATASETS[name], variations_for(client)),
        branches=ttbar.branches(),
        code=CODE,
        client=client,
        npartitions=npartitions,
    )
    parts = {}
    for name, results in values.items():
        histograms = {
            region: _on_one_axis(results.pop(region), empty)
            for region, empty in ttbar.empty_histograms(ttbar.DATASETS[name]).items()
        }
        weights = float(results.pop("weights"))
        counts = {key.removesuffix(" events"): int(count) for key, count in results.items()}
        parts[name] = Part(histograms, counts, weights)
    return result(parts, metrics, ttbar.DATASETS, ttbar.LUMINOSITY)


def _on_one_axis(varied: Mapping[str, Any], empty: hist.Hist[Any]) -> hist.Hist[Any]:
    """Combine the histograms of ROOT, one for each variation, into one with an axis of variations."""
    view: Any = empty.view(flow=True)
    for index, name in enumerate(empty.axes["variation"]):
        view[:, index] = to_weighted_hist(varied[name], ttbar.variation_of(empty, name)).view(flow=True)
    return empty
