from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from af_lab.condor.helper_connection import HelperConnection
from af_lab.errors import BindingsMissing, CondorAbsent, CondorError, CondorUnavailable
from tests.support import daemon_pid, until, wait

Call = tuple[str, dict[str, Any]]

QUERY: Call = ("query", {"constraint": "true", "projection": ["ClusterId"], "limit": -1})
SLOTS: Call = ("slots", {"job": None, "sites": {}})


@pytest.fixture
def short() -> Iterator[HelperConnection]:
    connection = HelperConnection(3)
    yield connection
    connection.close()


@pytest.mark.pool
async def test_a_frozen_schedd_ends_the_call_in_time_and_nothing_blocks(short: HelperConnection) -> None:
    await short.acall("query", constraint="true", projection=["ClusterId"], limit=-1)
    helper, schedd = short.pid, daemon_pid("schedd")
    os.kill(schedd, signal.SIGSTOP)
    stalls: list[float] = []

    async def probe() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            stalls.append(time.perf_counter() - before - 0.005)

    probing = asyncio.create_task(probe())
    try:
        began = time.monotonic()
        calls = [short.acall("query", constraint="true", projection=["ClusterId"], limit=-1) for _ in range(3)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        took = time.monotonic() - began
    finally:
        os.kill(schedd, signal.SIGCONT)
        probing.cancel()
    assert all(type(answer) is CondorUnavailable for answer in answers), answers
    assert "within 3 s" in str(answers[0])
    assert took < 3 * 3, "calls that wait for others keep their own deadline"
    # Far above what a busy machine shows, far below the call itself.
    assert max(stalls) < 2, "the event loop stood still"
    await until(lambda: answers_again(short), "HTCondor answers again")
    assert short.pid != helper, "the late helper was replaced"


async def answers_again(connection: HelperConnection) -> bool:
    try:
        await connection.acall("query", constraint="true", projection=["ClusterId"], limit=-1)
    except CondorUnavailable:
        return False
    return True


@pytest.mark.parametrize("config", ["/dev/null", "/nowhere/condor_config"])
def test_without_htcondor_there_is_a_remedy(
    short: HelperConnection, monkeypatch: pytest.MonkeyPatch, config: str
) -> None:
    monkeypatch.setenv("CONDOR_CONFIG", config)
    for method, params in (QUERY, SLOTS):
        with pytest.raises(CondorAbsent, match=r"has no configuration .* `af-lab pool start`"):
            short.call(method, **params).result(120)


@pytest.mark.pool
def test_a_configuration_that_comes_late_is_found(
    short: HelperConnection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config, method, params = tmp_path / "condor_config", *QUERY
    pool = os.environ["CONDOR_CONFIG"]
    monkeypatch.setenv("CONDOR_CONFIG", str(config))
    for _ in range(3):
        with pytest.raises(CondorAbsent):
            short.call(method, **params).result(120)
    assert capfd.readouterr().err.count("does not exist") <= 1, "the bindings complain once"
    helper = short.pid
    config.write_text(f"include : {pool}\n")
    # The one that fails makes the helper look again.
    with pytest.raises(CondorAbsent):
        short.call(method, **params).result(120)
    assert isinstance(short.call(method, **params).result(120), list)
    assert short.pid == helper


@pytest.mark.parametrize(
    "lines", ["raise ModuleNotFoundError('there is none')", "raise ImportError('libcondor_utils.so: cannot open')"]
)
def test_bindings_that_cannot_be_imported_have_their_own_error(
    short: HelperConnection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lines: str
) -> None:
    (tmp_path / "htcondor2.py").write_text(lines)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    method, params = QUERY
    with pytest.raises(BindingsMissing, match=f"imported: .*{sys.executable} -m pip install htcondor"):
        short.call(method, **params).result(120)
    (tmp_path / "htcondor2.py").unlink()
    assert short.call("parameters", names=[]).result(120) == {}, "once they are there they are used"


@pytest.mark.pool
def test_a_refusal_is_told_as_one(connection: HelperConnection) -> None:
    with pytest.raises(CondorError, match="refused") as caught:
        connection.call("submit", description={"universe": "nonsense"}, count=1).result(120)
    assert not isinstance(caught.value, CondorUnavailable)


def test_a_helper_that_was_killed_is_started_anew(connection: HelperConnection) -> None:
    connection.call("parameters", names=[]).result(120)
    pid = connection.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait(lambda: state_of(pid) in ("Z", None), "the helper is dead")
    assert connection.call("parameters", names=["NONE_SUCH"]).result(120) == {"NONE_SUCH": None}
    assert connection.pid != pid


def state_of(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return None


def test_the_helper_dies_with_its_parent() -> None:
    program = (
        "import time; from af_lab.condor.helper_connection import HelperConnection; c = HelperConnection(20); "
        "c.call('parameters', names=[]).result(); print(c.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        helper = int(parent.stdout.readline())
        parent.kill()
    wait(lambda: state_of(helper) in ("Z", None), "the helper is gone")


def test_an_interrupt_from_the_keyboard_does_not_reach_the_helper(connection: HelperConnection) -> None:
    connection.call("parameters", names=[]).result(120)
    pid = connection.pid
    assert pid is not None
    os.kill(pid, signal.SIGINT)
    connection.call("parameters", names=[]).result(120)
    assert connection.pid == pid


def test_a_sitecustomize_that_prints_does_not_end_the_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('welcome to the analysis facility', flush=True)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    connection = HelperConnection(30)
    try:
        assert connection.call("parameters", names=["CONDOR_HOST"]).result(timeout=60).keys() == {"CONDOR_HOST"}
        assert connection.call("parameters", names=[]).result(timeout=60) == {}
    finally:
        connection.close()
