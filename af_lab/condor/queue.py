"""The job queue of one user: typed access to the schedd."""

from __future__ import annotations

import os
import pwd
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from af_lab.condor.description import string
from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.job import JobId
from af_lab.condor.limits import PARAMETERS, ScheddLimits, ScheddUse, refusing_limit
from af_lab.errors import CondorError, CondorUnavailable, LimitExceeded
from af_lab.pool_owner import recorded_owner

__all__ = ["Ad", "Queue", "account"]

Ad = Mapping[str, Any]
"""Attributes of a job as plain values; an attribute that is not defined is absent."""

SUBMISSION = "AfLabSubmission"
MOST_AT_ONCE = 1000  # jobs; the schedd answers no other request while it takes them


def account() -> str:
    """Return the account that owns this user's jobs; unlike $USER, it is what HTCondor's own authentication finds.

    In a pool of one's own that is the owner whom the pool's configuration records, else the account of this process.

    Raises
    ------
    CondorError
        The user id of this process has no name.
    """
    config = os.environ.get("CONDOR_CONFIG")
    if config and (owner := recorded_owner(Path(config))):
        return owner
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise CondorError(
            f"The user id {os.geteuid()} has no name on this machine now (see /etc/passwd, or `getent passwd "
            f"{os.geteuid()}`), so your jobs cannot be found in HTCondor's queue. They continue. Ask the "
            "administrators of this machine for the entry, and try again."
        ) from None


class Queue:
    """The jobs of one user only: every constraint also names the owner.

    All methods raise `CondorUnavailable` when the schedd does not answer in time, and `CondorError` when it refuses.

    Parameters
    ----------
    connection
        Calls to the schedd.
    owner
        The account whose jobs they are.
    """

    def __init__(self, connection: HelperConnection, owner: str) -> None:
        self._connection = connection
        self._limits: ScheddLimits | None = None
        self.owner = owner

    async def submit(self, description: Mapping[str, str], count: int = 1) -> list[JobId]:
        """Submit `count` jobs of one description, in as many transactions as the schedd's limits require.

        Each transaction blocks the schedd for about 0.3 s at most. Its jobs carry an id of the transaction: if the
        answer is lost, a query looks for them in the queue before the submission counts as failed.

        Raises
        ------
        LimitExceeded
            The schedd takes no more jobs; those that it took are in its queue, and stay there.
        CondorUnavailable
            There was no answer; jobs of earlier transactions are in the queue, and stay there.
        """
        limits = await self.limits()
        made: list[JobId] = []
        while len(made) < count:
            part = min(count - len(made), MOST_AT_ONCE, limits.per_submission or MOST_AT_ONCE)
            try:
                made += await self._submit(description, part)
            except CondorError as refusal:
                name = refusing_limit(str(refusal))
                if name is None:
                    raise
                made += await self._fill_up(description, part, limits)
                words = limits.describe(name, await self.use())
                raise LimitExceeded(f"{words}. {len(made)} of {count} jobs were submitted.", "jobs") from refusal
        return made

    async def submit_at_once(self, description: Mapping[str, str], count: int, submission: str) -> int:
        """Submit jobs that HTCondor numbers from 0 on, in one transaction; returns their ``ClusterId``.

        With the command ``max_idle`` the schedd makes most of them later, so their number hardly matters to it.

        Parameters
        ----------
        description
            Of each job.
        count
            Number of jobs.
        submission
            An id of this submission alone. If the answer is lost, the jobs are looked for by it.
        """
        tagged = {**self._accounted(description), f"My.{SUBMISSION}": string(submission)}
        try:
            made = await self._connection.acall("submit", description=tagged, count=count)
        except CondorUnavailable:
            found = await self.submitted(submission)
            if found is None:
                raise
            return found
        cluster: int = made["cluster"]
        return cluster

    async def submitted(self, submission: str) -> int | None:
        """Return the ``ClusterId`` of a submission by its id; None if none of its jobs is in the queue."""
        found = await self.query(f"{SUBMISSION} =?= {string(submission)}", ["ClusterId"], limit=1)
        return int(found[0]["ClusterId"]) if found else None

    async def limits(self) -> ScheddLimits:
        """Return how many jobs the access point takes and runs, from HTCondor's configuration on this machine."""
        if self._limits is None:
            parameters = await self._connection.acall("parameters", names=list(PARAMETERS))
            self._limits = ScheddLimits.from_parameters(parameters)
        return self._limits

    async def use(self) -> ScheddUse:
        """Return how many jobs the access point has; it scans the whole queue, but sends no ads."""
        return ScheddUse.from_summary(await self._connection.acall("summary", constraint=self._own("true")))

    async def query(self, constraint: str, projection: Sequence[str], limit: int = -1) -> list[Ad]:
        """Return the ads of the jobs that a constraint selects, each with the attributes asked for.

        A query scans the whole queue of all users, however narrow it is.
        """
        ads: list[Ad] = await self._connection.acall(
            "query", constraint=self._own(constraint), projection=list(projection), limit=limit
        )
        return ads

    async def edit(self, constraint: str, attributes: Mapping[str, str]) -> int:
        """Set attributes of jobs to ClassAd expressions; returns the number of jobs changed."""
        changed: int = await self._connection.acall(
            "edit", constraint=self._own(constraint), attributes=dict(attributes)
        )
        return changed

    async def remove(self, constraint: str, reason: str) -> int:
        """Remove jobs; returns the number of jobs removed."""
        return await self._act("Remove", constraint, reason)

    async def hold(self, constraint: str, reason: str) -> int:
        """Put jobs on hold; returns the number of jobs held."""
        return await self._act("Hold", constraint, reason)

    async def release(self, constraint: str, reason: str) -> int:
        """Release held jobs; returns the number of jobs released."""
        return await self._act("Release", constraint, reason)

    async def _submit(self, description: Mapping[str, str], count: int) -> list[JobId]:
        submission = uuid.uuid4().hex
        tagged = {**self._accounted(description), f"My.{SUBMISSION}": string(submission)}
        try:
            made = await self._connection.acall("submit", description=tagged, count=count)
        except CondorUnavailable:
            found = await self.query(f'{SUBMISSION} =?= "{submission}"', ["ClusterId", "ProcId"])
            if len(found) != count:
                raise
            return sorted(JobId(ad["ClusterId"], ad["ProcId"]) for ad in found)
        return [JobId(made["cluster"], made["proc"] + index) for index in range(made["count"])]

    def _accounted(self, description: Mapping[str, str]) -> Mapping[str, str]:
        """Add the user to an accounting group: the bindings, unlike condor_submit, would charge no user in it."""
        given = {command.lower() for command in description}
        if "accounting_group" in given and "accounting_group_user" not in given:
            return {**description, "accounting_group_user": self.owner}
        return description

    async def _fill_up(self, description: Mapping[str, str], refused: int, limits: ScheddLimits) -> list[JobId]:
        """Submit as many jobs as still fit after a refusal: the schedd takes a transaction whole or not at all."""
        room = limits.room(await self.use())
        if not room or room >= refused:
            return []
        try:
            return await self._submit(description, room)
        except CondorError as refusal:
            # Another submission was faster.
            if refusing_limit(str(refusal)) is None:
                raise
            return []

    async def _act(self, action: str, constraint: str, reason: str) -> int:
        changed: int = await self._connection.acall(
            "act", action=action, constraint=self._own(constraint), reason=reason
        )
        return changed

    def _own(self, constraint: str) -> str:
        return f'(Owner =?= "{self.owner}") && ({constraint})'
