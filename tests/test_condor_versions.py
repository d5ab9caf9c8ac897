"""Which bindings fit which daemons; tests/condor/test_other_versions.py has both run."""

from __future__ import annotations

import pytest

from af_lab.condor_versions import bindings_for, work_together


@pytest.mark.parametrize(
    ("daemons", "bindings", "together"),
    [
        ("25.14.1", "25.14.1", True),
        ("25.14.1", "25.0.14", True),
        ("25.14.1", "24.0.24", True),
        ("25.14.1", "23.10.29", True),
        ("24.0.7", "25.14.1", True),
        ("23.9.6", "23.10.29", True),
        ("23.10.2", "24.12.24", False),
        ("23.9.6", "25.14.1", False),
        ("23.9.6", None, True),
        ("23.0.28", "23.0.28", False),
        ("10.9.0", None, False),
    ],
)
def test_daemons_of_23_need_bindings_of_23(daemons: str, bindings: str | None, together: bool) -> None:
    assert work_together(daemons, bindings) is together


@pytest.mark.parametrize(
    ("daemons", "line"),
    [
        ("23.9.6", "htcondor==23.10.*"),
        ("23.0.28", "htcondor==23.10.*"),
        ("10.9.0", "htcondor==23.10.*"),
        ("24.0.7", "htcondor==24.*"),
        ("25.14.1", "htcondor==25.*"),
    ],
)
def test_the_bindings_to_install_are_named(daemons: str, line: str) -> None:
    assert bindings_for(daemons) == line
