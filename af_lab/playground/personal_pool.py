"""A personal HTCondor pool: start it, stop it, get its status."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from af_lab.disk_errors import check_room, storage_errors
from af_lab.errors import PlaygroundError
from af_lab.home import make_private_folder
from af_lab.playground import condor_config, instance_lock, processes
from af_lab.playground.folders import pool_folder
from af_lab.playground.identity import user_name
from af_lab.playground.installation import Installation
from af_lab.playground.locks import locked
from af_lab.playground.sizing import PoolSize
from af_lab.playground.status import PoolState, PoolStatus, ask_collector
from af_lab.playground.storage import check_storage
from af_lab.pool_owner import recorded_owner

__all__ = ["PersonalPool"]

_START_LIMIT = 60.0  # seconds
_USUAL_START = 3.0  # an idle machine needs half of that
_MASTER_LIMIT = 10.0
_STOP_LIMIT = 60.0
_KILL_LIMIT = 10.0
_LOCK_LIMIT = 150.0  # for a start or stop by another process, with all its limits
_PAUSE = 0.1

_FAST = signal.SIGQUIT
"""Signal that ends condor_master; jobs of a personal pool get no time to retire."""

_SUBFOLDERS = ("log", "spool", "execute", "lock", "run")
_SECRET_SUBFOLDERS = ("passwords.d", "tokens.d")


@dataclass(frozen=True)
class PersonalPool:
    """A pool in its own folder. The object holds no state, so that any process can access any pool."""

    name: str
    folder: Path
    installation: Installation

    @classmethod
    def named(cls, name: str, installation: Installation) -> PersonalPool:
        """Return the pool of that name under ``$AF_LAB_HOME``, whether it exists or not."""
        return cls(name, pool_folder(name), installation)

    @property
    def config(self) -> Path:
        """The file for ``CONDOR_CONFIG``."""
        return self.folder / "condor_config"

    @property
    def log(self) -> Path:
        """The folder of the daemons' logs."""
        return self.folder / "log"

    @property
    def out_of_reach(self) -> str:
        """What to say of `PoolState.OUT_OF_REACH`."""
        return (
            f"The pool '{self.name}' is running, but its processes are out of reach here: it was started outside the "
            "pool that this terminal runs in, by another user, or in a container. Use and stop it from there."
        )

    def environment(self) -> dict[str, str]:
        """Return the environment of this process, changed so that HTCondor's tools and bindings use this pool."""
        # Inside a job of another pool, its _CONDOR_ variables would override this pool's configuration.
        kept = {key: value for key, value in os.environ.items() if not key.upper().startswith("_CONDOR_")}
        path = f"{self._tools}{os.pathsep}{kept.get('PATH', os.defpath)}"
        return kept | {"CONDOR_CONFIG": str(self.config), "PATH": path}

    def start(
        self, size: PoolSize, waiting: Callable[[str], None] = lambda what: None, *, outlives: bool = True
    ) -> bool:
        """Start the pool and wait until it accepts jobs.

        Parameters
        ----------
        size
            What the pool offers; it may be more than the machine has.
        waiting
            Called with what is being waited for, each time that this changes.
        outlives
            Whether the pool keeps running when this process has ended.

        Returns
        -------
        bool
            False if the pool was already running, with any size.

        Raises
        ------
        PlaygroundError
            The pool cannot be started, its folder cannot hold a pool, or it runs out of reach of this process.
        StorageError
            The disk is full.
        """
        self.check()
        with storage_errors(self.folder):
            return self._start(size, waiting, outlives)

    def _start(self, size: PoolSize, waiting: Callable[[str], None], outlives: bool) -> bool:
        self._make_folders()
        with self._locked():
            if self.is_running():
                state = self.status().state
                if state is PoolState.OUT_OF_REACH:
                    raise PlaygroundError(self.out_of_reach)
                if state is not PoolState.RUNNING:
                    self._wait_until_ready(waiting)
                return False
            self._kill_rest()
            self._forget_addresses()
            self._write_config(size)
            self._link_tools()
            self._host_file.write_text(socket.gethostname())
            try:
                self._run_master(outlives)
                self._wait_until_ready(waiting)
            except BaseException:
                self._stop()
                # The daemons do not say so.
                check_room(self.folder)
                raise
            return True

    def check(self) -> None:
        """Check that the pool runs, or that its folder can hold one.

        Raises
        ------
        PlaygroundError
            It cannot; the message says why, and how to choose another.
        """
        if not self.is_running():
            check_storage(self.folder)

    def stop(self) -> bool:
        """End all daemons and jobs of the pool; what is in its queue stays there for the next start.

        Returns
        -------
        bool
            False if nothing of the pool was running.

        Raises
        ------
        PlaygroundError
            Its processes do not end, or cannot be ended from here.
        """
        if not self._exists():
            return False
        with self._locked():
            if self.is_running() and self._master() is None:
                raise PlaygroundError(self.out_of_reach)
            return self._stop()

    def status(self) -> PoolStatus:
        """Return the status of the pool; takes well under a second if the pool answers."""
        if not self.is_running():
            return PoolStatus(PoolState.DIED if self._pid_file.exists() else PoolState.STOPPED)
        status = ask_collector(self.installation.bin, self.environment())
        if status.state is PoolState.STARTING and self._master() is None:
            return PoolStatus(PoolState.OUT_OF_REACH)
        return status

    def is_running(self) -> bool:
        """Return whether the pool's condor_master runs, also in another namespace or as another user.

        Raises
        ------
        PlaygroundError
            The pool runs, or died, on another machine that shares its folder; or the folder cannot be read.
        """
        if not self._exists():
            return False
        # Shortly after its start, condor_master does not hold its lock yet.
        return self._master() is not None or self._lock_holder() is not None

    @property
    def _tools(self) -> Path:
        return self.folder / "bin"

    @property
    def _pid_file(self) -> Path:
        return self.folder / "master.pid"

    @property
    def _host_file(self) -> Path:
        return self.folder / "host"

    def _exists(self) -> bool:
        try:
            return self._pid_file.exists() or self.folder.is_dir()
        except PermissionError:
            raise PlaygroundError(
                f"The folder {self.folder} of the pool '{self.name}' belongs to another user, who alone can use the "
                "pool. Set AF_LAB_HOME to a folder of your own."
            ) from None

    def _make_folders(self) -> None:
        make_private_folder(self.folder)
        self.folder.chmod(0o700)
        for name in _SUBFOLDERS:
            (self.folder / name).mkdir(mode=0o755, exist_ok=True)
        for name in _SECRET_SUBFOLDERS:
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)

    def _locked(self) -> AbstractContextManager[None]:
        """Return a lock, so that only one process at a time starts or stops the pool."""
        doing = f"starting or stopping the pool '{self.name}'"
        return locked(self.folder / ".af-lab.lock", _LOCK_LIMIT, doing)

    def _master(self) -> int | None:
        """Return the process of the running condor_master; None also if this process may not inspect it."""
        host = self._host_file.read_text() if self._host_file.exists() else socket.gethostname()
        if self._pid_file.exists() and host != socket.gethostname():
            raise PlaygroundError(
                f"The pool '{self.name}' was started on {host}: stop it there, or use another name here. "
                f"If that machine is gone, remove {self._pid_file}."
            )
        candidates = (self._lock_holder(), self._written_pid())
        return next((pid for pid in candidates if pid and processes.is_master(pid, self.config)), None)

    def _lock_holder(self) -> int | None:
        return instance_lock.holder(self.folder / "lock" / "InstanceLock")

    def _written_pid(self) -> int | None:
        try:
            return int(self._pid_file.read_text())
        except (OSError, ValueError):
            return None

    def _forget_addresses(self) -> None:
        for file in (*self.log.glob(".*_address"), self._pid_file):
            file.unlink(missing_ok=True)

    def _write_config(self, size: PoolSize) -> None:
        # The jobs in the queue belong to the owner whom the previous start recorded.
        owner = recorded_owner(self.config) or user_name()
        text = condor_config.render(self.installation, self.folder, size, owner)
        unfinished = self.config.with_suffix(".unfinished")
        unfinished.write_bytes(os.fsencode(text))
        unfinished.replace(self.config)

    def _link_tools(self) -> None:
        """Make a folder for PATH that contains only HTCondor's programs, and in particular no other Python."""
        shutil.rmtree(self._tools, ignore_errors=True)
        self._tools.mkdir()
        for folder in (self.installation.sbin, self.installation.bin):
            for program in folder.glob("condor_*"):
                link = self._tools / program.name
                link.unlink(missing_ok=True)
                link.symlink_to(program)

    def _run_master(self, outlives: bool) -> None:
        command = [str(self.installation.sbin / "condor_master"), "-pidfile", str(self._pid_file)]
        if not outlives:
            processes.start_bound([*command, "-f"], self.environment(), _FAST)
            return
        # condor_master moves itself to the background, so it outlives the process that starts it.
        started = subprocess.run(
            command,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_START_LIMIT,
            check=False,
        )
        if started.returncode != 0:
            raise PlaygroundError(
                f"The pool '{self.name}' could not be started: condor_master ended with status "
                f"{started.returncode}. {started.stderr.strip()} Its log: {self.log / 'MasterLog'}"
            )

    def _wait_until_ready(self, waiting: Callable[[str], None]) -> None:
        begun = time.monotonic()
        told: tuple[str, ...] = ()
        waiting(f"the pool '{self.name}' to start")
        while True:
            status = self.status()
            if status.state is PoolState.RUNNING:
                return
            elapsed = time.monotonic() - begun
            # Shortly after its start, condor_master has not written its file yet.
            if status.state is PoolState.DIED or (status.state is PoolState.STOPPED and elapsed > _MASTER_LIMIT):
                raise PlaygroundError(
                    f"The condor_master of the pool '{self.name}' ended immediately. Its log: {self.log / 'MasterLog'}"
                )
            missing = status.missing or ("condor_master",)
            if elapsed > _START_LIMIT:
                raise PlaygroundError(
                    f"The pool '{self.name}' was not ready after {_START_LIMIT:.0f} s: still waiting for "
                    f"{', '.join(missing)}. The daemons' logs: {self.log}"
                )
            if missing != told and elapsed > _USUAL_START:
                waiting(", ".join(missing))
                told = missing
            time.sleep(_PAUSE)

    def _stop(self) -> bool:
        pid = self._master()
        if pid is not None:
            processes.end([pid], _FAST)
            limit = time.monotonic() + _STOP_LIMIT
            while self._master() is not None and time.monotonic() < limit:
                time.sleep(_PAUSE)
        left = self._kill_rest()
        self._forget_addresses()
        return pid is not None or left

    def _kill_rest(self) -> bool:
        """Kill the processes that an ended pool has left behind; return whether there were any."""
        found = False
        limit = time.monotonic() + _KILL_LIMIT
        while pids := processes.pool_processes(self.folder):
            found = True
            if time.monotonic() > limit:
                raise PlaygroundError(
                    f"Processes of the pool '{self.name}' do not end even after SIGKILL: {sorted(pids)}."
                )
            processes.end(pids, signal.SIGKILL)
            time.sleep(_PAUSE)
        return found
