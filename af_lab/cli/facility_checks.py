"""What `af-lab doctor` checks beside the parts of a personal pool: the settings, and the HTCondor of a facility."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.pool import Pool
from af_lab.condor.queue import Queue, account
from af_lab.dask_configuration import check_dask_configuration
from af_lab.errors import AfLabError, BindingsMissing, CondorAbsent, CondorError, SettingError
from af_lab.playground.doctor import Check
from af_lab.pool_owner import recorded_owner

__all__ = ["facility_checks", "setting_checks"]

_LIMIT = 20.0  # seconds for an answer of HTCondor
_SCHEDD = "HTCondor's schedd"
_POOL = "HTCondor's pool"
_ASK = "Check `condor_q` and `condor_status`, and ask the administrators of this facility."


def setting_checks() -> Iterator[Check]:
    """Yield what is wrong with the settings, one check for each problem."""
    subject = "Settings of af_lab"
    try:
        check_dask_configuration()
    except SettingError as error:
        yield Check(subject, False, str(error), "Correct that file or variable.")
        return
    # Needs Dask.
    from af_lab.jobs.sites import setting_problems

    problems = setting_problems()
    for problem in problems:
        yield Check(subject, False, problem.message, f"Correct it in {problem.source or 'the configuration'}.")
    if not problems:
        yield Check(subject, True, "no problems")


def facility_checks() -> list[Check]:
    """Return the checks of the HTCondor that this machine is an access point of; none if it is not one.

    Within a pool of one's own there are none either. A machine on which HTCondor is configured, but neither a schedd
    nor a collector answers, is not an access point of a facility.
    """
    config = os.environ.get("CONDOR_CONFIG")
    if config and recorded_owner(Path(config)):
        return []
    with _connection() as connection:
        try:
            owner = account()
            schedd = _schedd(connection, owner)
        except BindingsMissing:
            # There is a check of its own for them.
            return []
        except CondorAbsent as error:
            pool = _pool(connection, owner)
            return [Check(_SCHEDD, False, str(error), _ASK), pool] if pool.passed else []
        except AfLabError as error:
            return [Check(_SCHEDD, False, str(error), _ASK)]
        return [schedd, _pool(connection, owner)]


@contextmanager
def _connection() -> Iterator[HelperConnection]:
    connection = HelperConnection(_LIMIT)
    try:
        yield connection
    finally:
        connection.close()


def _schedd(connection: HelperConnection, owner: str) -> Check:
    use = asyncio.run(Queue(connection, owner).use())
    found = f"answers; {use.own} of its {use.everybody} jobs belong to {owner}"
    schedds = connection.call("schedds").result()
    if len(schedds["here"]) > 1:
        found += f"; it is {schedds['used']} of {', '.join(schedds['here'])} on its machine: SCHEDD_HOST chooses"
    return Check(_SCHEDD, True, found)


def _pool(connection: HelperConnection, owner: str) -> Check:
    try:
        overview = asyncio.run(Pool(connection, owner).overview({}))
    except CondorError as error:
        return Check(_POOL, False, str(error), _ASK)
    found = f"{overview.cores} cores, {overview.busy_cores} of them busy"
    return Check(_POOL, overview.cores > 0, found, _ASK)
