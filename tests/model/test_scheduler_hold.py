"""Who put a scheduler job on hold: itself, or somebody else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from af_lab.condor.job import JobStatus
from af_lab.model.info import queue_info
from af_lab.model.scheduler_hold import OWN_SUBCODE, OWN_WORDS
from af_lab.model.standstill import standstill
from tests.model.jobs import scheduler_job

PACKAGE = "The Python of this cluster (/usr/bin/python3) cannot run a Dask scheduler: no module."


@pytest.mark.parametrize(
    ("code", "told", "words"),
    [
        ((1, 0), "via condor_hold (by user alice)", "by hand: via condor_hold (by user alice). Its workers end"),
        ((1, 0), "for a look. (by user alice)", "by hand: for a look. (by user alice). Its"),
        ((3, 0), "Too long.", "by a policy that the facility adds to jobs: Too long. Its"),
        ((26, 7), "No big jobs on Mondays", "by a policy of the access point: No big jobs on Mondays. Its"),
        ((14, 2), "Cannot access initial working directory", "by HTCondor: Cannot access initial working"),
        ((5, 0), None, "by HTCondor: no reason was given. Its"),
        (None, None, "by HTCondor: no reason was given. Its"),
    ],
)
def test_a_hold_by_others_names_them_and_the_way_out(
    tmp_path: Path, code: tuple[int, int] | None, told: str | None, words: str
) -> None:
    job = replace(scheduler_job(tmp_path), status=JobStatus.HELD, ready=False, hold_code=code, hold_reason=told)
    # The words of an earlier failure, which somebody released.
    job.files.reason.write_text(PACKAGE)
    info = queue_info(job)
    assert (info.state, info.exists, info.ended) == ("held", True, None)
    assert f"was put on hold {words}" in (info.reason or "")
    assert "`af-lab cluster release x`" in (info.reason or "")
    assert (standstill(info) or "").startswith("The cluster 'x' is on hold. Its scheduler job was put on hold by ")


@pytest.mark.parametrize("code", [(3, OWN_SUBCODE), (3, 0)])
def test_a_scheduler_that_gave_up_has_failed_and_says_why(tmp_path: Path, code: tuple[int, int]) -> None:
    job = replace(scheduler_job(tmp_path), status=JobStatus.HELD, ready=False, hold_code=code, hold_reason=OWN_WORDS)
    assert (queue_info(job).state, queue_info(job).reason) == ("failed", OWN_WORDS)
    job.files.reason.write_text(PACKAGE)
    info = queue_info(job)
    assert (info.state, info.reason, info.exists) == ("failed", PACKAGE, True)
    assert standstill(info) == f"The cluster 'x' has failed: {PACKAGE}"


def test_a_cluster_that_was_released_is_not_on_hold_any_more(tmp_path: Path) -> None:
    # HTCondor keeps code and reason of the last hold for some time.
    job = replace(scheduler_job(tmp_path), hold_code=(1, 0), hold_reason="via condor_hold")
    info = queue_info(job)
    assert (info.state, standstill(info)) == ("pending", None)
