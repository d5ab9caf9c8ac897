"""Run as an ordinary user, because HTCondor refuses jobs of root.

Root enters a user namespace in which it appears as `NAME`. Files that it creates there still belong to root outside,
and everything that root may read stays readable. If the kernel forbids that, as in many containers, root becomes
another user permanently: the one who called `sudo`, or the user nobody.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from af_lab.errors import PlaygroundError
from af_lab.home import af_lab_home, make_private_folder

__all__ = ["NAME", "become_ordinary_user", "namespace_refusal", "other_account", "user_name"]

NAME = "physicist"
"""The user name of root inside the namespace."""

_UID = 1000
_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_MS_BIND = 0x1000
_MS_REC = 0x4000
_MS_PRIVATE = 1 << 18
_MNT_DETACH = 2

_HOME_OF_NOBODY = Path("/var/tmp/af-lab-nobody")  # noqa: S108 - made by root and owned by nobody

_libc = ctypes.CDLL(None, use_errno=True)


def user_name() -> str:
    """Return the name of the user who runs this process."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise PlaygroundError(
            f"HTCondor needs a user name, but the user id {os.geteuid()} has no name on this machine. "
            "Ask the administrator for an entry in /etc/passwd."
        ) from None


def become_ordinary_user(beside: Iterable[int] = ()) -> None:
    """Make this process and its children run as an ordinary user; do nothing if it is one already.

    Call this before the process starts a thread: afterwards the kernel refuses it.

    Parameters
    ----------
    beside
        Processes that may have entered a namespace before. This process joins the first one that has, because
        processes can see each other through ``/proc`` only within one namespace.

    Raises
    ------
    PlaygroundError
        The process belongs to root, and can neither enter a namespace nor become another user; or no temporary file
        can be written.
    """
    if os.geteuid() != 0:
        return
    entered = next((pid for pid in beside if _lives_in_another(pid)), None)
    if entered is not None:
        _join(entered)
    elif (refusal := namespace_refusal()) is None:
        with _empty_folder() as folder:
            _enter_new(folder)
    else:
        _step_down(refusal)


def namespace_refusal() -> str | None:
    """Return why root cannot enter a user namespace here, or None if it can.

    Raises
    ------
    PlaygroundError
        No temporary file can be written.
    """
    with _empty_folder() as folder:
        return _failure_in_child(lambda: _enter_new(folder))


def _lives_in_another(pid: int) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/ns/user") != os.readlink("/proc/self/ns/user")
    except FileNotFoundError:
        return False


def _join(pid: int) -> None:
    here = Path.cwd()
    mounts, users = (os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY) for kind in ("mnt", "user"))
    # In this order: after entering the user namespace, the process may no longer enter the other one.
    _enter(mounts)
    with _empty_folder() as folder:
        _mount_user_files(folder)
    _enter(users)
    os.chdir(here)  # entering another mount namespace changes to its root folder
    _call_oneself(NAME)


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, 0) != 0:
        raise _os_error("setns")
    os.close(namespace)


def _enter_new(folder: Path) -> None:
    _unshare(_CLONE_NEWUSER | _CLONE_NEWNS)
    _map_user(0)
    _mount("none", "/", _MS_REC | _MS_PRIVATE)
    _mount_user_files(folder)
    _unshare(_CLONE_NEWUSER)
    _map_user(_UID)
    _call_oneself(NAME)


