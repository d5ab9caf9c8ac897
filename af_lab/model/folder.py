"""The folder of a cluster on the access point: its secrets, contact address, worker description and logs.

The folder only serves the processes that run there; the job queue defines the cluster. Only its owner has access
(mode 0700, files 0600).
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from af_lab.errors import AfLabError
from af_lab.home import make_private_folder

if TYPE_CHECKING:
    from distributed.security import Security

    from af_lab.model.credentials import Credentials

__all__ = ["ClusterFolder", "clusters_of", "private_folder", "write_private"]

SHELL_END = 2000  # bytes of `shell_log` that are looked at


def clusters_of(home: Path) -> Path:
    """Return the folder of all clusters below af_lab's own; raises as `private_folder` does."""
    return private_folder(home, "clusters")


def private_folder(home: Path, name: str) -> Path:
    """Return a folder below af_lab's own; create it if necessary, and close it to other users.

    Raises
    ------
    AfLabError
        Another user could replace what is in it, or read it.
    """
    folder = home / name
    make_private_folder(home)
    folder.mkdir(mode=0o700, exist_ok=True)
    at_home = home.stat()
    open_to_all = at_home.st_mode & stat.S_IWOTH and not at_home.st_mode & stat.S_ISVTX
    # Of the link as well, if it is one: the owner of a link can point it elsewhere.
    owners = {folder.lstat().st_uid, folder.stat().st_uid}
    if open_to_all or at_home.st_uid not in (0, os.geteuid()) or owners != {os.geteuid()}:
        raise AfLabError(
            f"Other users can write to {home}, or own files in it: what af_lab keeps would not be safe there. "
            f"Run `chmod 700 {home}` if it is yours, or set AF_LAB_HOME to a folder of your own."
        )
    folder.chmod(0o700)
    # Looked at, not believed: some file systems (EOS, CIFS, many of FUSE) accept a mode and keep another.
    if (mode := stat.S_IMODE(folder.stat().st_mode)) & 0o077:
        raise AfLabError(
            f"The file system of {folder} keeps the permissions {mode:04o} whatever they are set to, so other users "
            "could read what af_lab keeps there. Set AF_LAB_HOME to a folder on another file system of this "
            "machine, such as /var/tmp/$USER-af-lab."
        )
    return folder


