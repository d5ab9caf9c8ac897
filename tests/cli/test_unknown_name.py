"""Names that no cluster has."""

from __future__ import annotations

import pytest

from af_lab.cli.unknown_name import no_such_cluster


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["dimuon", "higgs"], "You have no cluster 'dimoun'. Did you mean 'dimuon'?"),
        (["Dimoun-2026"], "You have no cluster 'dimoun'. Did you mean 'Dimoun-2026'?"),
        (["zee", "ttbar"], "You have no cluster 'dimoun'. Your clusters: ttbar, zee."),
        ([], "You have no cluster 'dimoun', and no other clusters. Create one with `af-lab cluster create`."),
    ],
)
def test_unknown_name_suggests_close_ones(names: list[str], said: str) -> None:
    assert no_such_cluster("dimoun", names) == said


def test_of_many_names_some_are_listed() -> None:
    assert no_such_cluster("x", [f"zz{number:02}" for number in range(30)]).endswith("zz09 and others.")
