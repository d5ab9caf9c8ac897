"""Worker processes that died in a job that goes on: how each ended, and what it said last."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from af_lab.runner.last_words import LOG_LINE, end_of, last_error

__all__ = ["Death", "Deaths", "deaths_in"]

# What Dask's nanny logs.
ENDED = re.compile(r"Worker process (?P<pid>\d+) (?P<how>exited with status .+|was killed by signal .+)")
TRIES = 3
PAUSE = 1.0  # seconds between two looks at a log that HTCondor brings here
READ_TIMEOUT = 5.0  # seconds that reading a log may take; the file system may be slow


@dataclass(frozen=True)
class Death:
    """The end of a worker process.

    Attributes
    ----------
    pid
        Its id, on its own machine.
    how
        Such as ``was killed by signal 11``.
    words
        The last line of its log that reports an error; "" if it said nothing.
    """

    pid: str
    how: str
    words: str

    def in_words(self) -> str:
        """Return sentences about it."""
        return f"The process {self.how}{f'. Its log says: {self.words}' if self.words else ''}"


class Deaths:
    """The ends of worker processes, each told once."""

    def __init__(self) -> None:
        self._told: set[tuple[Path, str]] = set()

    async def newest(self, log: Path) -> Death | None:
        """Return the newest end of a process in the log of a job that was not told yet; None if there is none.

        It waits for some seconds: the word that another process took the place may be faster than the log.

        Raises
        ------
        TimeoutError
            The log could not be read in time.
        """
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE)
            async with asyncio.timeout(READ_TIMEOUT):
                text = await asyncio.to_thread(end_of, log)
            for death in reversed(deaths_in(text)):
                if (log, death.pid) not in self._told:
                    self._told.add((log, death.pid))
                    return death
        return None


def deaths_in(log: str) -> list[Death]:
    """Return the ends of worker processes that a log tells of, the last one last."""
    found, since = [], 0
    lines = log.splitlines()
    for number, line in enumerate(lines):
        logged = LOG_LINE.match(line)
        if logged and logged["logger"] == "distributed.nanny" and (ended := ENDED.fullmatch(logged["text"])):
            found.append(Death(ended["pid"], ended["how"], last_error("\n".join(lines[since:number]))))
            since = number + 1
    return found
