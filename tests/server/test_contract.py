"""The document of the interface against a live server: by schemathesis, and by calls that no client would make."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

import af_lab
from af_lab.condor.queue import Queue
from af_lab.runs.run_manager import RunManager
from af_lab.server.api_documents import OPENAPI
from tests.server.contract import DOCUMENT, check_answer
from tests.server.live import TOKEN, Server, alive, all_children, served
from tests.support import wait, with_queue

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left")]

ROUNDS = 8
"""How often schemathesis may begin again, each time with other data, until each operation has succeeded once.

One or two are usual: of a cluster's workers it can end one only when HTCondor has started one before.
"""

LONG = 285
"""Seconds of the one round of the system test, in which it calls the server some 15,000 times."""

LIMIT = 600
"""Seconds that a round may take on a busy machine."""

RUNS = 20
"""Runs of each round; schemathesis finds the first of those that it has not removed."""

CONFIGURATION = """
seed = {seed}
{time}
base-url = "{url}"
request-timeout = 60
continue-on-failure = true

[headers]
Authorization = "token {token}"

[reports.ndjson]
path = "{report}"

[phases.fuzzing]
generation.max-examples = {examples}

# From a cluster by its workers to the end of one of them is a long way. Schemathesis would also guess at further
# links, which lead to workers that are none.
[phases.stateful]
max-steps = 15
generation.max-examples = 20
inference.algorithms = ["location-headers"]

# Authorization is the only header that is required. This check wants a 401 where it is missing, and Jupyter says 403;
# ignored_auth takes both.
[checks]
missing_required_header.enabled = false

