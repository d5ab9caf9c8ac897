"""The cluster object for notebooks: a Dask ``Cluster`` that disconnects without ending the cluster."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from dask.utils import parse_timedelta
from distributed.core import Status
from distributed.security import Security
from distributed.utils import LoopRunner

from af_lab import config
from af_lab.errors import ClusterExists, ClusterNotFound, SpecError
from af_lab.jobs.runtimes import Runtime
from af_lab.manager.manager import ClusterManager
from af_lab.manager.progress import display, workers_line
from af_lab.manager.quotas import most_allowed
from af_lab.model.info import ClusterInfo
from af_lab.model.spec import ClusterSpec, check_workers
from af_lab.notebook.adaptive import AdaptiveRange, adaptive_range, does_not_count
from af_lab.notebook.amounts import Amount, amount
from af_lab.notebook.clients import closer_of_clients, is_shutting_down, teller_of_restarts
from af_lab.notebook.connection import SchedulerLink
from af_lab.notebook.dask_cluster import LinkedCluster
from af_lab.notebook.interrupts import release_when_interrupted
from af_lab.notebook.showing import drain, show, show_apart
from af_lab.notebook.version_check import check_cluster, check_spec, other_python
from af_lab.notebook.waiting import until_settled, until_workers, while_under_way
from af_lab.notebook.widget import scaling_in_words
from af_lab.wording import count, size

__all__ = ["Cluster"]

T = TypeVar("T")


class Cluster(LinkedCluster):
    """A cluster of Dask workers that are HTCondor jobs; made by `af_lab.cluster` and `af_lab.connect`.

    If the object is closed or its kernel ends, the cluster itself keeps running until `shutdown`. Any number of
    objects, in any processes, may use the same cluster. An object made with ``asynchronous=True`` must be awaited,
    and so must its methods.

    Attributes
    ----------
    status
        Dask's ``Status``: ``running``; ``starting`` while HTCondor restarts the scheduler; ``closed`` once this
        object has disconnected or the cluster has ended; ``failed`` once it has failed.
    quiet
        Whether nothing is printed.
    """

    def __init__(self, spec: ClusterSpec, manager: ClusterManager, *, create: bool, asynchronous: bool = False) -> None:
        super().__init__(spec.name, manager, asynchronous=asynchronous)
        self._manager = manager
        self._spec = spec
        self._create = create
        self._made = False
        self._begun = asyncio.Lock()
        self._orders: set[asyncio.Future[None]] = set()
        self.security: Security | None = None
        if not self.called_from_running_loop:
            self._loop_runner.start()
            try:
                self._show(self._start_with_lines())
            except BaseException:
                self.status = Status.closed
                self._loop_runner.stop()
                raise
            self._say_what_it_has()

    def __await__(self) -> Any:
        return self._started().__await__()

    async def _started(self) -> Cluster:
        async with self._begun:
            if self.status == Status.created:
                try:
                    await self._start()
                except BaseException:
                    self.status = Status.closed
                    raise
                self._say_what_it_has()
        if self.status == Status.starting:
            await self._link.wait_until_back(config.seconds("scheduler.start-timeout"))
        return self

    async def _start_with_lines(self) -> AsyncIterator[str]:
        starting = f"The cluster {self.name!r} is starting: its Dask scheduler does not answer yet"
        async for line in while_under_way(asyncio.create_task(self._start()), starting):
            yield line
        yield f"Connected to the cluster {self.name!r}."

    async def _start(self) -> None:
        release_when_interrupted()
        name = self._spec.name
        if self._create:
            if runtime := await check_spec(self._spec):
                self._spec = self._spec.running_in(runtime.python)
            await self._make_or_find(runtime)
        else:
            check_cluster(await self._manager.get(name))
        view = await self._manager.running_view(name)
        self._folder = view.job.files
        self.security = self._folder.security()
        await self._link.open(view, self.security, closer_of_clients(self), teller_of_restarts(self))

    async def _make_or_find(self, runtime: Runtime | None) -> None:
        try:
            await self._manager.create(self._spec, runtime)
            self._made = True
            return
        except ClusterExists:
            found = await self._manager.get(self._spec.name)
        if differences := self._spec.differences(found.spec):
            raise ClusterExists(
                f"You have a cluster {found.name!r} with another shape: {'; '.join(differences)}. "
                "Request the shape that it has, end it, or choose another name."
            )
        check_cluster(found)

    def _say_what_it_has(self) -> None:
        """Say which Python the cluster has, if another one, and how many workers, if another number was requested."""
        has, asked = self._link.info, self._spec
        if said := other_python(has):
            self._log(said)
        if self._made or not self._create:
            return
        if asked.adapt is not None and asked.adapt != has.adapt:
            change = f"adapt(minimum={asked.adapt.minimum}, maximum={asked.adapt.maximum})"
        elif "workers" in asked.model_fields_set and asked.workers != has.workers:
            change = f"scale({asked.workers})"
        else:
            return
        self._log(f"The cluster {self.name!r} exists: {scaling_in_words(has)}. cluster.{change} changes that.")

    # Information.

    def info(self) -> Any:
        """Return what the queue and the scheduler report of the cluster now (`ClusterInfo`); takes one schedd query.

        Raises
        ------
        ClusterNotFound
            The cluster has ended and is no longer listed.
        """
        return self.sync(self._current)

    def workers(self) -> Any:
        """Return every worker's job (list of `WorkerInfo`)."""
        return self.sync(self._ask, self._manager.workers)

    def explain(self) -> Any:
        """Return why workers wait or are on hold, in words with numbers (`Explanation`).

        Sends queries to the schedd and the collector.
        """
        return self.sync(self._ask, self._manager.explain)

    async def _current(self) -> ClusterInfo:
        """Return the cluster as it is now; raise an error if another cluster has its name."""
        if not self._link.is_open:
            await self._started()
        view = await self._manager.view(self.name)
        if view.info.id != self._link.info.id:
            raise ClusterNotFound(
                f"The cluster {self.name!r} that this object was made for has ended, and another cluster has its name. "
                f"Use af_lab.connect({self.name!r}) to connect to that one."
            )
        self._link.learn(view)
        return self._link.info

    async def _ask(self, question: Callable[[str], Awaitable[T]]) -> T:
        await self._current()
        return await question(self.name)

    def wait_for_workers(self, n_workers: int, timeout: float | str | None = None) -> Any:
        """Wait until a number of workers is connected, and show the progress.

        Parameters
        ----------
        n_workers
            Number of Dask worker processes.
        timeout
            Seconds, or text such as ``"5 min"``; None to wait as long as the cluster exists.

        Raises
        ------
        ClusterFailed
            The cluster has ended or failed.
        WorkerStartTimeoutError
            The workers did not connect in time; a note says why.
        """
        if isinstance(n_workers, bool) or not isinstance(n_workers, int) or n_workers < 1:
            raise SpecError(f"n_workers: a whole number from 1 is allowed, not {n_workers!r}.")
        lines = until_workers(self._link, self._why, n_workers, parse_timedelta(timeout))
        return drain(lines) if self.asynchronous else self._show(lines)

    # Actions.

    def scale(
        self, n: int | None = None, jobs: int | None = None, memory: int | str | None = None, cores: int | None = None
    ) -> Any:
        """Request a number of workers and return at once. Ends adaptive scaling.

        If several amounts are given, the largest counts, as in Dask.

        Parameters
        ----------
        n
            Number of Dask worker processes; each has one core. Zero drops the results that the workers keep.
        jobs
            Number of worker jobs.
        memory
            Memory of all workers together: bytes, or text such as ``"100 GB"``.
        cores
            Cores of all workers together.

        Raises
        ------
        SpecError, LimitExceeded
            The number is not allowed.
        ClusterNotFound
            The cluster has ended.
        """
        asked = amount(n, jobs, memory, cores)
        if asked == Amount():
            raise SpecError("cluster.scale takes a number of workers, or jobs=, memory= or cores=; one of the four.")
        return self._order(self._scale(asked))

    def adapt(  # type: ignore[override]
        self, minimum: int | None = None, maximum: int | None = None, active: bool = True, **others: Any
    ) -> Any:
        """Scale the cluster automatically with its tasks.

        Parameters
        ----------
        minimum, maximum
            Numbers of Dask worker processes. A value that is left out does not change. For a cluster that is not
            adaptive yet, it is Dask's ``distributed.adaptive.minimum`` or ``maximum``: by default 0, and as many as
            you may have.
        active
            Whether to scale automatically; if not, the cluster keeps the number of workers that it requests now.
        **others
            ``minimum_jobs``, ``minimum_cores``, ``minimum_memory``, and the same with ``maximum``, in addition to the
            numbers of workers or instead. ``interval`` and ``wait_count``: their product is the time for which fewer
            workers must have been enough until some are removed. ``target_duration``: the time in which the tasks
            should be done; the shorter, the more workers. All three stay until they are given again. ``worker_key``
            is allowed, but does not count.

        Raises
        ------
        SpecError, LimitExceeded
            The range is not allowed.
        ClusterNotFound
            The cluster has ended.
        """
        asked, idle = adaptive_range(minimum, maximum, others)
        if idle:
            self._log(does_not_count(idle))
        return self._order(self._adapt(asked) if active else self._stop_adapting())

    async def _scale(self, asked: Amount) -> str:
        before = await self._current()
        workers = asked.at_least(before)
        self._link.learn(await self._manager.scale(self.name, check_workers(workers)))
        if workers == 0 and before.kept_results:
            kept = f"{count(before.kept_results, 'result')} ({size(before.kept_bytes)})"
            return f"No workers are requested any more. This drops {kept} that they kept in memory."
        return ""

    async def _adapt(self, asked: AdaptiveRange) -> str:
        minimum, maximum = asked.for_cluster(await self._current())
        if maximum is None:
            maximum = max(minimum, most_allowed(self.name, await self._manager.jobs()))
        self._link.learn(await self._manager.adapt(self.name, minimum, maximum, asked.pace))
        return f"The cluster {self.name!r} is now {scaling_in_words(self._link.info)}."

    async def _stop_adapting(self) -> str:
        before = await self._current()
        if before.adapt is None:
            return ""
        self._link.learn(await self._manager.scale(self.name, before.counts.requested))
        return f"The cluster {self.name!r} no longer scales by itself: {scaling_in_words(self._link.info)}."

    def _order(self, order: Coroutine[Any, Any, str]) -> Any:
        if self.asynchronous:
            # Users of Dask do not always await the result.
            under_way = asyncio.ensure_future(self._carry_out(order))
            self._orders.add(under_way)
            under_way.add_done_callback(self._orders.discard)
            return under_way
        if said := self.sync(lambda: order):
            self._log(said)
        info = self._link.info
        on = display(quiet=self.quiet)
        if info.adapt is not None:
            return None
        if on.keeps_place:
            show_apart(self.loop, until_settled(self._link, self._why, info.generation), on)
        else:
            self._log(workers_line(info.counts.connected, info.counts.requested, info.counts))
        return None

    async def _carry_out(self, order: Coroutine[Any, Any, str]) -> None:
        if said := await order:
            self._log(said)

    # Closing and ending.

    def close(self, timeout: float | None = None) -> Any:
        """Disconnect from the cluster; the cluster and the work of its clients continue."""
        if is_shutting_down(self):
            return self.sync(self._shutdown)
        if self.status in (Status.running, Status.starting):
            self._log(f"The cluster {self.name!r} keeps running; cluster.shutdown() ends it.")
        return self.sync(self._close, callback_timeout=timeout)

    async def _close(self) -> None:
        if self.status != Status.closed:
            self.status = Status.closing
        self._why.close()
        for callback in self.periodic_callbacks.values():
            callback.stop()
        await self._link.close()

    def shutdown(self) -> Any:
        """End the cluster at once, with its workers and their data. Does nothing if it has already ended.

        Raises
        ------
        CondorUnavailable
            HTCondor does not answer; the cluster may still be running.
        """
        return self.sync(self._shutdown)

    async def _shutdown(self) -> None:
        before = self.status
        # Clients that lose their connection now close instead of trying to reconnect.
        self.status = Status.closing
        try:
            with contextlib.suppress(ClusterNotFound):
                if (await self._current()).state != "ended":
                    await self._manager.shutdown(self.name)
        except BaseException:
            self.status = before
            raise
        self._link.end("It was shut down.")
        await self._close()

    def _show(self, lines: AsyncIterator[str]) -> None:
        show(self.loop, lines, display(quiet=self.quiet))

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        if self._made:
            self.shutdown()
        else:
            self.close()

    async def __aexit__(self, kind: object, value: object, trace: object) -> None:
        """End the cluster if this object created it, else disconnect from it."""
        await (self.shutdown() if self._made else self.close())

    def __del__(self, _warn: Any = None) -> None:
        # An object without references disconnects, without a message.
        if not sys.is_finalizing() and hasattr(self, "_loop_runner"):
            threading.Thread(target=_let_go, args=(self._link, self._loop_runner), daemon=True).start()


def _let_go(link: SchedulerLink, runner: LoopRunner) -> None:
    with contextlib.suppress(RuntimeError):  # its event loop has ended
        link.let_go()
    runner.stop()
