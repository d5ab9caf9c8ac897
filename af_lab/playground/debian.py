"""Debian packages without root: downloaded by apt into our own folders, and unpacked anywhere.

Needs only the standard library, because the setup of a new checkout uses it before anything is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from af_lab.errors import PlaygroundError

__all__ = ["INSTALLED", "Apt", "has_apt", "mirrors", "unpack"]

INSTALLED = Path("/var/lib/dpkg/status")
"""Status file of the machine's packages; an `Apt` with this file downloads only what is missing."""

_UNPACK_LIMIT = 300.0  # seconds for one package; the largest takes 5
_KEYRINGS = ("debian-archive-keyring.pgp", "debian-archive-keyring.gpg")


def has_apt() -> bool:
    """Return whether packages can be downloaded on this machine."""
    return all(shutil.which(program) for program in ("apt-get", "apt-config", "dpkg", "dpkg-deb"))


@dataclass(frozen=True)
class Apt:
    """apt with its own lists, cache and state below `folder`; it never writes to those of the machine."""

    folder: Path
    sources: str | None = None
    """Text of a sources.list; if None, the machine's own sources are used."""
    installed: Path | None = None
    """Status file of the packages that count as installed; if None, no packages do."""

    def update(self) -> None:
        """Fetch the lists of packages."""
        self._prepare()
        self._run("update", doing="read the lists of packages")

    def download(self, *packages: str, progress: Callable[[float], None] = lambda done: None) -> list[Path]:
        """Download packages with all their dependencies, and return the files."""
        self._run(
            "install", "--yes", "--download-only", *packages, doing=f"fetch {', '.join(packages)}", progress=progress
        )
        return sorted((self.folder / "cache" / "archives").glob("*.deb"))

    def addresses(self) -> list[str]:
        """Return the addresses that an update would fetch, without fetching them."""
        self._prepare()
        said = self._run("update", "--print-uris", doing="read the machine's package sources")
        return re.findall(r"^'([^']+)'", said, re.MULTILINE)

    def _prepare(self) -> None:
        for name in ("state", "lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "no-packages").touch()
        (self.folder / "apt.conf").write_text(self._configuration())
        if self.sources is not None:
            (self.folder / "sources.list").write_text(self.sources)

    def _configuration(self) -> str:
        settings = {
            # The machine's hooks and preferences are not used here; its proxies and certificates are (see below).
            "Dir::Etc::Main": "/dev/null",
            "Dir::Etc::Parts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::State": self.folder / "state",
            "Dir::State::Lists": self.folder / "lists",
            "Dir::State::Status": self.installed or self.folder / "no-packages",
            "Dir::Cache": self.folder / "cache",
            "Dir::Cache::Archives": self.folder / "cache" / "archives",
            "Acquire::Languages": "none",
            "APT::Architectures": _said_by("dpkg", "--print-architecture"),
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "",
            "Debug::NoLocking": "true",
        }
        if self.sources is not None:
            settings["Dir::Etc::SourceList"] = self.folder / "sources.list"
            settings["Dir::Etc::SourceParts"] = "/dev/null"
        fetching = [
            line
            for line in _said_by("apt-config", "dump").splitlines()
            if line.startswith("Acquire::") and not line.startswith("Acquire::IndexTargets")
        ]
        return "\n".join(fetching + [f'{key} "{value}";' for key, value in settings.items()]) + "\n"

    def _run(self, *arguments: str, doing: str, progress: Callable[[float], None] | None = None) -> str:
        environment = os.environ | {"APT_CONFIG": str(self.folder / "apt.conf"), "LC_ALL": "C"}
        # apt reports its progress through a file descriptor; its output is kept for error messages.
        reader, writer = os.pipe()
        command = ["apt-get", "-q", "-o", f"APT::Status-Fd={writer}", *arguments]
        log = self.folder / "apt.log"
        with log.open("w") as said, os.fdopen(reader, errors="replace") as reports:
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                pass_fds=[writer],
            )
            os.close(writer)
            try:
                for line in reports:
                    kind, _, rest = line.partition(":")
                    if progress is not None and kind == "dlstatus":
                        progress(float(rest.split(":")[1]) / 100)
                status = process.wait()  # it has closed its end of the pipe, and apt has its own timeouts
            except BaseException:
                process.kill()
                process.wait()
                raise
        text = log.read_text(errors="replace")
        if status != 0:
            raise PlaygroundError(f"apt-get could not {doing} (status {status}):\n{_last_lines(text)}")
        return text


def mirrors(folder: Path) -> list[str]:
    """Return the archives from which the machine gets its packages, those of its own release first.

    Parameters
    ----------
    folder
        Folder where apt may write its files meanwhile.
    """
    codename = _codename()
    found: dict[str, None] = {}
    later: dict[str, None] = {}
    for address in Apt(folder).addresses():
        if parts := re.fullmatch(r"(.*)/dists/([^/]+)/InRelease", address):
            (found if parts[2] == codename else later).setdefault(parts[1])
    return list(found | later)


def suite_of(mirror: str, suite: str) -> str:
    """Return the sources.list for the main part of one suite of Debian, checked against Debian's own keys."""
    keyring = next((path for name in _KEYRINGS if (path := Path("/usr/share/keyrings") / name).is_file()), None)
    options = f"[signed-by={keyring}] " if keyring else ""
    # If the mirror is on a disk, apt would use the files in place instead of copying them.
    return f"deb {options}{re.sub('^file:', 'copy:', mirror)} {suite} main\n"


def unpack(packages: list[Path], target: Path, progress: Callable[[float], None] = lambda done: None) -> None:
    """Unpack package files into a folder, without running any of their scripts."""
    target.mkdir(parents=True, exist_ok=True)
    for done, package in enumerate(packages):
        progress(done / len(packages))
        unpacked = subprocess.run(
            ["dpkg", "-x", package, target], capture_output=True, text=True, check=False, timeout=_UNPACK_LIMIT
        )
        if unpacked.returncode != 0:
            raise PlaygroundError(f"{package.name} could not be unpacked into {target}: {unpacked.stderr.strip()}")


def _codename() -> str:
    release = Path("/etc/os-release").read_text()
    found = re.search(r'^VERSION_CODENAME="?([\w.-]+)"?$', release, re.MULTILINE)
    return found[1] if found else ""


def _said_by(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def _last_lines(text: str, number: int = 10) -> str:
    return "\n".join(text.strip().splitlines()[-number:])
