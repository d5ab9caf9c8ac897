"""A computation of coffea whose scheduler is killed: the next run computes only what is missing."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from af_lab_examples.dimuon import DimuonSchema
from af_lab_examples.sample import process_sample
from coffea import processor

import af_lab
from tests.support import clean, wait, with_queue

pytestmark = [pytest.mark.pool, pytest.mark.slow]

EVENTS, CHUNK = 8_000, 1_000


@pytest.fixture
def cluster() -> Iterator[af_lab.Cluster]:
    with af_lab.cluster("checkpoint", workers=2) as cluster:
        cluster.wait_for_workers(2, timeout=120)
        yield cluster
        cluster.shutdown()
    with_queue(clean)


def counting(record: Path, gate: Path) -> processor.ProcessorABC:
    """Return a processor that leaves a line for each chunk, and stops at the sixth until a file is there."""
    noted, awaited = str(record), str(gate)

    class Counting(processor.ProcessorABC):  # type: ignore[misc]
        def process(self, events: Any) -> dict[str, int]:
            import os
            import time

            import awkward as ak

            with open(noted, "a") as chunks:
                chunks.write(f"{events.metadata['entrystart']}\n")
            with open(noted) as chunks:
                begun = len(chunks.readlines())
            while begun > 5 and not os.path.exists(awaited):
                time.sleep(0.05)
            return {"events": len(events), "muons": int(ak.sum(ak.num(events.Muon)))}

        def postprocess(self, accumulator: Any) -> Any:
            return accumulator

    return Counting()


def test_a_second_run_computes_only_the_rest(cluster: af_lab.Cluster, tmp_path: Path) -> None:
    record, gate = tmp_path / "record", tmp_path / "gate"
    sample = process_sample("dimuon", EVENTS, files=1, seed=5, folder=tmp_path, progress=False)
    files = {"dimuon": list(sample.files)}
    analysis = counting(record, gate)
    checkpoint = af_lab.Checkpoint(tmp_path / "kept")

    def run(executor: Any, used: Any) -> Any:
        made = processor.Runner(executor, schema=DimuonSchema, chunksize=CHUNK, checkpointer=used)
        return made(files, analysis, treename="Events")

    def kept() -> int:
        return len(list(checkpoint.folder.rglob("*.pickle")))

    with cluster.get_client() as client:
        failed: list[BaseException] = []

        def first() -> None:
            try:
                run(processor.DaskExecutor(client=client, status=False), checkpoint)
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=first)
        thread.start()
        wait(lambda: failed or kept() >= 4, "four chunks are kept")
        assert not failed
        runner = client.run_on_scheduler(os.getpid)
        os.kill(runner, signal.SIGKILL)
        thread.join(120)
        assert failed
    gate.touch()
    before = kept()
    cluster.wait_for_workers(2, timeout=120)
    record.write_text("")
    with cluster.get_client() as client:
        result = run(processor.DaskExecutor(client=client, status=False), checkpoint)
    # What a worker had begun goes on without a scheduler, and is kept as well.
    assert 0 < len(record.read_text().split()) <= EVENTS // CHUNK - before
    here = run(processor.IterativeExecutor(status=False), None)
    assert result == here
