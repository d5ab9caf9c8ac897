"""Files of samples as ROOT sees them, and histograms of ROOT's as Python gets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import hist
import numpy as np
import pytest
from af_lab_examples.dimuon import mass_histogram
from af_lab_examples.sample import DimuonSample, Sample
from af_lab_examples.writing import CLUSTER

from tests.examples.isolated import Isolated
from tests.examples.masses import masses, opposite_charge, two_muons

LEPTON = {
    **dict.fromkeys(["pt", "eta", "phi", "mass", "pfRelIso03_all", "dxy", "dxyErr", "dz", "dzErr"], "Float_t"),
    "charge": "Int_t",
    "jetIdx": "Int_t",
}
COLLECTIONS = {
    "Muon": {**LEPTON, "pfRelIso04_all": "Float_t", "tightId": "Bool_t", "softId": "Bool_t"},
    "Electron": {**LEPTON, "cutBasedId": "Bool_t"},
    "Jet": {**dict.fromkeys(["pt", "eta", "phi", "mass", "btag"], "Float_t"), "puId": "Bool_t"},
}
EVENT = {
    "run": "Int_t",
    "luminosityBlock": "UInt_t",
    "event": "ULong64_t",
    "HLT_IsoMu24": "Bool_t",
    "HLT_Mu17_Mu8": "Bool_t",
    "HLT_Ele27_WP80": "Bool_t",
    "PV_npvs": "Int_t",
    "MET_pt": "Float_t",
    "MET_phi": "Float_t",
    "MET_sumet": "Float_t",
}
DATA = {
    **EVENT,
    **{f"n{name}": "UInt_t" for name in COLLECTIONS},
    **{
        f"{name}_{field}": f"ROOT::VecOps::RVec<{kind}>"
        for name, fields in COLLECTIONS.items()
        for field, kind in fields.items()
    },
}
SIMULATION = {
    **DATA,
    "Jet_pt_jesUp": "ROOT::VecOps::RVec<Float_t>",
    "Jet_pt_jesDown": "ROOT::VecOps::RVec<Float_t>",
    "Jet_partonFlavour": "ROOT::VecOps::RVec<Int_t>",
    "genWeight": "Float_t",
    "btagWeight_up": "Float_t",
    "btagWeight_down": "Float_t",
}


class Seen(NamedTuple):
    """What ROOT makes of files.

    Attributes
    ----------
    counts
        Of events, of pairs of muons, and of those near the mass of the Z.
    types
        Of branches.
    clusters
        Where those of the first file begin.
    first_file
        Its events.
    """

    counts: list[int]
    types: dict[str, str]
    clusters: list[int]
    first_file: int


def look(files: list[str]) -> Seen:
    import ROOT

    events = ROOT.RDataFrame("Events", files)
    pairs = events.Filter("nMuon == 2").Filter("Muon_charge[0] != Muon_charge[1]")
    pairs = pairs.Define("mass", "ROOT::VecOps::InvariantMass(Muon_pt, Muon_eta, Muon_phi, Muon_mass)")
    counts = [events.Count(), pairs.Count(), pairs.Filter("mass > 80 && mass < 100").Count()]
    file = ROOT.TFile(files[0])
    tree = file.Get("Events")
    clusters, starts = tree.GetClusterIterator(0), []
    while (start := clusters.Next()) < tree.GetEntries():
        starts.append(start)
    return Seen(
        counts=[count.GetValue() for count in counts],
        types={name: str(events.GetColumnType(name)) for name in map(str, events.GetColumnNames())},
        clusters=starts,
        first_file=tree.GetEntries(),
    )


@pytest.fixture(scope="module")
def seen(root: Isolated, dimuons: DimuonSample) -> Seen:
    found: Seen = root(look, dimuons.files)
    return found


def test_root_counts_what_uproot_counts(seen: Seen, dimuons: DimuonSample) -> None:
    mass = masses(opposite_charge(two_muons(dimuons.files)))
    events, pairs, at_z = seen.counts
    assert events == dimuons.events
    assert pairs == len(mass)
    assert at_z == pytest.approx(((mass > 80) & (mass < 100)).sum(), abs=2)


def test_root_sees_the_types_of_nanoaod(seen: Seen) -> None:
    assert seen.types == {
        "nMuon": "UInt_t",
        "Muon_pt": "ROOT::VecOps::RVec<Float_t>",
        "Muon_eta": "ROOT::VecOps::RVec<Float_t>",
        "Muon_phi": "ROOT::VecOps::RVec<Float_t>",
        "Muon_mass": "ROOT::VecOps::RVec<Float_t>",
        "Muon_charge": "ROOT::VecOps::RVec<Int_t>",
    }


def test_root_can_read_parts_of_a_file(seen: Seen) -> None:
    assert seen.clusters == list(range(0, seen.first_file, CLUSTER))
    assert len(seen.clusters) > 1


@pytest.mark.parametrize(("process", "types"), [("single-muon", DATA), ("ttbar", SIMULATION)])
def test_root_sees_types_and_clusters_of_generated_events(
    root: Isolated, generated: Callable[[str], Sample], process: str, types: dict[str, str]
) -> None:
    sample = generated(process)
    seen = root(look, sample.files)
    assert seen.types == types
    assert seen.counts[0] == sample.events
    assert seen.clusters == [0, CLUSTER]


def converted() -> dict[str, Any]:
    import ROOT
    from af_lab_examples.convert import to_hist

    plain = ROOT.TH1D("plain", "title;mass [GeV];Events", 4, 0.0, 2.0)
    plain.SetDirectory(ROOT.nullptr)
    for value in (-1, 0.1, 0.6, 0.7, 1.9, 2.0, 5):
        plain.Fill(value)
    weights = ROOT.TH1F("weights", "", 2, np.array([0.0, 1.0, 5.0]))
    weights.Sumw2()
    weights.Fill(0.5, 2.0)
    weights.Fill(0.5, -1.0)
    weights.Fill(9.0, 3.0)
    mass = mass_histogram()
    edges = mass.axes[0].edges
    spectrum = ROOT.RDataFrame(10).Define("x", "1. + rdfentry_").Histo1D(("x", "", len(edges) - 1, edges), "x")
    try:
        to_hist(plain, mass)
        refusal = ""
    except ValueError as error:
        refusal = str(error)
    return {
        "plain": to_hist(plain),
        "weights": to_hist(weights),
        "mass": to_hist(spectrum, mass),
        "refusal": refusal,
    }


def test_histograms_of_root_are_converted(root: Isolated) -> None:
    results = root(converted)
    plain = results["plain"]
    assert plain.values(flow=True).tolist() == [1, 1, 2, 0, 1, 2]
    assert plain.axes[0].edges.tolist() == [0, 0.5, 1, 1.5, 2]
    assert plain.axes[0].label == "mass [GeV]"
    assert plain.storage_type is hist.storage.Double

    weights = results["weights"]
    assert weights.values(flow=True).tolist() == [0, 1, 0, 3]
    assert weights.variances(flow=True).tolist() == pytest.approx([0, 5, 0, 9])

    assert results["mass"] == mass_histogram().fill(np.arange(1.0, 11.0))
    assert "4 bins from 0 to 2" in results["refusal"]
