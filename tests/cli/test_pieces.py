"""What the commands are made of, without HTCondor."""

from __future__ import annotations

import math

import click
import pytest

from af_lab.cli.param_types import Assignment, Duration, Variable, typed
from af_lab.cli.stop import choose, farewell, loss
from af_lab.cli.unknown_name import no_such_cluster
from af_lab.cli.waiting import LOG_EVERY, LOG_FIRST, ProgressLine
from af_lab.errors import ClusterNotFound
from af_lab.model.snapshot import Counts
from tests.cli.support import cluster_info


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("1.5", 1.5),
        ("2e3", 2000.0),
        ("true", True),
        ("False", False),
        ("", ""),
        ("nan", "nan"),
        ("1 2", "1 2"),
        ("group_phys.dimuon", "group_phys.dimuon"),
    ],
)
def test_value_of_a_submit_command_is_what_it_looks_like(text: str, value: object) -> None:
    found = typed(text)
    assert found == value
    assert type(found) is type(value)


def test_variable_without_a_value_is_taken_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AF_LAB_TEST_TOKEN", "hush=hush")
    assert Variable().convert("AF_LAB_TEST_TOKEN", None, None) == ("AF_LAB_TEST_TOKEN", "hush=hush")
    assert Variable().convert("A=b=c", None, None) == ("A", "b=c")
    assert Variable().convert("A=", None, None) == ("A", "")
    monkeypatch.delenv("AF_LAB_TEST_TOKEN")
    with pytest.raises(click.BadParameter, match="AF_LAB_TEST_TOKEN is not set here"):
        Variable().convert("AF_LAB_TEST_TOKEN", None, None)


def test_submit_command_without_a_value_is_refused() -> None:
    assert Assignment().convert("+Want = a=b", None, None) == ("+Want", "a=b")
    with pytest.raises(click.BadParameter, match="KEY=VALUE"):
        Assignment().convert("+Want", None, None)


def test_durations() -> None:
    assert Duration().convert("2 h", None, None) == 7200
    assert Duration(or_never=True).convert("Never", None, None) == math.inf
    with pytest.raises(click.BadParameter, match="is no duration"):
        Duration().convert("never", None, None)
    with pytest.raises(click.BadParameter, match="or 'never'"):
        Duration(or_never=True).convert("soon", None, None)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["dimuon", "higgs"], "You have no cluster 'dimoun'. Did you mean 'dimuon'?"),
        (["Dimoun-2026"], "You have no cluster 'dimoun'. Did you mean 'Dimoun-2026'?"),
        (["zee", "ttbar"], "You have no cluster 'dimoun'. Those you have: ttbar, zee."),
        ([], "You have no cluster 'dimoun', nor any other. `af-lab cluster create` starts one."),
    ],
)
def test_unknown_name_suggests_close_ones(names: list[str], said: str) -> None:
    assert no_such_cluster("dimoun", names) == said


def test_of_many_names_some_are_listed() -> None:
    assert no_such_cluster("x", [f"zz{number:02}" for number in range(30)]).endswith("zz09 and others.")


def test_stopping_means_the_cluster_that_exists() -> None:
    old, new = cluster_info(id=1, state="ended"), cluster_info(id=2)
    other = cluster_info(name="higgs", id=3, state="failed")
    infos = [old, new, other]
    assert choose(infos, ["dimuon", "dimuon"]) == [new]
    assert choose(infos, []) == [new, other]
    assert choose([old], ["dimuon"]) == [old]
    with pytest.raises(ClusterNotFound, match=r"'higs'.*mean 'higgs'.*Nothing was stopped"):
        choose(infos, ["dimuon", "higs"])


def test_stopping_says_what_is_lost() -> None:
    info = cluster_info(kept_results=2, kept_bytes=3_000_000)
    assert loss(info) == "12 workers, 6 waiting workers, 2 results (3 MB) in their memory and its tasks under way"
    assert loss(cluster_info(state="pending", counts=Counts(requested=1))) == "no workers"
    assert loss(cluster_info(state="pending", counts=Counts(requested=1, idle=1))) == "1 waiting worker"
    assert "it had no workers" in farewell(cluster_info(state="failed", counts=Counts()))
    assert "had ended already" in farewell(cluster_info(state="ended"))


def test_progress_off_a_terminal_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    clock = [0.0]
    with ProgressLine(as_json=False, now=lambda: clock[0]) as line:
        line.show("too early")
        clock[0] = LOG_FIRST
        line.show("[12] of 20")
        line.show("too soon")
        clock[0] += LOG_EVERY
        line.show("[12] of 20")
        line.show("20 of 20")
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "[12] of 20\n20 of 20\n"


def test_progress_is_silent_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    clock = [0.0]
    with ProgressLine(as_json=True, now=lambda: clock[0]) as line:
        clock[0] = 100
        line.show("12 of 20")
    assert capsys.readouterr() == ("", "")
