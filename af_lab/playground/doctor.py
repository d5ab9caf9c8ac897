"""Check that everything that a personal pool needs is available."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from af_lab.condor_versions import OLDEST_DAEMONS, bindings_for, work_together
from af_lab.errors import PlaygroundError
from af_lab.home import af_lab_home
from af_lab.playground.installation import Installation, installations
from af_lab.playground.labextension import refusal
from af_lab.playground.personal_pool import PersonalPool
from af_lab.playground.status import PoolState
from af_lab.playground.storage import remedy, storage_problem
from af_lab.wording import size

__all__ = ["Check", "check_all", "check_namespaces"]

_DISTRIBUTION = "af-lab"
_OLDEST_PYTHON = (3, 11)
_JUPYTERLAB = "jupyterlab>=4.2,<5"
_DISK = 2 * 10**9  # bytes: HTCondor, its logs, and a few notebooks
_SHARED_MEMORY = 64 * 2**20  # bytes: what a browser asks for at least
_SHARED_FOLDER = Path("/dev/shm")  # noqa: S108 - only checked, nothing is written
_IMPORT_LIMIT = 60.0


@dataclass(frozen=True)
class Check:
    """The result of one check."""

    subject: str
    passed: bool
    found: str
    remedy: str = ""


def check_namespaces(refusal: str | None) -> Check:
    """Check whether root may create a user namespace; `refusal` is the kernel's reason, or None if it may."""
    return Check(
        "User namespace for root",
        refusal is None,
        refusal or "allowed",
        "Run af-lab as an ordinary user, or allow user namespaces. Until then, it runs as another user.",
    )


def check_all(pool_name: str, *, needs_pool: bool = True) -> Iterator[Check]:
    """Yield the result of each check as soon as it is done.

    Parameters
    ----------
    pool_name
        The personal pool.
    needs_pool
        Whether to check HTCondor's daemons and the personal pool; a facility's access point needs neither.
    """
    yield _python()
    yield _packages()
    found = list(installations())
    # On an access point the first one is the facility's; a pool of one's own takes one that fits.
    yield _bindings(None if needs_pool or not found else found[0])
    # Before the daemons: a folder where no program can be run hides the ones in it.
    yield _folder(af_lab_home())
    if needs_pool:
        yield _daemons(found)
        usable = next((installation for installation in found if installation.is_usable), None)
        if usable is not None:
            yield _pool(PersonalPool.named(pool_name, usable))
    yield _disk()
    yield _shared_memory()
    yield _jupyterlab()
    yield _extension()
    yield Check("Node", True, "not needed to run")


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, _OLDEST_PYTHON))
    return Check("Python", sys.version_info >= _OLDEST_PYTHON, version, f"Use Python {wanted} or newer.")