# What no schema says: which kernels, sites and Pythons there are, that no minimum is above its maximum, how many bytes
# a text has, which submit commands are reserved, and that Python's whole numbers have no ".0".
[[operations]]
include-operation-id = ["createCluster", "match", "scaleCluster", "openExample"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404", "409"]

# A cluster that was ended is "stopping", and can be looked at, until HTCondor has removed its jobs.
[[operations]]
include-operation-id = ["getCluster", "listWorkers", "timeline", "logs", "explain", "listPlots"]
checks.use_after_free.enabled = false
"""

Operation = tuple[str, str]
OPERATIONS: set[Operation] = {
    (verb.upper(), route) for route, verbs in DOCUMENT["paths"].items() for verb in verbs if verb != "parameters"
}
# Nothing puts a worker's job on hold within these minutes.
NEVER_SUCCEEDS: Operation = ("POST", "/clusters/{name}/workers/{worker}/release")
VERBS = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"}

DEEP = 100_000
WRONG_BODIES = [
    b"",
    b"\xff",
    b'{"name": "\xff"}',
    b'{"name": "\xed\xa0\x80"}',
    b'{"name": "\\ud800"}',
    b'{"\\ud800": "x"}',
    b'{"name": "x", "workers": 1e400}',
    b'{"name": "x", "workers": NaN}',
    b'{"name": "x", "workers": %s}' % (b"9" * 5000),
    b'{"name": "x", "cores": %s}' % (b"9" * 4000),
    b'{"name": "x", "memory": 1e400}',
    b'{"name": "x", "memory": "1e400 GB"}',
    b'{"name": "x", "idle_timeout": ""}',
    b'{"name": "x", "idle_timeout": NaN}',
    b'{"name": "x", "adapt": {"minimum": -1e400, "maximum": 1e400}}',
    b'{"name": "x", "sites": ["\\ud800"]}',
    b'{"name": "x", "environment": {"kernel": "\\u0000"}}',
    b'{"name": "x", "environment": {"path": "\\ud800"}}',
    b'{"name": "x", "variables": {"A": "\\ud800"}}',
    b'{"name": "x", "submit": {"+A": "\\ud800"}}',
    b'{"name": "x", "submit": {"+A": 1e400}}',
    b'{"folder": "\\ud800"}',
    b'{"folder": "\\u0000"}',
    b'{"workers": "\\ud800"}',
    b"[" * DEEP + b"]" * DEEP,
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that tells of no fault in the end, nor what its token is."""
    limits = {"DASK_AF_LAB__LIMITS__WORKERS": "2", "DASK_AF_LAB__LIMITS__CLUSTERS": "3"}
    with served(tmp_path_factory.mktemp("contract") / "server", "/user/alice/", **limits) as server:
        yield server
        helpers = all_children(server.process.pid)
    wait(lambda: not any(alive(pid) for pid in helpers), "its helpers ended with it")
    log = server.log.read_text()
    assert TOKEN not in log
    # All statuses from 500 on are logged as errors; the 503 that routes have are not logged at all. Once distributed is
    # imported, tornado logs in its form.
    assert not re.search(r"^\[[EC] | - (ERROR|CRITICAL) - |^Traceback ", log, re.MULTILINE), log[-10_000:]


@pytest.fixture
def make_failed_runs() -> Iterator[Callable[[], None]]:
    """Make runs that can be repeated, because all that they did has failed."""

    made = []

    def make() -> None:
        for _ in range(RUNS):
            executor = af_lab.BatchExecutor(f"failed-{uuid.uuid4().hex}", memory="200 MB", quiet=True)
            made.append(executor.name)
            failing = executor.submit(divmod, 1, 0)
            executor.shutdown(wait=False)
        wait(failing.done, "the call of the last one has failed")

    async def remove(queue: Queue) -> None:
        manager = RunManager(lambda: queue)
        for name in {*made} & {batch.name for batch in af_lab.batches()}:
            await manager.remove(name)

    yield make
    with_queue(remove)


@pytest.mark.slow
@pytest.mark.timeout(ROUNDS * LIMIT)
def test_schemathesis_finds_nothing(server: Server, tmp_path: Path, make_failed_runs: Callable[[], None]) -> None:
    answers: dict[Operation, set[int]] = defaultdict(set)
    # Before there are clusters, which may take all slots.
    make_failed_runs()
    for seed in range(1, ROUNDS + 1):
        for operation, found in answers_to_schemathesis(server, tmp_path, seed, examples=8).items():
            answers[operation] |= found
        if silent(answers) == {NEVER_SUCCEEDS}:
            break
    assert silent(answers) == {NEVER_SUCCEEDS}
    assert answers[NEVER_SUCCEEDS], "it was called"


@pytest.mark.system
def test_schemathesis_finds_nothing_in_minutes(
    server: Server, tmp_path: Path, make_failed_runs: Callable[[], None]
) -> None:
    make_failed_runs()
    # Short turns, that all come several times: clusters take a while until they can do everything.
    answers = answers_to_schemathesis(server, tmp_path, seed=1, examples=20, time=f"max-time = {LONG}")
    assert silent(answers) == {NEVER_SUCCEEDS}


def answers_to_schemathesis(
    server: Server, folder: Path, seed: int, examples: int, time: str = ""
) -> Mapping[Operation, set[int]]:
    """Have schemathesis call the server, check that it finds nothing, and return the statuses of each operation."""
    document, report, configuration = (folder / name for name in ("openapi.yaml", "report.ndjson", "schemathesis.toml"))
    with urlopen(Request(f"{server.url}openapi.yaml", headers={"Authorization": f"token {TOKEN}"})) as answer:
        document.write_bytes(answer.read())
    assert document.read_bytes() == OPENAPI.read_bytes()
    url = server.url.rstrip("/")
    configuration.write_text(
        CONFIGURATION.format(seed=seed, time=time, examples=examples, url=url, token=TOKEN, report=report)
    )
    run = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", configuration, "run", document],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert run.returncode == 0, f"with the seed {seed} schemathesis found: {run.stdout}{run.stderr}"
    answers = statuses(report)
    report.unlink()  # it holds the token, and all that the tests wrote is searched for secrets
    return answers


def silent(answers: Mapping[Operation, set[int]]) -> set[Operation]:
    """Return the operations that never succeeded."""
    return {operation for operation in OPERATIONS if not any(200 <= status < 300 for status in answers[operation])}


def test_verbs_that_routes_do_not_have(server: Server) -> None:
    for route, known in DOCUMENT["paths"].items():
        path = route.format(name="nobody", worker="1.0", id="nothing")
        has = {verb.upper() for verb in known if verb != "parameters"}
        for verb in (VERBS | {"HEAD"}) - has:
            status, headers, _ = call(server, verb, path)
            assert status == 405, (verb, path)
            assert set(headers["Allow"].split(", ")) == has | {"OPTIONS"}
        status, _, content = call(server, "OPTIONS", path)
        assert (status, content) == (200, None)


@pytest.mark.parametrize(
    "path",
    [
        *("/none", "/none/", "/clusters/a/none", "/%00", "/%ff", "/%2F"),
        *("/clusters/%00", "/clusters/%ff", "/clusters/%2F", "/clusters/a%2Fworkers", "/clusters/a%0A"),
        *("/runs/%00", "/runs/a%2Flogs", "/runs/.removed-a", "/runs/a/none"),
        *("/clusters/a/workers/%ff", "/clusters/a/workers/1.010", "/examples/a/b/open"),
    ],
)
def test_paths_that_are_none(server: Server, path: str) -> None:
    for verb in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
        assert call(server, verb, path, b"{}")[0] == 404, verb


@pytest.mark.parametrize(
    ("verb", "path", "expected"),
    [
        ("GET", "/clusters?limit=1&limit=2", 200),
        ("GET", "/clusters?limit=1&limit=x", 400),
        ("GET", "/clusters?limit=", 400),
        ("GET", "/clusters?limit=+5", 400),
        ("GET", "/clusters?limit=5%00", 400),
        ("GET", "/clusters?limit=%D9%A3", 400),
        ("GET", "/clusters?limit=%ff", 400),
        ("GET", "/clusters?limit=99999999999999999999", 400),
        ("GET", "/clusters?cursor=%00", 200),
        ("GET", "/clusters?cursor=%2F", 200),
        ("GET", "/clusters?cursor=%25%ff", 400),
        ("GET", "/clusters?%ff=%ff&&=", 200),
        ("GET", "/clusters/nobody/logs?after=%ff", 400),
        ("GET", "/clusters/nobody/logs?worker=%00", 404),
        ("GET", "/runs?limit=1&limit=x", 400),
        ("GET", "/runs?cursor=%2F", 200),
        ("GET", "/runs/nobody/logs?task=%ff", 400),
        ("GET", "/runs/nobody/logs?task=%00", 404),
        ("GET", "/examples/%ff/thumbnail", 400),
        ("GET", "/examples/%00/thumbnail", 404),
        ("GET", "/examples/..%2F..%2Fpyproject/thumbnail", 404),
        ("POST", "/examples/%ff/open", 400),
        ("POST", "/examples/%2F/open", 404),
        ("POST", "/clusters?token=%ff", 400),
        # Jupyter itself reads these arguments.
        ("POST", "/clusters?no_track_activity=%ff", 400),
        ("PATCH", "/clusters/nobody?no_track_activity=%ff", 404),
        ("DELETE", "/clusters/nobody?no_track_activity=%ff", 404),
    ],
)
def test_odd_paths_and_queries(server: Server, verb: str, path: str, expected: int) -> None:
    status, _, content = call(server, verb, path, b'{"workers": 1}' if verb == "PATCH" else None)
    assert status == expected, content
    assert "%%" not in str(content)


@pytest.mark.parametrize("body", WRONG_BODIES, ids=range(len(WRONG_BODIES)))
def test_odd_bodies(server: Server, body: bytes) -> None:
    for verb, path in (("POST", "/clusters"), ("POST", "/match"), ("PATCH", "/clusters/nobody")):
        assert call(server, verb, path, body)[0] == 400, (verb, path)
    # It has a body only if a folder is chosen.
    assert call(server, "POST", "/examples/nothing/open", body)[0] == (400 if body else 404)
    assert call(server, "GET", "/clusters")[2]["clusters"] == []


def call(server: Server, verb: str, path: str, body: bytes | None = None) -> tuple[int, Message, Any]:
    """Make a call as it stands; return status, headers and content of its answer, which is one that is promised."""
    base = urlsplit(server.url)
    assert base.hostname
    connection = HTTPConnection(base.hostname, base.port, timeout=30)
    try:
        connection.request(verb, base.path.rstrip("/") + path, body, {"Authorization": f"token {TOKEN}"})
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    content = json.loads(text) if text else None
    if verb not in ("HEAD", "OPTIONS"):
        check_answer(verb, urlsplit(path).path, answer.status, content)
    return answer.status, answer.headers, content


def statuses(report: Path) -> dict[Operation, set[int]]:
    """Return the statuses that each operation answered with, as schemathesis reports it."""
    found: dict[Operation, set[int]] = defaultdict(set)
    with report.open() as lines:
        for line in lines:
            recorded = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            for id_, interaction in recorded.get("interactions", {}).items():
                case = recorded["cases"][id_]["value"]
                if "response" in interaction:
                    found[case["method"], case["path"]].add(interaction["response"]["status_code"])
    return found
