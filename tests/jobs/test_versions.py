"""Versions that have to agree."""

from __future__ import annotations

import pytest

from af_lab.jobs.versions import Versions, mismatches

HERE = Versions(python="3.12.4", dask="2026.8.0", distributed="2026.8.0", af_lab="0.1.0")


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        (HERE.as_dict(), []),
        ({}, []),
        ({"python": "3.12.11", "dask": "2026.8.1", "distributed": "2026.8.1", "af_lab": "0.2.0"}, []),
        ({"python": "3.11.4"}, ["python 3.12.4 here, 3.11.4 in the cluster"]),
        ({"python": "3.1.4"}, ["python 3.12.4 here, 3.1.4 in the cluster"]),
        (
            {"dask": "2026.7.0", "distributed": "2025.8.0"},
            ["dask 2026.8.0 here, 2026.7.0 in the cluster", "distributed 2026.8.0 here, 2025.8.0 in the cluster"],
        ),
    ],
)
def test_minor_versions_decide_whether_two_environments_understand_each_other(
    theirs: dict[str, str], told: list[str]
) -> None:
    assert mismatches(HERE, theirs) == told
