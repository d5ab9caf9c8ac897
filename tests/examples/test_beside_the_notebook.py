"""Relative names, modules beside the notebook, and files that tasks write, as ROOT and coffea test them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from af_lab_examples.sample import DimuonSample

pytestmark = [pytest.mark.pool, pytest.mark.slow]

MODULE = '''
"""Beside the notebook."""
import awkward as ak
from coffea import processor

class Counter(processor.ProcessorABC):
    def process(self, events):
        return {"events": len(events), "pairs": int(ak.sum(events.nMuon >= 2))}

    def postprocess(self, accumulator):
        return accumulator
'''
NOTEBOOK = """
import json, os, sys
sys.path.insert(0, "")
import ROOT
from coffea import processor
from coffea.nanoevents import BaseSchema
import af_lab
import selection

with af_lab.cluster("beside", workers=2) as cluster, cluster.get_client() as client:
    cluster.wait_for_workers(2, timeout="300 s")
    executor = processor.DaskExecutor(client=client, status=False)
    runner = processor.Runner(executor=executor, schema=BaseSchema)
    files = {"data": {"files": {"data/events.root": "Events"}}}
    coffea = runner(files, processor_instance=selection.Counter())

    frame = ROOT.RDataFrame("Events", ["data/events.root"], executor=client, npartitions=2)
    pairs = frame.Filter("nMuon >= 2")
    count = pairs.Count()
    picked = pairs.Snapshot("Events", "picked.root", ["nMuon"])
    again = picked.Count()
    rdf = {"pairs": count.GetValue(), "again": again.GetValue()}
    where = set(client.run(os.getcwd).values())
print("RESULT", json.dumps({"coffea": coffea, "rdf": rdf, "where": sorted(where)}))
"""


def test_relative_names_and_modules_work_in_both_frameworks(tmp_path: Path, dimuons: DimuonSample) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "events.root").symlink_to(dimuons.files[0])
    (tmp_path / "selection.py").write_text(MODULE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK], cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    found = json.loads(line.removeprefix("RESULT "))
    assert found["where"] == [str(tmp_path)]
    pairs = found["coffea"]["pairs"]
    assert found["rdf"] == {"pairs": pairs, "again": pairs}
    assert 0 < pairs < found["coffea"]["events"]
    assert sorted(path.name for path in tmp_path.glob("picked*.root")) == ["picked_0.root", "picked_1.root"]
