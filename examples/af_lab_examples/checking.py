"""Find the files to analyse, and check them before any worker opens them."""

from __future__ import annotations

import glob
import struct
import warnings
from collections.abc import Collection, Sequence
from pathlib import Path

import uproot

from af_lab.errors import AfLabError
from af_lab_examples.remote import is_remote, remote_faults

__all__ = ["resolve"]

TREE = "Events"
SHOWN = 5  # faults that a message lists
MAGIC = b"root"  # which a list of users begins with too, hence the next
FIRST_RECORDS = (64, 100)  # where the first record of a file can be
LARGE_FILE = 1_000_000  # added to the version in the header of files whose positions have 64 bits


def resolve(files: Sequence[str | Path], *, skip_bad: bool = False, branches: Collection[str] = ()) -> list[str]:
    """Return the files to analyse, each once, after a check of each of them.

    A check takes about 10 ms for a file on this machine's disks. Files behind ``root://`` are opened with ROOT
    (some seconds, and at most a minute); without ROOT, only whether their host answers is checked.

    Parameters
    ----------
    files
        Paths, patterns such as ``/data/*.root``, and addresses that begin with ``root://``.
    skip_bad
        Warn of files that cannot be analysed and leave them out, instead of raising an error.
    branches
        What the tree of each file must have.

    Returns
    -------
    list of str
        Absolute paths, since workers run in other folders, and addresses.

    Raises
    ------
    AfLabError
        If a pattern matches nothing, if a file cannot be analysed, or if no file remains; it names them.
    """
    found = _expand(files)
    faults = {file: fault for file in found if not is_remote(file) and (fault := _fault(Path(file), branches))}
    faults |= remote_faults([file for file in found if is_remote(file)], branches)
    good = [file for file in found if file not in faults]
    if faults and not (skip_bad and good):
        raise AfLabError(_refusal(faults, len(found), skip_bad=skip_bad))
    if faults:
        warnings.warn(f"{_left_out(faults, len(found))}: {_listed(faults, '; ')}", stacklevel=2)
    return good


def _expand(files: Sequence[str | Path]) -> list[str]:
    if isinstance(files, str | Path):
        files = [files]
    found: list[str] = []
    for file in map(str, files):
        if is_remote(file):
            found.append(file)
            continue
        path = Path(file).expanduser().absolute()
        if glob.has_magic(file) and not path.exists():
            matches = sorted(glob.glob(str(path), recursive=True))
            if not matches:
                raise AfLabError(f"No file matches {file!r} (looked for {path}). Check the folder and the pattern.")
            found += matches
        else:
            found.append(str(path))
    if not found:
        raise AfLabError("There are no files to analyse: the list is empty.")
    return list(dict.fromkeys(found))


def _fault(path: Path, branches: Collection[str]) -> str | None:
    """Return what is wrong with a file and what to do, if anything is."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            header = file.read(20)
    except FileNotFoundError:
        return "it does not exist; check the path, and whether this machine sees that disk"
    except IsADirectoryError:
        return "it is a folder; give its files, for example with /*.root"
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    if not size:
        return "it is empty; fetch or make it again"
    if not header.startswith(MAGIC) or len(header) < 20 or struct.unpack(">i", header[8:12])[0] not in FIRST_RECORDS:
        return "it is not a ROOT file; remove it from the list"
    (version,) = struct.unpack(">i", header[4:8])
    (end,) = struct.unpack(">q", header[12:20]) if version >= LARGE_FILE else struct.unpack(">i", header[12:16])
    if size < end:
        return f"it is cut off, {size} of its {end} bytes are there; fetch or make it again"
    return _content_fault(path, branches)


def _content_fault(path: Path, branches: Collection[str]) -> str | None:
    try:
        with uproot.open(path) as file:
            names = file.keys(cycle=False)
            if TREE not in names:
                has = ", ".join(names[:SHOWN]) or "nothing"
                return f"it has no tree {TREE!r} (it has: {has}); remove it from the list"
            missing = sorted(set(branches) - set(file[TREE].keys()))
    except Exception as error:  # a broken file may cause any error in its reader
        return f"it is damaged ({type(error).__name__}); fetch or make it again"
    return f"it lacks {', '.join(missing)}; choose files that have what the analysis reads" if missing else None


def _listed(faults: dict[str, str], between: str) -> str:
    lines = [f"{file}: {fault}" for file, fault in list(faults.items())[:SHOWN]]
    if len(faults) > SHOWN:
        lines.append(f"and {len(faults) - SHOWN} more")
    return between.join(lines)


def _left_out(faults: dict[str, str], count: int) -> str:
    return f"{len(faults)} of {count} {'file' if count == 1 else 'files'} cannot be analysed"


def _refusal(faults: dict[str, str], count: int, *, skip_bad: bool) -> str:
    text = f"{_left_out(faults, count)}:\n  " + _listed(faults, "\n  ")
    if len(faults) < count and not skip_bad:
        text += "\nTo analyse the others without these, pass skip_bad=True."
    return text
