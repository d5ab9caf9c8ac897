"""How many jobs an access point takes and runs, and how many it has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["PARAMETERS", "ScheddLimits", "ScheddUse", "refusing_limit"]

UNLIMITED = 2**31 - 1
# What the schedd answers instead of a job's number (its function NewProc), and what it says when no job at all fits.
REFUSALS = {"-2": "MAX_JOBS_SUBMITTED", "-3": "MAX_JOBS_PER_OWNER", "-4": "MAX_JOBS_PER_SUBMISSION"}
REFUSED = re.compile(r"Schedd says (-\d)|\b(MAX_JOBS_[A-Z_]+) exceeded")

PARAMETERS = (
    "MAX_JOBS_PER_SUBMISSION",
    "MAX_JOBS_PER_OWNER",
    "MAX_JOBS_SUBMITTED",
    "MAX_JOBS_RUNNING",
    "START_SCHEDULER_UNIVERSE",
    "MAX_RUNNING_SCHEDULER_JOBS_PER_OWNER",
)
"""The settings of HTCondor that `ScheddLimits` is made of."""


@dataclass(frozen=True)
class ScheddLimits:
    """What an access point allows, each in jobs; None where it sets no limit.

    Attributes
    ----------
    per_submission
        In one submission.
    per_owner
        Of one user in the queue, whatever their state.
    submitted
        Of all users in the queue, whatever their state.
    running
        Of all users, running on slots.
    scheduler_universe
        Of all users, running on the access point itself; DAGMan's jobs are among them.
    scheduler_universe_per_owner
        Of one user, running on the access point itself. Jobs beyond it stay idle, and HTCondor does not say why.
    """

    per_submission: int | None = None
    per_owner: int | None = None
    submitted: int | None = None
    running: int | None = None
    scheduler_universe: int | None = None
    scheduler_universe_per_owner: int | None = None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, str | None]) -> ScheddLimits:
        """Read the settings `PARAMETERS`; an expression in another form than HTCondor's own counts as no limit."""
        start = re.search(r"TotalSchedulerJobsRunning\s*<\s*(\d+)", parameters.get("START_SCHEDULER_UNIVERSE") or "")
        return cls(
            per_submission=_number(parameters.get("MAX_JOBS_PER_SUBMISSION")),
            per_owner=_number(parameters.get("MAX_JOBS_PER_OWNER")),
            submitted=_number(parameters.get("MAX_JOBS_SUBMITTED")),
            running=_number(parameters.get("MAX_JOBS_RUNNING")),
            scheduler_universe=_number(start and start[1]),
            scheduler_universe_per_owner=_number(parameters.get("MAX_RUNNING_SCHEDULER_JOBS_PER_OWNER")),
        )

    def room(self, use: ScheddUse) -> int | None:
        """Return how many more jobs the user may submit; None for any number."""
        rooms = [
            limit - used
            for limit, used in ((self.per_owner, use.own), (self.submitted, use.everybody))
            if limit is not None
        ]
        return max(0, min(rooms)) if rooms else None

    def describe(self, name: str, use: ScheddUse) -> str:
        """Say in words which limit refused jobs, and what can be done.

        Parameters
        ----------
        name
            The setting, one of `PARAMETERS`.
        use
            The jobs in the queue.
        """
        match name:
            case "MAX_JOBS_PER_OWNER":
                limit = (
                    f"This access point takes at most {self.per_owner} jobs of one user ({name}), and {use.own} of "
                    "yours are in its queue"
                )
                remedy = "Ask for fewer, or remove jobs that you no longer need"
            case "MAX_JOBS_SUBMITTED":
                limit = (
                    f"This access point takes at most {self.submitted} jobs of all users together ({name}), and "
                    f"{use.everybody} are in its queue, {use.own} of them yours"
                )
                remedy = "Try again later, or at another access point"
            case _:
                limit = (
                    "This access point takes fewer jobs in one submission than HTCondor's configuration on this "
                    f"machine says ({name} = {self.per_submission})"
                )
                return f"{limit}. Ask for fewer, or tell your facility"
        if self.room(use):
            remedy = "It still counts jobs that left the queue a short while ago: try again in a few minutes"
        return f"{limit}. {remedy}"


@dataclass(frozen=True)
class ScheddUse:
    """The jobs that an access point has.

    Attributes
    ----------
    own, everybody
        In its queue, whatever their state: the user's, and all.
    running
        Of all users, running on slots.
    own_scheduler_universe, scheduler_universe
        Running on the access point itself: the user's, and all.
    own_waiting
        The user's, waiting for slots.
    """

    own: int
    everybody: int
    running: int
    own_scheduler_universe: int
    scheduler_universe: int
    own_waiting: int = 0

    @classmethod
    def from_summary(cls, own: Mapping[str, int]) -> ScheddUse:
        """Read the summary of a query for the user's jobs."""
        return cls(
            own=own["Jobs"] + own["SchedulerJobs"],
            everybody=own["AllusersJobs"] + own["AllusersSchedulerJobs"],
            running=own["AllusersRunning"],
            own_scheduler_universe=own["SchedulerRunning"],
            scheduler_universe=own["AllusersSchedulerRunning"],
            own_waiting=own["Idle"],
        )


def refusing_limit(message: str) -> str | None:
    """Return the setting that made the schedd refuse jobs; None when it refused for another reason."""
    refused = REFUSED.search(message)
    return refused and (refused[2] or REFUSALS.get(refused[1]))


def _number(text: str | None) -> int | None:
    number = int(text) if text and text.isdigit() else UNLIMITED
    return number if 0 < number < UNLIMITED else None
