"""The tables of the commands."""

from __future__ import annotations

import pytest

from af_lab.cli.tables import STATES, clusters_table, state_text, workers_table
from af_lab.model.snapshot import Counts
from tests.cli.support import LONG, NOW, adaptive, cluster_info, drawn, moment, worker_info


def test_list_says_state_workers_age_and_end() -> None:
    running = cluster_info(ends_at=moment(2520))
    adapting = cluster_info(name="higgs", counts=Counts(requested=3, connected=3), **adaptive(0, 100))
    title, first, second = drawn(clusters_table([running, adapting], NOW, 80))
    assert title.split() == ["Name", "State", "Workers", "Cores", "Age", "Ends"]
    assert first.split() == ["dimuon", "●", "running", "12/20", "14", "2", "h", "in", "42", "min"]
    assert second.split() == ["higgs", "●", "running", "3/3", "(0-100)", "3", "2", "h"]


@pytest.mark.parametrize("name", ["dimuon", "n" * 63])
def test_list_fits_80_columns_and_hides_nothing(name: str) -> None:
    lasting = cluster_info(name=name, reason=LONG, ends_at=moment(3600), **adaptive(100, 2000))
    failed = cluster_info(name="short", state="failed", ended=moment(-60))
    lines = drawn(clusters_table([lasting, failed], NOW, 80))
    assert max(map(len, lines)) <= 80
    title, first, *more, last = lines
    assert "● running  12/20 (100-2000)     14  2 h  in 60 min" in first
    assert last.split() == ["short", "✗", "failed", "2", "h", "60", "s", "ago"]
    assert title.index("Cores") + len("Cores") == first.index(" 14") + len(" 14")
    folded = [line for line in more if not line.startswith(" ")]
    assert "".join([first.split()[0], *folded]) == name
    assert " ".join(" ".join(line.split()) for line in more if line.startswith(" ")) == LONG


def test_states_have_a_word_and_a_symbol_also_without_unicode() -> None:
    for state in STATES:
        assert state_text(state, ascii_only=False).plain.split()[1] == state
        symbol, word = state_text(state, ascii_only=True).plain.split()
        assert symbol.isascii()
        assert word == state


def test_workers_have_only_the_columns_that_say_something() -> None:
    plain = drawn(workers_table([worker_info()], 1, NOW, 80))
    assert plain[0].split() == ["Worker", "State", "Host", "For", "Memory", "Tasks"]
    assert plain[1].split() == ["124.0", "●", "connected", "node7", "90", "s", "2", "GB", "3"]
    full = worker_info(
        site="Legnaro", starts=2, reason="out of memory", memory_used=10**9, state="held", connected=0, host=None
    )
    titles, row, reason = drawn(workers_table([full], 4, NOW, 80))
    expected = ["Worker", "State", "Site", "Host", "For", "Connected", "Memory", "Tasks", "Starts"]
    assert titles.split() == expected
    for text in ("✗ held", "Legnaro", "0/4", "1 GB of 2 GB"):
        assert text in row
    assert reason.strip() == "out of memory"
