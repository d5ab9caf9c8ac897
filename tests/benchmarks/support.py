"""What the benchmarks share: a quiet queue, measurements in turns, tables, and the schedd's own statistics."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.support import wait

__all__ = ["PEER", "ScheddWork", "alternate", "empty_queue", "jobs_queued", "report", "schedd_work", "table"]

# What dask-jobqueue's HTCondorCluster is asked for beside a cluster of ours.
PEER: dict[str, Any] = {"cores": 1, "processes": 1, "memory": "2 GB", "disk": "1 GB"}
QUERIES = ("QUERY_JOB_ADS", "QUERY_JOB_ADS_WITH_AUTH", "QMGMT_READ_CMD")
TRANSACTIONS = ("QMGMT_WRITE_CMD", "ACT_ON_JOBS")


def jobs_queued() -> int:
    """Count the jobs in the queue."""
    done = subprocess.run(["condor_q", "-af", "ClusterId"], capture_output=True, text=True, check=True)
    return len(done.stdout.split())


@contextmanager
def empty_queue() -> Iterator[None]:
    """Leave a queue without jobs, so that one measurement does not weigh on the next."""
    yield
    subprocess.run(["condor_rm", "-all"], capture_output=True, check=False)
    wait(lambda: jobs_queued() == 0, "the queue is empty", seconds=300)


@dataclass(frozen=True)
class ScheddWork:
    """What a schedd had done at one moment.

    Attributes
    ----------
    queries, transactions
        Commands of clients since it started.
    busy
        Seconds that it worked on them.
    """

    queries: int
    transactions: int
    busy: float
    when: float

    def since(self, before: ScheddWork) -> tuple[float, float, float]:
        """Return queries and transactions per second, and the share of the time it worked on them."""
        seconds = self.when - before.when
        return (
            (self.queries - before.queries) / seconds,
            (self.transactions - before.transactions) / seconds,
            (self.busy - before.busy) / seconds,
        )


def schedd_work() -> ScheddWork:
    """Ask the schedd for its statistics; this question is none of those that are counted."""
    name = subprocess.run(["condor_status", "-schedd", "-af", "Name"], capture_output=True, text=True, check=True)
    ad = subprocess.run(
        ["condor_status", "-schedd", "-long", "-statistics", "ALL:3", "-direct", name.stdout.strip()],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    values = dict(line.split(" = ", 1) for line in ad.splitlines() if line.startswith("DCCommand_"))

    def total(commands: Sequence[str], suffix: str = "") -> float:
        return sum(float(values.get(f"DCCommand_{command}{suffix}", 0)) for command in commands)

    return ScheddWork(
        queries=int(total(QUERIES)),
        transactions=int(total(TRANSACTIONS)),
        busy=total([*QUERIES, *TRANSACTIONS], "Runtime"),
        when=time.monotonic(),
    )


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> None:
    """Print figures."""
    drawn = Table(title=title, caption=caption or None)
    for index, column in enumerate(columns):
        drawn.add_column(column, justify="right" if index else "left")
    for row in rows:
        drawn.add_row(*row)
    Console(width=110).print(drawn)


def report(
    title: str, aim: str, ours: list[float], peers: list[float], peer: str = "dask-jobqueue HTCondorCluster"
) -> None:
    """Print seconds beside those of the peer, and their ratio."""
    rows = []
    for name, figures in (("af_lab", ours), (peer, peers)):
        spread = (statistics.median(figures), min(figures), max(figures))
        rows.append([name, *(f"{figure:.2f} s" for figure in spread), str(len(figures))])
    ratio = statistics.median(ours) / statistics.median(peers)
    rows.append(["af_lab / peer", f"{ratio:.2f}", "", "", ""])
    table(title, ["", "median", "best", "worst", "rounds"], rows, f"aim: {aim}")


def alternate(ours: Callable[[], float], peers: Callable[[], float], rounds: int) -> tuple[list[float], list[float]]:
    """Measure in turns: a noisy machine is then as noisy for both."""
    pairs = [(ours(), peers()) for _ in range(rounds)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
