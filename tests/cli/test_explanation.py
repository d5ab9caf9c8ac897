"""Why workers wait, laid out for reading."""

from __future__ import annotations

from af_lab.cli.explanation import explanation_in_words
from af_lab.condor.explain import Cause, Explanation, SiteMatch
from af_lab.model.snapshot import Counts
from tests.cli.support import LONG, cluster_info, drawn


def test_explanation_begins_with_what_matters() -> None:
    sites = (SiteMatch("Legnaro", 0, 3), SiteMatch(None, 2, 1200))
    explanation = Explanation(
        Cause.BUSY,
        "3 slots match, all busy",
        "",
        "6 wait in the queue: 3 slots match, all busy",
        (LONG, "Wait."),
        *(6, 0, 2, 1203, sites),
    )
    first, *rest = drawn(explanation_in_words(cluster_info(), explanation, 120), 120)
    assert first == "dimuon: 12 of 20 workers connected, 6 wait in the queue: 3 slots match, all busy."
    assert [line for line in rest if line.startswith(" - ")] == [f" - {LONG}", " - Wait."]
    assert rest[-2].split() == ["Legnaro", "0", "3"]
    assert rest[-1].split() == ["(no", "site)", "2", "1200"]
    narrow = drawn(explanation_in_words(cluster_info(), explanation, 50), 50)
    assert " ".join(" ".join(narrow).split()).count(LONG) == 1


def test_explanation_without_sites_tells_the_room_in_a_sentence() -> None:
    nothing = Explanation(None, "", "", "", (), 0, 0, 1, 7, (SiteMatch(None, 1, 7),))
    first, *_, last = drawn(explanation_in_words(cluster_info(counts=Counts(2, connected=2)), nothing, 80))
    assert first == "dimuon: 2 of 2 workers connected, no worker waits or is on hold."
    assert last == "The pool has room for 1 such job now, and for 7 such jobs when it is empty."


def test_explanation_of_a_failed_cluster_is_its_reason() -> None:
    nothing = Explanation(None, "", "", "", (), 0, 0, 1, 7, (SiteMatch(None, 1, 7),))
    failed = cluster_info(state="failed", reason="Too old.")
    assert drawn(explanation_in_words(failed, nothing, 80)) == ["dimuon: failed.", " - Too old."]
