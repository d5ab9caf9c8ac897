"""Files that cannot be analysed: the error says which and what to do, and client and cluster go on as before."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot
from af_lab_examples.sample import Sample, process_sample

import af_lab
from tests.examples.isolated import isolated
from tests.support import clean, with_queue

pytestmark = [pytest.mark.pool, pytest.mark.slow]

CLUSTER = "faults"
EVENTS = 5_000
FRAMEWORKS = ("Coffea", "RDataFrame")
# what an error must say is wrong, and what to do
FAULTS = {
    "missing branch": ("lacks", "choose files that have what the analysis reads"),
    "empty": ("is empty", "fetch or make it again"),
    "truncated": ("is cut off", "fetch or make it again"),
    "no ROOT file": ("is no ROOT file", "remove it from the list"),
    "unreachable": ("does not answer", "check the address and this machine's network"),
}


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


def meet(framework: str, good: str, bad: dict[str, str]) -> Met:
    """Analyse the bad files one after the other, each beside the good one."""
    import os

    from af_lab_examples import adl, adl_coffea
    from af_lab_examples.checking import resolve
    from coffea import processor

    import af_lab
    from af_lab.errors import AfLabError

    with af_lab.cluster(CLUSTER) as cluster, cluster.get_client() as client:

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
                messages[fault] = str(error) if isinstance(error, AfLabError) else f"not told: {error!r}"
            afterwards[fault] = analyse([good])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            files = resolve([good, *bad.values()], skip_bad=True, branches=adl.branches())
        left_out = "".join(str(warning.message) for warning in caught if warning.category is UserWarning)
        return Met(messages, afterwards, left_out, analyse(files), (before, set(client.run(os.getpid).values())))


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with af_lab.cluster(CLUSTER, workers=2) as cluster:
        cluster.wait_for_workers(2, timeout=120)
        yield
        cluster.shutdown()
    with_queue(clean)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("samples")
    return process_sample("single-muon", EVENTS, files=1, seed=3, folder=folder, progress=False)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory, good: Sample) -> dict[str, str]:
    """Return files by what is wrong with them."""
    folder = tmp_path_factory.mktemp("bad")
    files = {fault: folder / f"{fault.replace(' ', '-')}.root" for fault in FAULTS if fault != "unreachable"}
    with uproot.recreate(files["missing branch"]) as root:
        root["Events"] = {"nMuon": np.ones(3, np.uint32)}
    files["empty"].touch()
    whole = Path(good.files[0]).read_bytes()
    files["truncated"].write_bytes(whole[: len(whole) // 2])
    files["no ROOT file"].write_text("root: there is none in here, but a list of users may begin like this\n" * 100)
    return {fault: str(path) for fault, path in files.items()} | {"unreachable": "root://127.0.0.1:9//no/file.root"}


@pytest.fixture(scope="module", params=FRAMEWORKS)
def met(request: pytest.FixtureRequest, cluster: None, good: Sample, bad: dict[str, str]) -> Met:
    found: Met = isolated(meet, request.param, good.files[0], bad)
    return found


@pytest.mark.parametrize("fault", FAULTS)
def test_the_error_names_the_file_and_what_to_do(met: Met, fault: str, good: Sample, bad: dict[str, str]) -> None:
    message = met.messages[fault]
    assert "not told" not in message
    assert bad[fault] in message
    assert good.files[0] not in message
    for words in FAULTS[fault]:
        assert words in message


def test_client_and_cluster_live_on(met: Met) -> None:
    assert met.afterwards == dict.fromkeys(FAULTS, EVENTS)
    before, after = met.workers
    assert before == after
    assert len(before) == 2


def test_the_rest_is_analysed_if_one_says_so(met: Met, bad: dict[str, str]) -> None:
    assert met.rest == EVENTS
    assert "5 of 6 files cannot be analysed" in met.left_out
    assert all(file in met.left_out for file in bad.values())
