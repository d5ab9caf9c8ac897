"""The folder of a cluster on the access point: its secrets, contact address, worker description and logs.

The folder is a convenience of the processes that run there; what a cluster *is* stands in the job queue. It belongs
to its owner alone (mode 0700, files 0600).
"""

from __future__ import annotations

import json
import os
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed.security import Security

    from af_lab.manager.security import Credentials

__all__ = ["ClusterFolder"]


@dataclass(frozen=True)
class ClusterFolder:
    """Paths of one cluster's files, and the few ways in which they are read and written."""

    path: Path

    @classmethod
    def create(cls, home: Path, credentials: Credentials) -> ClusterFolder:
        """Make the folder of a new cluster below af_lab's own, with its secrets in it."""
        clusters = home / "clusters"
        clusters.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = cls(clusters / uuid.uuid4().hex)
        folder.path.mkdir(mode=0o700)
        folder.logs.mkdir(mode=0o700)
        folder.write(folder.authority, credentials.authority)
        folder.write(folder.scheduler_certificate, credentials.scheduler)
        folder.write(folder.worker_certificate, credentials.worker)
        folder.write(folder.http_secret, credentials.http_secret.encode())
        # A worker job may start before the scheduler has an address, and takes the file along all the same.
        folder.write(folder.contact, b"{}")
        return folder

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
        """What the scheduler job executes."""
        return self.path / "scheduler.sh"

    @property
    def worker_description(self) -> Path:
        """Submit description of a worker job, as JSON."""
        return self.path / "worker-job.json"

    @property
    def contact(self) -> Path:
        """Address of the scheduler; each worker job takes along the file as it is when the job starts."""
        return self.path / "contact.json"

    @property
    def events(self) -> Path:
        """HTCondor's event log of all jobs of the cluster."""
        return self.path / "events.log"

    @property
    def reason(self) -> Path:
        """Why the scheduler ended, in words; absent while it has none."""
        return self.path / "reason.txt"

    @property
    def logs(self) -> Path:
        """Folder of the logs: one for each start of the scheduler, and one for each worker job."""
        return self.path / "logs"

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
        """Tell workers and clients where the scheduler is."""
        self.write(self.contact, json.dumps({"address": address}).encode())

    def read_reason(self) -> str | None:
        """Return why the scheduler ended, if it said so."""
        try:
            return self.reason.read_text(encoding="utf-8").strip() or None
        except OSError:
            return None

    def write(self, path: Path, content: bytes, mode: int = 0o600) -> None:
        """Write a file of the folder whole or not at all, readable by the owner alone."""
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(temporary).chmod(mode)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
