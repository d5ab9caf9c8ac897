"""The job queue of one user: typed access to the schedd."""

from __future__ import annotations

import os
import pwd
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from af_lab.condor.connection import HelperConnection
from af_lab.condor.description import string
from af_lab.condor.jobs import JobId
from af_lab.errors import CondorUnavailable

__all__ = ["Ad", "Queue"]

Ad = Mapping[str, Any]
"""Attributes of a job as plain values; an attribute that is not defined is absent."""

SUBMISSION = "AfLabSubmission"


class Queue:
    """The jobs of the calling user, and of nobody else: every constraint names the owner too.

    All methods raise `CondorUnavailable` when the schedd does not answer in time, and `CondorError` when it refuses.
    """

    def __init__(self, connection: HelperConnection) -> None:
        self._connection = connection
        # The account, not $USER: this is the name that HTCondor's own authentication finds.
        self.owner = pwd.getpwuid(os.geteuid()).pw_name

    async def submit(self, description: Mapping[str, str], count: int = 1) -> list[JobId]:
        """Submit `count` jobs of one description in one transaction.

        The jobs carry an id of their submission: when the answer is lost, the queue is asked whether they are there
        before the submission counts as failed.
        """
        submission = uuid.uuid4().hex
        tagged = {**description, f"My.{SUBMISSION}": string(submission)}
        try:
            made = await self._connection.acall("submit", description=tagged, count=count)
        except CondorUnavailable:
            found = await self.query(f'{SUBMISSION} =?= "{submission}"', ["ClusterId", "ProcId"])
            if len(found) != count:
                raise
            return sorted(JobId(ad["ClusterId"], ad["ProcId"]) for ad in found)
        return [JobId(made["cluster"], made["proc"] + index) for index in range(made["count"])]

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

    async def _act(self, action: str, constraint: str, reason: str) -> int:
        changed: int = await self._connection.acall(
            "act", action=action, constraint=self._own(constraint), reason=reason
        )
        return changed

    def _own(self, constraint: str) -> str:
        return f'(Owner =?= "{self.owner}") && ({constraint})'
