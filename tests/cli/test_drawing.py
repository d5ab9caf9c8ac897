"""What the commands draw."""

from __future__ import annotations

import datetime
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from af_lab.cli import funnel
from af_lab.cli.details import MOST_WORKERS, cluster_details
from af_lab.cli.explanation import explanation_in_words
from af_lab.cli.tables import clusters_table, state_text, workers_table
from af_lab.condor.explain import Explanation, SiteMatch
from af_lab.model.info import ClusterInfo
from af_lab.model.snapshot import Counts, Trouble, WorkerInfo
from af_lab.model.spec import make_spec
from tests.cli.support import NOW, adaptive, cluster_info, drawn, screen, worker_info

LONG = "The machine that the Dask scheduler ran on went away [red]twice[/red], and it was put on hold."


def moment(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(NOW + seconds, datetime.UTC)


def details(info: ClusterInfo, workers: list[WorkerInfo], *, every: bool = False, width: int = 80) -> list[str]:
    return drawn(cluster_details(screen(width), info, workers, NOW, every=every), width)


def test_list_says_state_workers_age_and_end() -> None:
    running = cluster_info(ends_at=moment(2520))
    adapting = cluster_info(name="higgs", counts=Counts(requested=3, running=3, connected=3), **adaptive(0, 100))
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
    for state in ("pending", "running", "stopping", "ended", "failed", "idle", "connected", "leaving", "held", "lost"):
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


@given(
    counts=st.builds(Counts, *[st.integers(0, 3000)] * 6),
    width=st.integers(10, 100),
)
def test_bar_has_a_cell_for_every_part_and_fills_its_width(counts: Counts, width: int) -> None:
    split = funnel.parts(counts)
    text = funnel.bar(split, width).plain
    for part in split:
        assert part.mark in text
    if split:
        assert len(text) == min(width, max(10, sum(part.workers for part in split)))


def test_bar_is_in_proportion() -> None:
    counts = Counts(requested=40, idle=10, running=25, connected=20, held=0, lost=1)
    split = funnel.parts(counts)
    assert [(part.name, part.workers) for part in split] == [
        ("connected", 20),
        ("starting", 4),
        ("lost", 1),
        ("idle", 10),
        ("not submitted yet", 5),
    ]
    assert funnel.bar(split, 40).plain == "█" * 20 + "▓" * 4 + "?" + "░" * 10 + "·" * 5
    assert funnel.bar(split, 40, ascii_only=True).plain.isascii()
    for name, number in asdict(counts).items():
        assert f"{name} {number}" in funnel.in_numbers(counts)


def test_details_say_everything() -> None:
    spec = make_spec(
        {"name": "dimuon", "gpus": 1, "variables": {"TOKEN": "hush"}, "submit": {"+Want": True}, "idle_timeout": 7200}
    )
    info = cluster_info(
        spec=spec,
        reason="The Dask scheduler did not answer just now.",
        ends_at=moment(600),
        cpu=0.75,
        kept_results=340,
        kept_bytes=1.2e9,
        troubles=(Trouble(NOW - 60, "124.1", "was evicted"), Trouble(NOW - 30, "124.2", "was held")),
    )
    lines = details(info, [worker_info()])
    text = "\n".join(lines)
    assert max(map(len, lines)) <= 80
    for part in (
        "dimuon  ● running  job 123, made 2 h ago",
        "did not answer",
        "12 of 20 connected",
        "█ 12 connected",
        "CPU           75 % of the cores of the connected workers",
        "1 GPU",
        "Python 3.11.7",
        "TOKEN",
        "+Want = True",
        "ends in 10 min: 2 h without tasks",
        "340 results, 1.2 GB",
        "tls://10.0.0.1:8786",
        "node7",
    ):
        assert part in text, part
    assert "hush" not in text
    assert text.index("was held") < text.index("was evicted")


def test_details_of_many_workers_begin_with_those_in_trouble() -> None:
    workers = [worker_info(id=f"124.{number}") for number in range(MOST_WORKERS + 5)]
    workers[-1] = worker_info(id="124.99", state="held", reason="out of disk")
    lines = details(cluster_info(), workers)
    rows = [line.split()[0] for line in lines if line.startswith("124.")]
    assert len(rows) == MOST_WORKERS
    assert rows[0] == "124.99"
    assert lines[-1] == "and 5 more worker jobs; --all shows them"
    every = details(cluster_info(), workers, every=True)
    assert sum(line.startswith("124.") for line in every) == len(workers)


@pytest.mark.parametrize("state", ["ended", "failed"])
def test_details_of_a_cluster_that_is_over_have_no_bar(state: str) -> None:
    info = cluster_info(
        state="ended", reason="Without tasks for 1 h.", ended=moment(-1800), counts=Counts(requested=20)
    )
    text = "\n".join(details(info, []))
    assert "○ ended" in text
    assert "ended 30 min ago" in text
    assert "Without tasks for 1 h." in text
    assert "requested" not in text
    assert "CPU" not in text


def test_explanation_begins_with_what_matters() -> None:
    sites = (SiteMatch("Legnaro", 0, 3), SiteMatch(None, 2, 1200))
    explanation = Explanation("6 wait in the queue: 3 slots match, all busy", (LONG, "Wait."), 6, 0, 2, 1203, sites)
    first, *rest = drawn(explanation_in_words(cluster_info(), explanation, 120), 120)
    assert first == "dimuon: 12 of 20 workers connected, 6 wait in the queue: 3 slots match, all busy."
    assert [line for line in rest if line.startswith(" - ")] == [f" - {LONG}", " - Wait."]
    assert rest[-2].split() == ["Legnaro", "0", "3"]
    assert rest[-1].split() == ["(no", "site)", "2", "1200"]
    narrow = drawn(explanation_in_words(cluster_info(), explanation, 50), 50)
    assert " ".join(" ".join(narrow).split()).count(LONG) == 1


def test_explanation_without_sites_tells_the_room_in_a_sentence() -> None:
    nothing = Explanation("", (), 0, 0, 1, 7, (SiteMatch(None, 1, 7),))
    first, *_, last = drawn(explanation_in_words(cluster_info(counts=Counts(2, 0, 2, 2)), nothing, 80))
    assert first == "dimuon: 2 of 2 workers connected, none waits or is on hold."
    assert last == "The pool has room for 1 such job now, and for 7 such jobs when it is empty."


def test_explanation_of_a_failed_cluster_is_its_reason() -> None:
    nothing = Explanation("", (), 0, 0, 1, 7, (SiteMatch(None, 1, 7),))
    failed = cluster_info(state="failed", reason="Too old.")
    assert drawn(explanation_in_words(failed, nothing, 80)) == ["dimuon: failed.", " - Too old."]