@dataclass(frozen=True)
class ClusterFolder:
    """Paths of one cluster's files, and methods to read and write them."""

    path: Path

    @classmethod
    def create(cls, home: Path, credentials: Credentials) -> ClusterFolder:
        """Create the folder of a new cluster below af_lab's own, with its secrets; raises as `clusters_of` does."""
        folder = cls(clusters_of(home) / uuid.uuid4().hex)
        folder.path.mkdir(mode=0o700)
        try:
            folder.logs.mkdir(mode=0o700)
            folder.write(folder.authority, credentials.authority)
            folder.write(folder.scheduler_certificate, credentials.scheduler)
            folder.write(folder.worker_certificate, credentials.worker)
            folder.write(folder.http_secret, credentials.http_secret.encode())
            # A worker job may start before the scheduler has an address; HTCondor transfers the file nevertheless.
            folder.write(folder.contact, b"{}")
        except BaseException:
            folder.remove()
            raise
        return folder

    def remove(self) -> None:
        """Remove the folder, with the secrets in it."""
        shutil.rmtree(self.path)

    @property
    def authority(self) -> Path:
        """Certificate of the cluster's authority."""
        return self.path / "authority.pem"

    @property
    def scheduler_certificate(self) -> Path:
        """Certificate and key of the scheduler and its clients."""
        return self.path / "scheduler.pem"

    @property
    def worker_certificate(self) -> Path:
        """Certificate and key of the workers."""
        return self.path / "worker.pem"

    @property
    def http_secret(self) -> Path:
        """Key to the scheduler's HTTP side."""
        return self.path / "http-secret"

    @property
    def environment(self) -> Path:
        """Shell script that sets the environment variables of scheduler and workers."""
        return self.path / "environment.sh"

    @property
    def scheduler_program(self) -> Path:
        """What the scheduler job executes, as a shell script."""
        return self.path / "scheduler.sh"

    @property
    def worker_description(self) -> Path:
        """Submit description of a worker job, as JSON."""
        return self.path / "worker-job.json"

    @property
    def contact(self) -> Path:
        """Address of the scheduler; each worker job gets the file as it is when the job starts."""
        return self.path / "contact.json"

    @property
    def settings(self) -> Path:
        """The settings of af_lab as they were when and where the cluster was made, as JSON."""
        return self.path / "settings.json"

    @property
    def dask_settings(self) -> Path:
        """The settings of Dask that differ from its defaults where the cluster was made, as JSON."""
        return self.path / "dask.json"

    @property
    def worker_program(self) -> Path:
        """What a worker job executes, as a shell script."""
        return self.path / "worker.sh"

    @property
    def starts(self) -> Path:
        """Moments at which the scheduler was started, as JSON."""
        return self.path / "starts.json"

    @property
    def timeline(self) -> Path:
        """The number of workers over time, as its scheduler saw it."""
        return self.path / "timeline.jsonl"

    @property
    def events(self) -> Path:
        """HTCondor's event log of all jobs of the cluster."""
        return self.path / "events.log"

    @property
    def kept_events(self) -> Path:
        """The oldest events of `events` that still matter; absent as long as that file has them itself."""
        return self.path / "events-kept.log"

    @property
    def reason(self) -> Path:
        """Why the scheduler ended, in words; absent if no reason is known."""
        return self.path / "reason.txt"

    @property
    def logs(self) -> Path:
        """Folder of the logs: one for each start of the scheduler, and one for each worker job."""
        return self.path / "logs"

    @property
    def shell_log(self) -> Path:
        """What the shell and Python say before the newest start of the scheduler opens its own log."""
        return self.logs / "scheduler.out"

    def scheduler_logs(self) -> list[Path]:
        """Return the logs of the scheduler's starts in which something stands, the newest last."""
        found = [(log.stat(), log) for log in self.logs.glob("scheduler-*.log")]
        return [log for at, log in sorted(found, key=lambda pair: pair[0].st_mtime_ns) if at.st_size]

    def security(self) -> Security:
        """Return what a client of the cluster needs for TLS; holds paths, no secrets."""
        from distributed.security import Security

        authority, member = str(self.authority), str(self.scheduler_certificate)
        return Security(
            require_encryption=True,
            tls_ca_file=authority,
            tls_client_cert=member,
            tls_client_key=member,
            tls_scheduler_cert=member,
            tls_scheduler_key=member,
        )

    def read_address(self) -> str | None:
        """Return the scheduler's address, or None before its first start."""
        address: str | None = json.loads(self.contact.read_text(encoding="utf-8")).get("address")
        return address

    def write_address(self, address: str) -> None:
        """Write the scheduler's address for workers and clients."""
        self.write(self.contact, json.dumps({"address": address}).encode())

    def read_reason(self) -> str | None:
        """Return why the scheduler ended, if it said so."""
        try:
            return self.reason.read_text(encoding="utf-8").strip() or None
        except OSError:
            return None

    def read_shell_error(self) -> str | None:
        """Return the last line in `shell_log`; None if there is none, or if the scheduler gave a reason since then."""
        try:
            content = self.shell_log.read_bytes()
            if self.reason.exists() and self.reason.stat().st_mtime_ns > self.shell_log.stat().st_mtime_ns:
                return None
        except OSError:
            return None
        lines = content[-SHELL_END:].decode(errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), None)

    def write(self, path: Path, content: bytes, mode: int = 0o600) -> None:
        """Write a file of the folder atomically, readable only by the owner."""
        write_private(path, content, mode)


def write_private(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file atomically, readable only by its owner."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