def _packages() -> Check:
    remedy = f"python -m pip install --upgrade {_DISTRIBUTION}"
    try:
        version = importlib.metadata.version(_DISTRIBUTION)
        lines = importlib.metadata.requires(_DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return Check("Packages", False, f"{_DISTRIBUTION} is not installed in this Python", remedy)
    problems = [problem for line in lines if (problem := _problem(Requirement(line)))]
    return Check("Packages", not problems, "; ".join(problems) or f"{_DISTRIBUTION} {version}", remedy)


def _problem(requirement: Requirement) -> str | None:
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
        return None
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{requirement.name} is missing"
    if requirement.specifier.contains(version, prereleases=True):
        return None
    return f"{requirement.name} is {version}, not {requirement.specifier}"


def _bindings(daemons: Installation | None) -> Check:
    # In a separate process, because the import reads HTCondor's configuration, which this process does not need. It
    # must not import modules of the current folder, such as a types.py.
    tried = subprocess.run(
        [sys.executable, "-P", "-c", "import htcondor2; print(htcondor2.version().split()[1])"],
        capture_output=True,
        text=True,
        timeout=_IMPORT_LIMIT,
        check=False,
    )
    subject, install = "HTCondor bindings", "python -m pip install"
    lines = (tried.stdout if tried.returncode == 0 else tried.stderr).strip().splitlines()
    found = lines[-1] if lines else ""
    if tried.returncode != 0 or daemons is None:
        return Check(subject, tried.returncode == 0, found, f"{install} htcondor")
    fit = work_together(daemons.version, found)
    found = f"{found}, {'for' if fit else 'which do not work with'} HTCondor {daemons.version} ({daemons.origin})"
    return Check(subject, fit, found, f'{install} "{bindings_for(daemons.version)}"')


def _daemons(found: list[Installation]) -> Check:
    usable = [installation for installation in found if installation.is_usable]
    described = [f"{one.version} in {one.release_dir} ({one.origin})" for one in usable or found]
    oldest = ".".join(map(str, OLDEST_DAEMONS))
    return Check(
        "HTCondor daemons",
        bool(usable),
        described[0] if described else "none",
        f"af-lab pool install (version {oldest} or newer is needed, and one that the bindings work with)",
    )


def _folder(folder: Path) -> Check:
    problem = storage_problem(folder)
    return Check("Folder of af-lab", problem is None, problem or str(folder), remedy(folder))


def _pool(pool: PersonalPool) -> Check:
    subject = f"Pool '{pool.name}'"
    try:
        status = pool.status()
    except PlaygroundError as error:
        return Check(subject, False, str(error), f"af-lab pool status --name {pool.name}")
    if status.state is PoolState.OUT_OF_REACH:
        return Check(subject, False, status.state.value, f"af-lab pool status --name {pool.name}")
    if status.state is PoolState.RUNNING:
        return Check(subject, True, f"{status.cpus} cores, {size(status.memory)}")
    found = status.state.value + (f", waiting for {', '.join(status.missing)}" if status.missing else "")
    return Check(subject, False, found, f"af-lab pool start --name {pool.name}")


def _disk() -> Check:
    folder = af_lab_home()
    existing = next(path for path in (folder, *folder.parents) if os.path.exists(path))
    free = shutil.disk_usage(existing).free
    return Check(
        "Disk",
        free >= _DISK,
        f"{size(free)} free for {folder}",
        f"Set AF_LAB_HOME to a folder with {size(_DISK)} of free space.",
    )


def _shared_memory() -> Check:
    remedy = "Make it larger and writable (docker run --shm-size=1g ...)."
    if not _SHARED_FOLDER.is_dir():
        return Check(str(_SHARED_FOLDER), False, "missing", remedy)
    free = shutil.disk_usage(_SHARED_FOLDER).free
    usable = free >= _SHARED_MEMORY and os.access(_SHARED_FOLDER, os.W_OK)
    return Check(str(_SHARED_FOLDER), usable, f"{size(free)} free", remedy)


def _jupyterlab() -> Check:
    remedy = f"python -m pip install '{_DISTRIBUTION}[playground]'"
    try:
        return Check("JupyterLab", True, importlib.metadata.version("jupyterlab"))
    except importlib.metadata.PackageNotFoundError:
        return Check("JupyterLab", False, "missing", remedy)


def _extension() -> Check:
    shared = [Path(sys.prefix) / "share" / "jupyter", Path.home() / ".local" / "share" / "jupyter"]
    shared += [Path(folder) for folder in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if folder]
    places = [folder / "labextensions" / _DISTRIBUTION for folder in shared]
    found = next((place for place in places if (place / "package.json").is_file()), None)
    subject = "JupyterLab extension"
    if found is None:
        return Check(subject, False, "missing", f"python -m pip install --force-reinstall --no-deps {_DISTRIBUTION}")
    problem = refusal(found / "package.json")
    return Check(
        subject, not problem, f"{found}: {problem}" if problem else str(found), f"python -m pip install '{_JUPYTERLAB}'"
    )
