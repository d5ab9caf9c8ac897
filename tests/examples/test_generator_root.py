"""Generated files as ROOT sees them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from af_lab_examples.sample import Sample
from af_lab_examples.writing import CLUSTER

from tests.examples.test_root import LOOK

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


@pytest.mark.parametrize(("process", "types"), [("single-muon", DATA), ("ttbar", SIMULATION)])
def test_root_sees_types_and_clusters_of_nanoaod(
    generated: Callable[[str], Sample], process: str, types: dict[str, str]
) -> None:
    sample = generated(process)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOOK, *sample.files], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert seen["types"] == types
    assert seen["counts"][0] == sample.events
    assert seen["clusters"] == [0, CLUSTER]
