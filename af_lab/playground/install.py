"""Install HTCondor's daemons into the user's own folder."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from af_lab.condor_versions import OLDEST_DAEMONS, bindings_version
from af_lab.errors import PlaygroundError
from af_lab.home import make_private_folder
from af_lab.playground import conda, condor_debian
from af_lab.playground.folders import installation_folder
from af_lab.playground.install_progress import Progress
from af_lab.playground.installation import Installation, examine, find_installation
from af_lab.playground.locks import locked

__all__ = ["ensure_installation"]

_LOCK_LIMIT = 1800.0  # seconds that an installation by another process may take, on a slow network


def ensure_installation(progress: Progress) -> Installation:
    """Return the HTCondor of this machine; install one for this user if there is none.

    The installation becomes visible only when it is complete: an interrupted one is never used, and a second one at
    the same time waits for the first.

    Raises
    ------
    PlaygroundError
        HTCondor could not be installed; the message says what the administrator can do.
    """
    if found := find_installation():
        return found
    link = installation_folder()
    home = link.parent
    make_private_folder(home)
    with locked(
        home / ".install.lock",
        _LOCK_LIMIT,
        "installing HTCondor",
        lambda: progress.step(1, 1, "waiting for another process that installs HTCondor"),
    ):
        if found := find_installation():
            return found
        for rest in home.glob("htcondor-*"):
            shutil.rmtree(rest)
        # In its final folder from the start, because the files contain its path; only the link makes it valid.
        folder = Path(tempfile.mkdtemp(prefix="htcondor-", dir=home))
        try:
            release_dir = _install(folder, progress)
            installed = examine(release_dir, "installed by af-lab")
            if installed is None:
                raise PlaygroundError(
                    f"HTCondor was installed in {release_dir}, but condor_version does not run there."
                )
            if not installed.is_usable:
                raise PlaygroundError(
                    f"Only HTCondor {installed.version} could be installed here, but af-lab needs {_oldest()} or "
                    f"newer, and one that the Python bindings {bindings_version()} work with."
                )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        unfinished = home / f".{folder.name}"
        unfinished.symlink_to(folder.name)
        unfinished.replace(link)
    found = find_installation()
    if found is None:
        raise PlaygroundError(f"HTCondor was installed in {folder}, but was not found there.")
    return found


def _install(folder: Path, progress: Progress) -> Path:
    if condor_debian.possible():
        return condor_debian.install(folder, progress)
    if program := conda.program():
        return conda.install(program, folder, progress)
    raise PlaygroundError(
        f"This machine has no HTCondor {_oldest()} or newer, and no program to install it. "
        "Ask the administrator for the package 'condor' from HTCondor's own repository, or put conda, mamba or "
        "micromamba on PATH and try again."
    )


def _oldest() -> str:
    return ".".join(map(str, OLDEST_DAEMONS))
