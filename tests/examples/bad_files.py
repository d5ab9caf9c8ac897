"""Files that cannot be analysed, and what becomes of analyses that are given them."""

from __future__ import annotations

import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import uproot

from tests.examples.frameworks import damage_basket

# what an error must say is wrong, and what to do
FAULTS = {
    "missing branch": ("lacks", "choose files that have what the analysis reads"),
    "empty": ("is empty", "fetch or make it again"),
    "truncated": ("is cut off", "fetch or make it again"),
    "no ROOT file": ("is not a ROOT file", "remove it from the list"),
    "damaged basket": ("is damaged, its branch Muon_pt cannot be read", "fetch or make it again"),
    "unreachable": ("does not answer", "check the address and this machine's network"),
}
SKIPPED = [fault for fault in FAULTS if fault != "damaged basket"]  # that one shows only when the data are read


def make(folder: Path, good: str) -> dict[str, str]:
    """Make bad files, from a good one where it takes that; returns them by what is wrong with them."""
    files = {fault: folder / f"{fault.replace(' ', '-')}.root" for fault in FAULTS if fault != "unreachable"}
    with uproot.recreate(files["missing branch"]) as root:
        root["Events"] = {"nMuon": np.ones(3, np.uint32)}
    files["empty"].touch()
    whole = Path(good).read_bytes()
    files["truncated"].write_bytes(whole[: len(whole) // 2])
    damage_basket(Path(good), "Muon_pt", files["damaged basket"], first=100)
    files["no ROOT file"].write_text("root: there is none in here, but a list of users may begin like this\n" * 100)
    return {fault: str(path) for fault, path in files.items()} | {"unreachable": "root://127.0.0.1:9//no/file.root"}


@dataclass(frozen=True)
class Met:
    """What became of analyses of bad files, all of them through one client.

    Attributes
    ----------
    messages
        Of the errors, by fault.
    afterwards
        Events that an analysis of the good file counted after each of them.
    left_out
        The warning about files that were skipped.
    rest
        Events that were analysed of the rest.
    workers
        Process ids, before and after.
    """

    messages: dict[str, str]
    afterwards: dict[str, int]
    left_out: str
    rest: int
    workers: tuple[set[int], set[int]]


def meet(framework: str, name: str, good: str, bad: dict[str, str]) -> Met:
    """Analyse the bad files one after the other, each beside the good one."""
    import os

    from af_lab_examples import adl, adl_coffea
    from af_lab_examples.checking import resolve
    from coffea import processor

    import af_lab
    from af_lab.errors import AfLabError

    with af_lab.cluster(name) as cluster, cluster.get_client() as client:

        def analyse(files: list[str]) -> int:
            result: dict[str, Any]
            if framework == "Coffea":
                result = adl_coffea.run(files, processor.DaskExecutor(client=client, status=False))
            else:
                from af_lab_examples import dimuon_rdf

                result = dimuon_rdf.run(files, client, npartitions=4)
            return int(result["counts"]["events"])

        before = set(client.run(os.getpid).values())
        messages, afterwards = {}, {}
        for fault, file in bad.items():
            try:
                analyse([good, file])
            except Exception as error:
                traceback.format_exception(error)  # as a notebook does; some errors of C++ end the process here
                messages[fault] = str(error) if isinstance(error, AfLabError) else f"not told: {error!r}"
            afterwards[fault] = analyse([good])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            skipped = [bad[fault] for fault in SKIPPED]
            files = resolve([good, *skipped], skip_bad=True, branches=adl.branches())
        left_out = "".join(str(warning.message) for warning in caught if warning.category is UserWarning)
        return Met(messages, afterwards, left_out, analyse(files), (before, set(client.run(os.getpid).values())))
