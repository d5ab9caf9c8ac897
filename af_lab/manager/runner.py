"""What the scheduler job runs: a Dask scheduler that steers its own workers.

This file is the entry and knows how to end. Whatever a restart may heal ends by a signal, and the schedd starts the
job again; what no restart heals ends with an exit code, and the schedd puts the job on hold.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from af_lab.condor.connection import HelperConnection
from af_lab.condor.queue import Queue
from af_lab.manager.folder import ClusterFolder
from af_lab.manager.worker import read_ad

__all__ = ["main"]

CANNOT_RUN = 3
CONDOR_TIMEOUT = 20.0  # seconds for one answer of HTCondor; a runner that gets none is started again


def main() -> NoReturn:
    """Run the scheduler of the cluster whose folder is the working directory."""
    os.umask(0o077)
    folder = ClusterFolder(Path.cwd())
    # HTCondor truncates its own output file at each start.
    log = os.open(folder.logs / f"scheduler-{os.getpid()}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    connection = HelperConnection(CONDOR_TIMEOUT)
    # The helper starts while Dask is imported.
    connection.call("parameters", names=[])
    id_ = int(read_ad(Path(os.environ["_CONDOR_JOB_AD"]))["ClusterId"])
    try:
        # Imported here, so that a package that is missing becomes a reason in words.
        from af_lab.manager.steering import steer

        asyncio.run(steer(folder, Queue(connection), id_))
    except ImportError as error:
        traceback.print_exc()
        reason = f"The Python of this cluster ({sys.executable}) cannot run a Dask scheduler: {error}."
        folder.write(folder.reason, reason.encode())
        sys.exit(CANNOT_RUN)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        # Any exit code would count as an end; a signal is a fault, and the schedd starts the job again.
        os.kill(os.getpid(), signal.SIGKILL)
    sys.exit(0)


if __name__ == "__main__":
    main()