@contextmanager
def _empty_folder() -> Iterator[Path]:
    """Make a folder for a moment; not in af_lab's own, which may be read-only without a fault of the namespace."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="af-lab-identity-")
    except OSError as error:
        raise PlaygroundError(
            f"No temporary file can be written ({error.strerror}). Set TMPDIR to a folder of your own."
        ) from None
    with folder as path:
        yield Path(path)


def _mount_user_files(folder: Path) -> None:
    """Mount our ``passwd`` and ``group`` over the machine's, where they are not mounted yet, or not any more.

    If a program replaces the machine's file, the kernel undoes the mount in all namespaces.
    """
    # In a file system of their own: nothing can be mounted over a file that is deleted, but they need to stay nowhere.
    _mount("tmpfs", str(folder), 0, "tmpfs")
    for theirs, text in _user_files().items():
        if f"{NAME}:" in theirs.read_text(errors="replace"):
            continue
        ours = folder / theirs.name
        ours.write_bytes(os.fsencode(text))
        ours.chmod(0o644)
        _mount(str(ours), str(theirs), _MS_BIND)
    if _libc.umount2(os.fsencode(folder), _MNT_DETACH) != 0:
        raise _os_error(f"umount {folder}")


def _user_files() -> dict[Path, str]:
    return {
        Path("/etc/passwd"): (
            "root:x:0:0:root:/root:/bin/sh\n"
            f"{NAME}:x:{_UID}:{_UID}:{NAME}:{Path.home()}:/bin/sh\n"
            "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
        ),
        Path("/etc/group"): f"root:x:0:\n{NAME}:x:{_UID}:\nnogroup:x:65534:\n",
    }


def _unshare(flags: int) -> None:
    if _libc.unshare(flags) != 0:
        raise _os_error("unshare")


def _mount(source: str, target: str, flags: int, kind: str = "none") -> None:
    if _libc.mount(os.fsencode(source), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), None) != 0:
        raise _os_error(f"mount {target}")


def _map_user(inside: int) -> None:
    """Map root of the parent namespace to the user id `inside` in the current namespace."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inside} 0 1")
    Path("/proc/self/gid_map").write_text(f"{inside} 0 1")


def _step_down(refusal: str) -> None:
    account, home = other_account()
    needed = [Path(sys.executable), Path(__file__), Path.cwd()]

    def check() -> None:
        _become(account)
        for path in needed:
            os.stat(path)
            if not os.access(path, os.R_OK):
                raise PermissionError(f"{path} is not readable")

    if problem := _failure_in_child(check):
        raise PlaygroundError(
            f"HTCondor does not run jobs of root. This kernel does not let root enter a user namespace ({refusal}), "
            f"and the user {account.pw_name} cannot run this instead ({problem}). Run it as an ordinary user, or move "
            "it to a folder that every user may read."
        )
    for folder in {home, af_lab_home()} if "AF_LAB_HOME" in os.environ else {home}:
        try:
            make_private_folder(folder)
        except OSError as error:
            raise PlaygroundError(
                f"{folder} cannot be created: {error.strerror}. Set AF_LAB_HOME to a folder of your own."
            ) from None
        if folder.is_symlink() or folder.stat().st_uid not in (0, account.pw_uid):
            raise PlaygroundError(f"{folder} belongs to another user; remove it and try again.")
        os.chown(folder, account.pw_uid, account.pw_gid)
    _become(account)
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        del os.environ[name]
    os.environ["HOME"] = str(home)
    _call_oneself(account.pw_name)


def other_account() -> tuple[pwd.struct_passwd, Path]:
    """Return the user that root becomes if it cannot enter a user namespace, and the home of that user."""
    if (caller := os.environ.get("SUDO_UID", "0")) != "0":
        account = pwd.getpwuid(int(caller))
        return account, Path(account.pw_dir)
    return pwd.getpwnam("nobody"), _HOME_OF_NOBODY


def _become(account: pwd.struct_passwd) -> None:
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def _call_oneself(name: str) -> None:
    os.environ["USER"] = os.environ["LOGNAME"] = name


def _failure_in_child(action: Callable[[], None]) -> str | None:
    """Try, in a separate process, an action that cannot be undone; return what went wrong, if anything."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 0
        try:
            action()
        except OSError as error:
            os.write(writer, str(error).encode())
            status = 1
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        failure = said.read().decode()
    os.waitpid(child, 0)
    return failure or None


def _os_error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")
