"""The entry point of the scheduler job: a Dask scheduler that manages its own workers.

This file determines how the process ends. After a failure that a restart may fix, it ends with a signal, and the schedd
starts the job again. After any other failure it ends with an exit code, and the schedd puts the job on hold.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.job import schedd_of
from af_lab.condor.queue import Queue
from af_lab.disk_errors import is_full
from af_lab.errors import ClusterFailed, CondorError, SpecError
from af_lab.model.ads import SchemaMismatch
from af_lab.model.cluster_queue import worker_constraint
from af_lab.model.folder import ClusterFolder
from af_lab.runner.disk_wait import wait_for_space
from af_lab.runner.last_words import read_last_words
from af_lab.runner.restart_limit import forget_start, record_start, too_many
from af_lab.worker.protocol import FILES, read_ad

__all__ = ["main"]

CANNOT_RUN = 3
CONDOR_TIMEOUT = 20.0  # seconds for one answer of HTCondor; a runner that gets none is started again


def main() -> NoReturn:
    """Run the scheduler of the cluster whose folder the environment names.

    The working directory is that of the user's tasks: Dask's scheduler imports modules of tasks, and runs functions.
    """
    os.umask(0o077)
    # The event log uses the machine's time zone, but the user's variables may set another one for the workers.
    os.environ.pop("TZ", None)
    time.tzset()
    folder = ClusterFolder(Path(os.environ.get(FILES) or Path.cwd()))
    _open_log(folder)
    ad = read_ad(Path(os.environ["_CONDOR_JOB_AD"]))
    connection = HelperConnection(CONDOR_TIMEOUT, schedd_of(ad["GlobalJobId"].strip('"')))
    # The helper starts while Dask is imported.
    connection.call("parameters", names=[])
    queue, id_ = Queue(connection, ad["Owner"].strip('"')), int(ad["ClusterId"])
    if not wait_for_space(folder, queue, id_):
        _start_again()
    folder.reason.unlink(missing_ok=True)
    starts = record_start(folder)
    try:
        # Imported here, so that a missing package is reported as a reason in words.
        from af_lab import config
        from af_lab.model.kept_settings import apply_settings

        apply_settings(folder)
        allowed, within = config.get("scheduler.starts"), config.seconds("scheduler.starts-within")
        if too_many(starts, allowed, within):
            _give_up(
                folder,
                queue,
                id_,
                f"The Dask scheduler was started more than {allowed} times within {within / 60:g} minutes. "
                f"{_last_error(folder)}"
                f"Its logs in {folder.logs} say why it ended; `condor_release {id_}` starts it again.",
            )
        from af_lab.runner.runner import steer

        # Behind the imports: a module of the user must not stand in for one of theirs.
        sys.path.insert(0, os.getcwd())
        asyncio.run(steer(folder, queue, id_))
    except ImportError as error:
        _say_traceback()
        _give_up(
            folder, queue, id_, f"The Python of this cluster ({sys.executable}) cannot run a Dask scheduler: {error}."
        )
    except (SpecError, ClusterFailed) as error:
        _give_up(folder, queue, id_, str(error))
    except SchemaMismatch as error:
        _give_up(folder, queue, id_, f"The Python of this cluster ({sys.executable}) cannot run it. {error}")
    except SystemExit:
        raise
    except BaseException as error:
        _say_traceback()
        if is_full(error):
            wait_for_space(folder, queue, id_)
            # The disk is not a fault of the scheduler.
            forget_start(folder)
        _start_again()
    sys.exit(0)


def _start_again() -> NoReturn:
    """End so that the schedd starts the job again: it does so after a signal, but not after an exit code."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _say_traceback() -> None:
    with suppress(OSError):
        traceback.print_exc()
        sys.stderr.flush()


def _open_log(folder: ClusterFolder) -> None:
    """Write to a log of this start: HTCondor truncates its own output file at each start."""
    try:
        log = os.open(folder.logs / f"scheduler-{os.getpid()}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        if not is_full(error):
            raise
        # HTCondor's file is there.
        return
    os.dup2(log, 1)
    os.dup2(log, 2)


def _last_error(folder: ClusterFolder) -> str:
    """Return a sentence with the last words of the last start that said any; empty if none did."""
    words = next(filter(None, read_last_words(reversed(folder.scheduler_logs()))), "")
    return f"The last time, it ended with: {words.rstrip('.')}. " if words else ""


def _give_up(folder: ClusterFolder, queue: Queue, id_: int, reason: str) -> NoReturn:
    """End so that the schedd puts the job on hold; remove its workers first, which a held job would keep."""
    with suppress(OSError):
        folder.write(folder.reason, reason.encode())
    # A user who releases the job has fixed the cause, so the count starts again.
    folder.starts.unlink(missing_ok=True)
    try:
        asyncio.run(queue.remove(worker_constraint(id_), "their Dask scheduler failed"))
    except CondorError:
        # The next listing of the clusters removes them.
        _say_traceback()
    sys.exit(CANNOT_RUN)


if __name__ == "__main__":
    main()
