"""The folders of a worker job: for tasks, for files that only its owner may read, and for sockets."""

from __future__ import annotations

import multiprocessing
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from af_lab.worker.protocol import FILES

__all__ = ["leave_files", "private_folder", "short_folder_for_sockets"]


def leave_files(scratch: str) -> Path:
    """Return the folder of the cluster's files, and make sure that tasks do not start in it.

    The job's script has left it already; a cluster that an earlier af_lab made has no such script.
    """
    files = Path(os.environ.get(FILES) or Path.cwd())
    if files.samefile(Path.cwd()):
        tasks = Path(scratch, "tasks")
        tasks.mkdir(exist_ok=True)
        os.chdir(tasks)
    return files


def private_folder(parent: str) -> str:
    """Return a folder that only the owner can enter, below one that may be shared, such as /tmp.

    Dask spills data from memory to files there, whatever permissions the user's tasks give to their own files. Its
    name stays, so that a worker finds and removes what a killed one has left.
    """
    folder = Path(parent, f"af-lab-{os.geteuid()}")
    # Not where a file has the name.
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # If somebody else was here first, the folder of an earlier worker has another name.
    for found in (folder, *sorted(Path(parent).glob(f"{folder.name}-*"))):
        with suppress(FileNotFoundError):
            if _is_private(found):
                return str(found)
    return tempfile.mkdtemp(prefix=f"{folder.name}-", dir=parent)


def _is_private(folder: Path) -> bool:
    """Return whether something is a folder, of this user, that no other can enter."""
    found = folder.lstat()
    return found.st_uid == os.geteuid() and stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700


def short_folder_for_sockets(scratch: str) -> None:
    """Let this process and its children make their sockets in a folder with a short name.

    The name of a Unix socket may have 107 characters, and the scratch folder of a job alone may have more. The name
    used here goes through an open descriptor of this process, so nothing is left behind when it is killed.
    """
    sockets = Path(scratch, "sockets")
    sockets.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(sockets, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    short = Path(f"/proc/{os.getpid()}/fd/{descriptor}")
    # In a container, /proc may show the processes of its host.
    if short.exists() and short.samefile(sockets):
        # `multiprocessing.util.get_temp_dir` makes its folder unless there is one; children inherit it.
        multiprocessing.current_process()._config["tempdir"] = str(short)  # type: ignore[attr-defined]
