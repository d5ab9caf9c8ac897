"""Everything of one cluster, laid out for reading."""

from __future__ import annotations

import pytest

from af_lab.cli.details import MOST_WORKERS, cluster_details
from af_lab.model.computation import Progress
from af_lab.model.info import ClusterInfo
from af_lab.model.snapshot import Counts, Trouble, WorkerInfo
from af_lab.model.spec import make_spec
from tests.cli.support import NOW, cluster_info, drawn, moment, screen, worker_info


def details(info: ClusterInfo, workers: list[WorkerInfo], *, every: bool = False, width: int = 80) -> list[str]:
    return drawn(cluster_details(screen(width), info, workers, NOW, every=every), width)


def test_details_say_everything() -> None:
    spec = make_spec(
        {"name": "dimuon", "gpus": 1, "variables": {"TOKEN": "hush"}, "submit": {"+Want": True}, "idle_timeout": 7200}
    )
    info = cluster_info(
        spec=spec,
        reason="The Dask scheduler did not answer just now.",
        ends_at=moment(600),
        cpu=0.75,
        memory_use=0.35,
        progress=Progress(1234, 20_000, 12, 3, 310.4, 60),
        activity="waiting",
        doing="processing",
        kept_results=340,
        kept_bytes=1.2e9,
        troubles=(Trouble(NOW - 60, "124.1", "was evicted"), Trouble(NOW - 30, "124.2", "was held")),
    )
    lines = details(info, [worker_info()])
    text = "\n".join(lines)
    assert max(map(len, lines)) <= 80
    for part in (
        "dimuon  ● running  job 123, created 2 h ago",
        "did not answer",
        "12 of 20 connected",
        "█ 12 connected",
        "Tasks         1 234 of 20 000 tasks done, 12 run, 18 751 wait, 3 failed, 310/s,",
        "about 60 s left",
        "Work          processing, waiting for files",
        "CPU           75 % of the cores of the connected workers, 35 % of their memory",
        "1 GPU",
        "Python 3.11.7",
        "TOKEN",
        "+Want = True",
        "ends in 10 min: 2 h without tasks",
        "340 results, 1.2 GB",
        "tls://10.0.0.1:8786",
        "node7",
    ):
        assert part in text, part
    assert "hush" not in text
    assert text.index("was held") < text.index("was evicted")


def test_details_of_many_workers_begin_with_those_in_trouble() -> None:
    workers = [worker_info(id=f"124.{number}") for number in range(MOST_WORKERS + 5)]
    workers[-1] = worker_info(id="124.99", state="held", reason="out of disk")
    lines = details(cluster_info(), workers)
    rows = [line.split()[0] for line in lines if line.startswith("124.")]
    assert len(rows) == MOST_WORKERS
    assert rows[0] == "124.99"
    assert lines[-1] == "and 5 more worker jobs; --all shows them"
    every = details(cluster_info(), workers, every=True)
    assert sum(line.startswith("124.") for line in every) == len(workers)


@pytest.mark.parametrize("state", ["ended", "failed"])
def test_details_of_a_cluster_that_is_over_have_no_bar(state: str) -> None:
    info = cluster_info(
        state="ended", reason="Without tasks for 1 h.", ended=moment(-1800), counts=Counts(requested=20)
    )
    text = "\n".join(details(info, []))
    assert "○ ended" in text
    assert "ended 30 min ago" in text
    assert "Without tasks for 1 h." in text
    assert "requested" not in text
    assert "CPU" not in text
