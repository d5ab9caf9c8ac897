"""Make the files of a sample: in this process, in further processes, or on the workers of a cluster.

The events of a file are the same, wherever it is made.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import cloudpickle

from af_lab.errors import AfLabError
from af_lab_examples.writing import FileTask, make_file

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["make_files"]

Advance = Callable[[int], None]
Truth = dict[str, int]

FEW = 100_000  # events that are made before another process would have started
MOST_PROCESSES = 4  # a large machine is usually shared with other users
GRACE = 10  # seconds for a process to clean up


def make_files(tasks: Sequence[FileTask], advance: Advance, client: Client | None = None) -> list[Truth]:
    """Make files, and return how many events of each kind each of them has, in the order of `tasks`.

    Parameters
    ----------
    advance
        Called with the number of events each time some are written, from any thread.
    client
        The client of the cluster whose workers make the files, instead of this machine.

    Raises
    ------
    OSError
        A file cannot be written.
    AfLabError
        A process or a worker failed.
    """
    if client is not None:
        return _on_workers(tasks, advance, client)
    processes = min(len(tasks), _cores(), MOST_PROCESSES)
    if processes == 1 or sum(task.events for task in tasks) <= FEW:
        return [make_file(task, advance) for task in tasks]
    return _in_processes(tasks, advance, processes)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(tasks: Sequence[FileTask], advance: Advance, count: int) -> list[Truth]:
    """Make files in processes of their own.

    They are not forks, because a notebook has threads and ROOT. They do not use `multiprocessing`, which would run a
    user's script again.
    """
    with ExitStack() as ended, ThreadPoolExecutor(count) as threads:
        children = [ended.enter_context(_child(tasks[index::count])) for index in range(count)]
        try:
            shares = list(threads.map(functools.partial(_follow, advance=advance), children))
        finally:
            for child in children:
                child.terminate()
    truths: list[Truth] = [{}] * len(tasks)
    for index, share in enumerate(shares):
        truths[index::count] = share
    return truths


@contextmanager
def _child(tasks: Sequence[FileTask]) -> Iterator[subprocess.Popen[str]]:
    """Run a process that makes files, for as long as the block lasts."""
    with subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,  # only this process handles an interrupt; it then ends them
    ) as child:
        assert child.stdin is not None
        try:
            # A process that has already ended reports why.
            with suppress(BrokenPipeError), child.stdin:
                json.dump([asdict(task) for task in tasks], child.stdin)
            yield child
        finally:
            child.terminate()


def _follow(child: subprocess.Popen[str], advance: Advance) -> list[Truth]:
    """Wait for a process, and raise its error, if any."""
    assert child.stdout is not None
    assert child.stderr is not None
    truths: list[Truth] = []
    with child.stdout, child.stderr:
        for line in child.stdout:
            match json.loads(line):
                case {"events": int(count)}:
                    advance(count)
                case {"truth": dict(truth)}:
                    truths.append(truth)
                case {"errno": int(number), "text": str(text)}:
                    raise OSError(number, text)
        complaint = child.stderr.read().strip().splitlines()
        status = child.wait(GRACE)
    if status:
        reason = complaint[-1] if complaint else f"its process ended with {status}"
        raise AfLabError(
            f"The sample data could not be made: {reason}. Run this again; if memory is short, with fewer events."
        )
    return truths


def main() -> None:
    """Make the files that standard input lists, and report them on standard output."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def tell(**message: Any) -> None:
        print(json.dumps(message), flush=True)

    try:
        for task in json.load(sys.stdin):
            truth = make_file(FileTask(**task), lambda count: tell(events=count))
            tell(truth=truth)
    except BrokenPipeError:
        sys.exit(1)  # they are no longer needed
    except OSError as error:
        tell(errno=error.errno or 0, text=error.strerror or str(error))
        sys.exit(1)


class _ByValue:
    """A call that workers can make although they lack the modules that it needs."""

    def __init__(self, call: Callable[[], Truth]) -> None:
        self._call = call

    def __call__(self) -> Truth:
        return self._call()

    def __reduce__(self) -> tuple[Any, ...]:
        return cloudpickle.loads, (cloudpickle.dumps(self._call),)


def _on_workers(tasks: Sequence[FileTask], advance: Advance, client: Client) -> list[Truth]:
    from distributed import as_completed

    futures = [
        client.submit(_ByValue(functools.partial(make_file, task)), key=f"sample-{os.urandom(8).hex()}", pure=False)
        for task in tasks
    ]
    events = {future.key: task.events for future, task in zip(futures, tasks, strict=True)}
    try:
        for future in as_completed(futures):
            future.result()
            advance(events[future.key])
        truths: list[Truth] = client.gather(futures)
    except BaseException:
        client.cancel(futures)
        raise
    for task in tasks:
        if not os.path.exists(task.path):
            raise AfLabError(
                f"The workers made {task.path}, but it is not visible here. Set AF_LAB_HOME to a folder that "
                "both this machine and the workers can access, or make the sample without the cluster."
            )
    return truths
