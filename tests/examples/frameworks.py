"""The same files in both frameworks: what each counts, or why it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from af_lab_examples import dimuon

from af_lab.errors import AfLabError

Outcome = dict[str, int] | str

BRANCHES = list(dimuon.BRANCHES)


def in_coffea(files: Sequence[str | Path]) -> Outcome:
    """Return the counts of muon pairs, or the message of the error."""
    try:
        counts: dict[str, int] = dimuon.run(files)["counts"]
    except AfLabError as error:
        return str(error)
    return counts


def in_rdf(files: Sequence[str | Path]) -> Outcome:
    """Do the same with RDataFrame, in a process that has ROOT."""
    from af_lab_examples import dimuon_rdf

    try:
        counts: dict[str, int] = dimuon_rdf.run(files)["counts"]
    except AfLabError as error:
        return str(error)
    return counts


def all_in_rdf(files: Mapping[str, Sequence[str | Path]]) -> dict[str, Outcome]:
    return {name: in_rdf(listed) for name, listed in files.items()}


def write_ntuple(source: str, target: str) -> None:
    """Write the muons of a file as an RNTuple, with ROOT, in another order."""
    import ROOT

    options = ROOT.RDF.RSnapshotOptions()
    options.fOutputFormat = ROOT.RDF.ESnapshotOutputFormat.kRNTuple
    ROOT.RDataFrame("Events", source).Snapshot("Events", target, BRANCHES[::-1], options)


def write_without_branches(target: str) -> None:
    import ROOT

    file = ROOT.TFile(target, "RECREATE")
    tree = ROOT.TTree("Events", "none")
    tree.SetEntries(5)
    tree.Write()
    file.Close()


def damage_basket(file: Path, branch: str, target: Path, first: int = 0, last: int | None = None) -> None:
    """Copy a file, and overwrite bytes of the first basket of a branch."""
    import uproot

    with uproot.open(file) as root:
        basket: Any = root["Events"][branch]
        start, size = int(basket.member("fBasketSeek")[0]), int(basket.member("fBasketBytes")[0])
    content = bytearray(file.read_bytes())
    end = start + (size if last is None else last)
    content[start + first : end] = b"\xff" * (end - start - first)
    target.write_bytes(content)
