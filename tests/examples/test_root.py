from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from af_lab_examples.sample import DimuonSample
from af_lab_examples.writing import CLUSTER

from tests.examples.masses import masses, opposite_charge, two_muons

# in a process of its own: ROOT takes 500 MB, catches signals, and warns that it is an alpha version
LOOK = """
import json, sys, ROOT
files = sys.argv[1:]
events = ROOT.RDataFrame("Events", files)
pairs = events.Filter("nMuon == 2").Filter("Muon_charge[0] != Muon_charge[1]")
pairs = pairs.Define("mass", "ROOT::VecOps::InvariantMass(Muon_pt, Muon_eta, Muon_phi, Muon_mass)")
counts = [events.Count(), pairs.Count(), pairs.Filter("mass > 80 && mass < 100").Count()]
file = ROOT.TFile(files[0])
tree = file.Get("Events")
clusters, starts = tree.GetClusterIterator(0), []
while (start := clusters.Next()) < tree.GetEntries():
    starts.append(start)
print(json.dumps({
    "counts": [count.GetValue() for count in counts],
    "types": {name: events.GetColumnType(name) for name in map(str, events.GetColumnNames())},
    "clusters": starts,
    "file": tree.GetEntries(),
}))
"""


@pytest.fixture(scope="module")
def seen(dimuons: DimuonSample) -> dict[str, Any]:
    """Return what ROOT makes of the sample."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOOK, *dimuons.files], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_root_counts_what_uproot_counts(seen: dict[str, Any], dimuons: DimuonSample) -> None:
    mass = masses(opposite_charge(two_muons(dimuons.files)))
    events, pairs, at_z = seen["counts"]
    assert events == dimuons.events
    assert pairs == len(mass)
    assert at_z == pytest.approx(((mass > 80) & (mass < 100)).sum(), abs=2)


def test_root_sees_the_types_of_nanoaod(seen: dict[str, Any]) -> None:
    assert seen["types"] == {
        "nMuon": "UInt_t",
        "Muon_pt": "ROOT::VecOps::RVec<Float_t>",
        "Muon_eta": "ROOT::VecOps::RVec<Float_t>",
        "Muon_phi": "ROOT::VecOps::RVec<Float_t>",
        "Muon_mass": "ROOT::VecOps::RVec<Float_t>",
        "Muon_charge": "ROOT::VecOps::RVec<Int_t>",
    }


def test_root_can_read_parts_of_a_file(seen: dict[str, Any]) -> None:
    assert seen["clusters"] == list(range(0, seen["file"], CLUSTER))
    assert len(seen["clusters"]) > 1
