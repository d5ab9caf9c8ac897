"""`af_lab.BatchExecutor`: an executor whose tasks are HTCondor jobs, and the functions that find batches again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures import wait as wait_for
from math import ceil, sqrt
from types import TracebackType
from typing import Any, Self

from af_lab.errors import SpecError
from af_lab.home import af_lab_home
from af_lab.manager.progress import Display, display
from af_lab.model.computation import Progress, Rate, progress_line
from af_lab.model.spec import make_spec
from af_lab.runs.batch_folder import find_batch
from af_lab.runs.batch_progress import progress_of
from af_lab.runs.checkpoint import Checkpoint
from af_lab.runs.engine import Engine
from af_lab.runs.futures import BatchFuture
from af_lab.runs.loop import begin_in_loop, in_loop, pool, queue
from af_lab.runs.pickling import CallPickler
from af_lab.runs.run_info import RunInfo
from af_lab.runs.run_manager import RunManager
from af_lab.runs.states import TaskState
from af_lab.runs.store import Batch, Task, create, load
from af_lab.runs.usage import BatchStatistics, statistics_of
from af_lab.runs.waiting_jobs import WaitingJobs, why_jobs_wait

__all__ = ["BatchExecutor", "batch", "batches"]

REFRESH = 0.5  # seconds between two looks at the progress
# Fields of a specification that only clusters have.
OF_CLUSTERS = ("workers", "adapt", "idle_timeout")


class BatchExecutor(Executor):
    """Runs calls as HTCondor jobs, each in its own process.

    It is a `concurrent.futures.Executor`. What differs: a running call can be cancelled, and calls go on when this
    process ends; `af_lab.batch(name)` then returns an executor with their futures.

    Parameters
    ----------
    name
        Unique among your batches: letters, digits and ``_.-``. By default made of the date and the time.
    checkpoint
        Where results are kept; calls whose results are there are not computed.
    quiet
        Show no progress.
    **shape
        ``cores``, ``memory``, ``disk``, ``sites``, ``environment``, ``variables`` and other fields of `ClusterSpec`
        that describe a job.

    Raises
    ------
    BatchExists
        There is a batch of that name.
    SpecError
        A value is not valid.
    EnvironmentMismatch
        The Python of the jobs could not read what this one pickles.

    Examples
    --------
    >>> with af_lab.BatchExecutor("fit", memory="1 GB") as executor:
    ...     masses = list(executor.map(fit, range(1000)))
    """

    def __init__(
        self, name: str | None = None, *, checkpoint: Checkpoint | None = None, quiet: bool = False, **shape: Any
    ) -> None:
        for field in OF_CLUSTERS:
            if field in shape:
                raise SpecError(f"{field}: a batch has no such field; clusters have it.")
        spec = make_spec({"name": name or time.strftime("batch-%Y%m%d-%H%M%S"), "workers": 0} | shape)
        self._begin(Engine(in_loop(create(spec)), queue()), checkpoint, quiet=quiet)

    def _begin(self, engine: Engine, checkpoint: Checkpoint | None, *, quiet: bool) -> None:
        self._checkpoint = checkpoint
        self._engine = engine
        self._pickler = CallPickler(engine.batch.directory)
        self._rate = Rate()
        self._waiting = WaitingJobs(
            lambda waiting: begin_in_loop(why_jobs_wait(engine.batch, waiting, queue(), pool()))
        )
        self._quiet = quiet
        self._show_at = 0.0
        self._is_shut = False

    @classmethod
    def attach(cls, found: Batch, checkpoint: Checkpoint | None = None, *, quiet: bool = False) -> Self:
        """Return an executor for a batch that exists; `af_lab.batch` finds it by its name."""
        executor = cls.__new__(cls)
        executor._begin(Engine(found, queue()), checkpoint, quiet=quiet)
        in_loop(executor._engine.attach())
        return executor

    @property
    def name(self) -> str:
        """Name of the batch."""
        return self._engine.batch.name

    @property
    def futures(self) -> list[Future[Any]]:
        """The futures of all calls, in the order of their submission."""
        return list(self._engine.futures)

    @property
    def progress(self) -> Progress:
        """How far the batch is."""
        return progress_of(self.futures, self._rate, time.monotonic())

    def statistics(self) -> BatchStatistics:
        """Return what the calls that have ended so far used."""
        engine = self._engine
        return statistics_of(engine.follower.summaries, engine.states.executions, engine.batch.created)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call in a job of its own; calls that are submitted shortly after one another share one submission.

        Raises
        ------
        RuntimeError
            The executor was shut down.
        """
        self._check_open()
        future = BatchFuture(self._engine.cancelled)
        if self._is_known(future, fn, args, kwargs):
            self._engine.futures.append(future)
            return future
        try:
            task = Task(self._pickler.dump(fn), [self._pickler.dump((args, kwargs))], [future])
        except TypeError as error:
            future.set_exception(error)
            return future
        self._engine.submit([task])
        return future

    def map(
        self, fn: Callable[..., Any], *iterables: Iterable[Any], timeout: float | None = None, chunksize: int = 0
    ) -> Iterator[Any]:
        """Return an iterator over the results of ``map(fn, *iterables)``, in order; the calls run at once.

        Parameters
        ----------
        fn
            The function.
        *iterables
            Its arguments.
        timeout
            Seconds, from now on, that the results may take.
        chunksize
            Calls that one job runs, one after the other. By default it grows with the number of calls, as its square
            root: 1 up to 100 calls, 3 of 1,000, 10 of 10,000.

        Raises
        ------
        TimeoutError
            (from the iterator) The results took longer.
        """
        self._check_open()
        if chunksize < 0:
            raise ValueError("chunksize must be at least 1")
        calls = list(zip(*iterables, strict=False))
        chunk = chunksize or default_chunk(len(calls))
        futures = [BatchFuture(self._engine.cancelled) for _ in calls]
        missing = [
            (call, future)
            for call, future in zip(calls, futures, strict=True)
            if not self._is_known(future, fn, call, {})
        ]
        if missing:
            self._submit_chunks(fn, [call for call, _ in missing], [future for _, future in missing], chunk)
        deadline = None if timeout is None else time.monotonic() + timeout
        return self._results(futures, deadline, chunk)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no further calls.

        Parameters
        ----------
        wait
            Wait until all calls have ended. Otherwise they go on, also after this process has ended.
        cancel_futures
            Cancel the calls that do not run yet.
        """
        self._is_shut = True
        if cancel_futures:
            for future in self._engine.futures:
                if not future.running():
                    future.cancel()
        in_loop(self._engine.flush())
        if wait:
            with display(quiet=self._quiet) as line:
                self._wait_for(self.futures, line)
                self._show(line, at_once=True)
            self._engine.stop()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        if kind is not None and not issubclass(kind, Exception):
            # An interrupt: nobody waits for the results any more.
            for future in self._engine.futures:
                future.cancel()
        self.shutdown(wait=True)
        return None

    def _progress_line(self) -> str:
        progress = self.progress
        states = self._engine.states
        why = self._waiting.look(states.count(TaskState.WAITING), states.count(TaskState.RUNNING))
        return progress_line(progress, "call", why)

    def __repr__(self) -> str:
        return f"<BatchExecutor {self.name!r}: {progress_line(self.progress, 'call')}>"

    def _is_known(
        self, future: BatchFuture, fn: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> bool:
        """Settle a future from the checkpoint if that has its result; else keep the result when it is there."""
        checkpoint = self._checkpoint
        if checkpoint is None or (key := checkpoint.key(fn, args, kwargs)) is None:
            return False
        known, result = checkpoint.read(key)
        if known:
            future.set_result(result)
            return True

        def keep(done: Future[Any]) -> None:
            if not done.cancelled() and done.exception() is None:
                checkpoint.write(key, done.result())

        future.add_done_callback(keep)
        return False

    def _check_open(self) -> None:
        if self._is_shut:
            raise RuntimeError("The executor was shut down: it takes no further calls.")

    def _submit_chunks(
        self, fn: Callable[..., Any], calls: list[tuple[Any, ...]], futures: list[BatchFuture], chunk: int
    ) -> None:
        try:
            function = self._pickler.dump(fn)
            arguments = self._pickler.dump_all((call, {}) for call in calls)
        except TypeError as error:
            for future in futures:
                future.set_exception(error)
            return
        firsts = range(0, len(calls), chunk)
        parts = (slice(first, first + chunk) for first in firsts)
        self._engine.submit([Task(function, arguments[part], futures[part]) for part in parts], chunk)

    def _results(self, futures: list[BatchFuture], deadline: float | None, chunk: int) -> Iterator[Any]:
        waiting = list(reversed(futures))
        how = f" ({chunk} in each job)" if chunk > 1 else ""
        try:
            with display(quiet=self._quiet) as line:
                while waiting:
                    self._wait_for(waiting[-1:], line, deadline, how)
                    yield waiting.pop().result()
                self._show(line, how, at_once=True)
        finally:
            for future in waiting:
                future.cancel()

    def _wait_for(
        self, futures: Sequence[Future[Any]], line: Display, deadline: float | None = None, how: str = ""
    ) -> None:
        """Wait until futures are done, and show the progress of the batch."""
        left = {future for future in futures if not future.done()}
        while left:
            patience = REFRESH if deadline is None else min(REFRESH, deadline - time.monotonic())
            left = wait_for(left, timeout=max(0.0, patience)).not_done
            self._show(line, how)
            if left and deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError(f"{len(left)} calls of the batch {self.name!r} have not ended in time.")

    def _show(self, line: Display, how: str = "", *, at_once: bool = False) -> None:
        # A look at a hundred thousand futures takes a tenth of a second.
        now = time.monotonic()
        if not self._quiet and (at_once or now >= self._show_at):
            line.show(f"Batch {self.name!r}: {self._progress_line()}{how}")
            self._show_at = now + REFRESH


def default_chunk(calls: int) -> int:
    """Return how many calls one job runs: as many jobs as ten times the square root of the number of calls."""
    return max(1, ceil(sqrt(calls) / 10))


def batch(name: str, *, quiet: bool = False) -> BatchExecutor:
    """Return an executor for a batch that exists, with the futures of all its calls; it takes further ones.

    Raises
    ------
    BatchNotFound
        There is no batch of that name.
    """
    return BatchExecutor.attach(load(find_batch(af_lab_home(), name)), quiet=quiet)


def batches() -> list[RunInfo]:
    """Return information about all your batches, also those that ended within a week: name, state, progress, size."""
    return in_loop(RunManager(queue).runs())
