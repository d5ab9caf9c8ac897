"""Why jobs are on hold."""

from __future__ import annotations

import pytest

from af_lab.condor.holds import Held, hold_reasons


def test_outgrown_memory_is_told_with_numbers() -> None:
    held = [Held((34, 102), "Job has gone over memory limit", 100_000_000, used) for used in (None, 160_000_000)]
    assert hold_reasons(held) == [
        "2 are on hold: memory outgrown (asked 100 MB, used 160 MB). Ask for more memory.",
    ]
    by_policy = Held((26, 0), "memory usage exceeded request_memory", 100_000_000, 160_000_000)
    assert "memory outgrown" in hold_reasons([by_policy])[0]
    other_policy = Held((26, 0), "too many starts", 100_000_000, 60_000_000)
    assert hold_reasons([other_policy])[0].startswith("1 is on hold: by a policy of the access point (too many starts)")


@pytest.mark.parametrize(
    ("code", "reason", "said"),
    [
        ((1, 0), "via condor_hold (by user physicist)", "by hand (via condor_hold (by user physicist)). Release"),
        (
            (6, 2),
            "Error from slot1_8@localhost: Failed to execute '/nonexistent/x': (errno=2: 'No such file or directory')",
            "their program could not be started (Error from slot1_8@localhost: Failed to execute '/nonexistent/x'",
        ),
        ((12, 2), "Transfer output files failure at execution point", "files could not be transferred back (Transfer"),
        (
            (13, 2),
            "Transfer input files failure at access point",
            "files could not be transferred to the machine (Transfer",
        ),
        (
            (34, 104),
            "Job has exceeded request_disk",
            "disk outgrown (Job has exceeded request_disk). Ask for more disk",
        ),
        ((46, 0), "The job exceeded allowed job duration of 60", "they lasted longer than is allowed (The job"),
        ((99, 0), "Something new.", "1 is on hold: Something new. Release them"),
        (None, None, "1 is on hold. Release them to try again."),
    ],
)
def test_each_hold_says_why_and_what_to_do(code: tuple[int, int] | None, reason: str | None, said: str) -> None:
    (sentence,) = hold_reasons([Held(code, reason)])
    assert said in sentence
    assert sentence.endswith(".")
