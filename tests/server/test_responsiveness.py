"""The server's event loop never waits for HTCondor, whatever is done and whatever hangs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server.live import OWN, TOKEN, Server, served
from tests.support import daemon_pid, wait

IN_QUEUE = ("waiting", "starting", "connected")

pytestmark = [pytest.mark.pool, pytest.mark.alone, pytest.mark.usefixtures("no_clusters_left")]

# Seconds that one step of the event loop may take, as DESIGN has it.
COMPUTED = 0.050
# Seconds for which it may wait. It does for the interpreter lock; while HTCondor is frozen it would wait for 20 s.
WAITED = 0.5


class Probes:
    """What the answers of two servers took, in seconds: that of one with the extension, and of one without."""

    def __init__(self, own: Server, plain: Server, figure: Callable[[str], None]) -> None:
        self._own = own
        self._figure = figure
        self._command = [sys.executable, "-m", "tests.server.probe", TOKEN, own.site, plain.site]

    def __call__(self, what: str, work: Callable[[], Any]) -> None:
        """Do some work while both are asked for their status, print what it took, and check the event loop."""
        self._stalls()
        with self._probing() as found:
            work()
        stalls = self._stalls()
        own, plain = (_figures(took) for took in found)
        steps = f"longest step {stalls['computed'] * 1000:.0f} ms, longest wait {stalls['waited'] * 1000:.0f} ms"
        self._figure(f"{what}: {own}; a server without: {plain}; {steps}")
        assert stalls["computed"] < COMPUTED, what
        assert stalls["waited"] < WAITED, what

    def _stalls(self) -> dict[str, float]:
        asked = urllib.request.Request(f"{self._own.site}stalls", headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            told: dict[str, float] = json.loads(answer.read())
        return told

    @contextmanager
    def _probing(self) -> Iterator[list[list[float]]]:
        found: list[list[float]] = []
        with subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as probe:
            try:
                yield found
                time.sleep(1)  # what was set off goes on a little
                said, _ = probe.communicate(timeout=60)
                found += json.loads(said)
            finally:
                probe.kill()


def _figures(took: list[float]) -> str:
    assert len(took) > 50
    return f"p99 {sorted(took)[int(len(took) * 0.99)] * 1000:.0f} ms, worst {max(took) * 1000:.0f} ms"


@contextmanager
def frozen(name: str) -> Iterator[None]:
    """Stop a daemon for as long as the block lasts."""
    pid = daemon_pid(name)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def refused(ask: Callable[[], Any]) -> tuple[int, dict[str, Any], float]:
    """Return status, body and seconds of a request that is answered with an error."""
    begun = time.monotonic()
    with pytest.raises(urllib.error.HTTPError) as error:
        ask()
    with error.value as answer:
        return answer.code, json.loads(answer.read()), time.monotonic() - begun


def test_the_loop_never_waits(tmp_path: Path, figure: Callable[[str], None]) -> None:
    watched, here = (OWN, "tests.server.stalls"), str(Path(__file__).parents[2])
    with (
        served(tmp_path / "own", extensions=watched, PYTHONPATH=here) as own,
        served(tmp_path / "plain", extensions=()) as plain,
    ):
        probes = Probes(own, plain, figure)
        own("GET", "clusters")
        probes("idle", lambda: time.sleep(5))

        def create() -> None:
            with ThreadPoolExecutor(5) as pool:
                list(pool.map(lambda n: own("POST", "clusters", {"name": f"c{n}", "workers": 1}), range(5)))

        probes("creating 5 clusters", create)

        def counts(name: str) -> dict[str, int]:
            found: dict[str, int] = own("GET", f"clusters/{name}")["counts"]
            return found

        wait(lambda: all(counts(f"c{n}")["connected"] == 1 for n in range(5)), "each has its worker", 120)

        def scale() -> None:
            own("PATCH", "clusters/c0", {"workers": 500})
            wait(
                lambda: sum(counts("c0")[state] for state in IN_QUEUE) == 500,
                "the jobs are there",
                60,
            )
            assert len(own("GET", "clusters/c0/workers")["workers"]) == 500

        probes("scaling one to 500 and listing its workers", scale)

        def plots() -> None:
            for _ in range(3):
                assert own("GET", "clusters/c1/plots")["plots"]

        probes("loading plots", plots)

        def freeze() -> None:
            begun = time.monotonic()
            with frozen("schedd"):
                listed = own("GET", "clusters")
                assert time.monotonic() - begun < 15, "the list does not wait for the schedd"
                assert len(listed["clusters"]) == 5
                with ThreadPoolExecutor(3) as pool:
                    asked = [
                        lambda: own("GET", "clusters/c1"),
                        lambda: own("PATCH", "clusters/c1", {"workers": 2}),
                        lambda: own("POST", "clusters", {"name": "late", "workers": 0}),
                    ]
                    for status, body, lasted in pool.map(refused, asked):
                        assert (status, body["code"]) == (503, "CondorUnavailable")
                        assert "does not answer" in body["message"]
                        assert "condor_status" in body["message"], "the remedy"
                        assert lasted < 30, "within the time-out"
                listed = own("GET", "clusters")
                assert listed["health"]["code"] == "CondorUnavailable"
                assert listed["seen"] == listed["health"]["seen"], "its age"
                assert len(listed["clusters"]) == 5

        probes("the schedd frozen until all calls have given up", freeze)

        def answers_again() -> bool:
            listed = own("GET", "clusters")
            return bool(listed["health"]["ok"]) and len(listed["clusters"]) == 5

        probes("thawing it", lambda: wait(answers_again, "the schedd answers again", 60))
        wait(lambda: counts("c1")["connected"] == 1, "nothing was lost")
