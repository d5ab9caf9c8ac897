"""The process that looks at files behind addresses: a client may hang, and ROOT may end the process that it runs in."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Literal

from af_lab_examples.branch_types import leaf_type
from af_lab_examples.contents import Contents, contents_of
from af_lab_examples.inputs import TREE

__all__ = ["LookWith", "main"]

LookWith = Literal["ROOT", "uproot"]


def main() -> None:
    """Look at the addresses that standard input lists, and print what they hold, or what is wrong with them."""
    way, addresses = json.load(sys.stdin)
    look = {"ROOT": _with_root, "uproot": _with_uproot}[way]
    print("\n" + json.dumps([_described(look, address) for address in addresses]))


def _described(look: Callable[[str], Contents | str], address: str) -> dict[str, Any] | str:
    found = look(address)
    if isinstance(found, str):
        return found
    return asdict(found) | {"uuid": found.uuid.hex()}


def _with_root(address: str) -> Contents | str:
    import ROOT

    ROOT.gErrorIgnoreLevel = ROOT.kFatal
    try:
        file = ROOT.TFile.Open(address)
    except OSError:
        return "it cannot be opened; check the address"
    if file.TestBit(ROOT.TFile.kRecovered):
        return "it is cut off; fetch or make it again"
    key = file.GetKey(TREE)
    if not key:
        return f"it has no tree {TREE!r}; remove it from the list"
    uuid = bytes.fromhex(str(file.GetUUID().AsString()).replace("-", ""))
    kind = str(key.GetClassName()).rpartition("::")[2]
    if kind == "RNTuple":
        reader = ROOT.RNTupleReader.Open(TREE, address)
        fields = reader.GetDescriptor().GetTopLevelFields()
        types = {str(field.GetFieldName()): str(field.GetTypeName()) for field in fields}
        return Contents(kind, int(reader.GetNEntries()), uuid, types)
    if kind != "TTree":
        return f"its {TREE!r} is not a tree, but a {kind}; remove it from the list"
    tree = file.Get(TREE)
    types = {str(branch.GetName()): _type_by_root(branch) for branch in tree.GetListOfBranches()}
    return Contents(kind, int(tree.GetEntries()), uuid, types)


def _type_by_root(branch: Any) -> str:
    leaves, class_ = branch.GetListOfLeaves(), str(branch.GetClassName())
    if not leaves.GetEntries():
        return class_
    leaf = leaves[0]
    return leaf_type(str(leaf.ClassName()), bool(leaf.IsUnsigned()), bool(leaf.GetLeafCount()), class_)


def _with_uproot(address: str) -> Contents | str:
    import uproot

    try:
        with uproot.open({address: None}) as file:
            return contents_of(file)
    except (OSError, ValueError, NotImplementedError) as error:
        return f"it cannot be opened ({type(error).__name__}); check the address"
    except Exception as error:  # a broken file may cause any error in its reader
        return f"it is damaged ({type(error).__name__}); fetch or make it again"
