"""The values that options take."""

from __future__ import annotations

import math

import click
import pytest

from af_lab.cli.param_types import Assignment, Duration, Variable, typed


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
    with pytest.raises(click.BadParameter, match="AF_LAB_TEST_TOKEN is not set in this shell"):
        Variable().convert("AF_LAB_TEST_TOKEN", None, None)


def test_submit_command_without_a_value_is_refused() -> None:
    assert Assignment().convert("+Want = a=b", None, None) == ("+Want", "a=b")
    with pytest.raises(click.BadParameter, match="KEY=VALUE"):
        Assignment().convert("+Want", None, None)


def test_durations() -> None:
    assert Duration().convert("2 h", None, None) == 7200
    assert Duration(or_never=True).convert("Never", None, None) == math.inf
    with pytest.raises(click.BadParameter, match="is not a duration"):
        Duration().convert("never", None, None)
    with pytest.raises(click.BadParameter, match="or 'never'"):
        Duration(or_never=True).convert("soon", None, None)
