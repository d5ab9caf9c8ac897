"""What the scheduler job runs: a Dask scheduler that steers its own workers.

This file is the entry and knows how to end. Whatever a restart may heal ends by a signal, and the schedd starts the
job again; what no restart heals ends with an exit code, and the schedd puts the job on hold. Only the standard
library is imported here, so that a package that is missing becomes a reason in words.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import NoReturn

__all__ = ["main"]

CANNOT_RUN = 3


def main() -> NoReturn:
    """Run the scheduler of the cluster whose folder is the working directory."""
    os.umask(0o077)
    here = Path.cwd()
    # HTCondor truncates its own output file at each start.
    log = os.open(here / "logs" / f"scheduler-{os.getpid()}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        from af_lab.condor.connection import open_connection

        connection = open_connection()
        # It starts while Dask is imported.
        connection.call("parameters", names=[])
        from af_lab.manager.steering import steer
    except ImportError as error:
        traceback.print_exc()
        reason = f"The Python of this cluster ({sys.executable}) cannot run a Dask scheduler: {error}."
        (here / "reason.txt").write_text(reason, encoding="utf-8")
        sys.exit(CANNOT_RUN)
    try:
        asyncio.run(steer(here, connection))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        # Any exit code would count as an end; a signal is a fault, and the schedd starts the job again.
        os.kill(os.getpid(), signal.SIGKILL)
    sys.exit(0)


if __name__ == "__main__":
    main()
