"""Limits on the time of jobs, as facilities write them."""

from __future__ import annotations

import pytest

from af_lab.jobs.time_limits import time_limit

HOUR = 3600.0


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ({}, None),
        ({"universe": "vanilla", "+Group": '"cms"'}, None),
        ({"+MaxRuntime": "7200"}, 2 * HOUR),
        ({"My.MaxRuntime": "2 * 3600"}, 2 * HOUR),
        ({"MY.maxruntime": "UNDEFINED"}, None),
        ({"+RequestRuntime": "10800"}, 3 * HOUR),
        ({"+MaxWallTimeMins": "90"}, 1.5 * HOUR),
        ({"+JobFlavour": '"tomorrow"'}, 24 * HOUR),
        ({"My.JobFlavour": "espresso"}, HOUR / 3),
        ({"+JobFlavour": '"none of them"'}, None),
        ({"+JobFlavour": '"workday"', "+MaxRuntime": "600"}, 600),
        ({"allowed_job_duration": "3600"}, HOUR),
        ({"AllowedExecuteDuration": "1800"}, HOUR / 2),
        ({"periodic_remove": "(JobStatus == 2) && ((time() - EnteredCurrentStatus) > 3600)"}, HOUR),
        ({"periodic_remove": "JobStatus =?= 2 && time() - EnteredCurrentStatus >= (12 * 60 * 60)"}, 12 * HOUR),
        ({"PeriodicHold": "(time() - JobCurrentStartDate) > 7200 || NumJobStarts > 3"}, 2 * HOUR),
        ({"periodic_remove": "CurrentTime - JobStartDate > 60*60"}, HOUR),
        # How long they wait is another matter.
        ({"periodic_remove": "(JobStatus == 1) && ((time() - EnteredCurrentStatus) > 3600)"}, None),
        ({"periodic_remove": "(time() - QDate) > 3600"}, None),
        ({"periodic_remove": "NumJobStarts > 3600"}, None),
    ],
)
def test_known_lines(lines: dict[str, str], seconds: float | None) -> None:
    assert time_limit(lines) == seconds
