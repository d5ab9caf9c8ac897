"""The process from which the workers of a job are forked."""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import multiprocessing.forkserver
import multiprocessing.resource_tracker
import multiprocessing.util
import os
import traceback
from collections.abc import Sequence

from af_lab.worker.protocol import PRELOAD

__all__ = ["start_fork_server"]


def start_fork_server(given: Sequence[str]) -> None:
    """Start the process from which the workers are forked, as a fork of this one.

    Modules that this process has imported are not imported again, and are in memory once. Modules that the
    configuration names are imported only by the new process.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument(PRELOAD, default="")
    named = [name for name in parser.parse_known_args(given)[0].preload_modules.split(",") if name]
    multiprocessing.get_context("forkserver").set_forkserver_preload(named)
    # Started as a separate interpreter; otherwise it would be forked together with the fork server.
    multiprocessing.resource_tracker.ensure_running()
    spawn, multiprocessing.util.spawnv_passfds = multiprocessing.util.spawnv_passfds, _fork  # type: ignore[assignment]
    try:
        multiprocessing.forkserver.ensure_running()
    finally:
        # If the process dies, its successor starts as a separate interpreter.
        multiprocessing.util.spawnv_passfds = spawn


def _fork(_python: object, arguments: Sequence[str], kept: Sequence[int]) -> int:
    """Run the program that follows ``-c`` in a fork of this process, with these file descriptors; return its pid."""
    pid = os.fork()
    if pid:
        return pid
    try:
        for descriptor in map(int, os.listdir("/proc/self/fd")):
            # With its own copy of a pipe's end, the process would never notice the end of its parent.
            if descriptor > 2 and descriptor not in kept:
                with contextlib.suppress(OSError):
                    os.close(descriptor)
        exec(arguments[-1], {})  # noqa: S102 - what multiprocessing would hand to the interpreter
    except SystemExit:
        # The usual end of the fork server.
        pass
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)
