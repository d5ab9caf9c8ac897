"""Find the files to analyse, and check them before any worker opens them."""

from __future__ import annotations

import glob
import os
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from af_lab.errors import AfLabError, SpecError
from af_lab_examples import inputs
from af_lab_examples.branch_types import is_list
from af_lab_examples.contents import Contents, look
from af_lab_examples.inputs import TREE, Reader, is_address
from af_lab_examples.remote import look_at_addresses

__all__ = ["Checked", "check", "check_datasets", "refusal", "resolve"]

SHOWN = 5  # files that a message lists


@dataclass(frozen=True)
class Checked:
    """A file that can be analysed.

    Attributes
    ----------
    name
        An absolute path, since workers run in other folders, or an address.
    contents
        What it holds; None for addresses that nothing here can open.
    """

    name: str
    contents: Contents | None


def resolve(
    files: Sequence[str | Path],
    *,
    skip_bad: bool = False,
    branches: Collection[str] = (),
    reader: Reader | None = None,
) -> list[str]:
    """Return the files to analyse, each once, after a check of each of them.

    A check takes about 10 ms for a file on this machine's disks, and less if it did not change since. Addresses are
    opened in a process of their own (some seconds, and at most a minute): those that begin with ``root://`` with ROOT,
    others with uproot. Without ROOT and ``fsspec-xrootd``, only whether the host of ``root://`` answers is checked.

    Parameters
    ----------
    files
        Paths, patterns such as ``/data/*.root``, and addresses such as ``root://host//file.root``. Paths may begin
        with ``~`` and contain ``$VARIABLES``. A file that exists is never taken for a pattern.
    skip_bad
        Warn of files that cannot be analysed and leave them out, instead of raising an error.
    branches
        What the tree of each file must have.
    reader
        The framework that will read them, which may not be able to read all names. If absent, only files that no
        framework can read are faulty.

    Returns
    -------
    list of str
        Absolute paths, since workers run in other folders, and addresses.

    Raises
    ------
    SpecError
        If something in the list does not name a file.
    AfLabError
        If a pattern matches nothing, if a file cannot be analysed, if no file remains, or if no file has events; it
        names them.
    """
    return [file.name for file in check(files, skip_bad=skip_bad, branches=branches, reader=reader)]


def check(
    files: Sequence[str | Path],
    *,
    skip_bad: bool = False,
    branches: Collection[str] = (),
    reader: Reader | None = None,
) -> list[Checked]:
    """Return the files to analyse with what they hold; see `resolve`."""
    found = _once([file for name in inputs.names(files) for file in _find(name)])
    if not found:
        raise AfLabError("There are no files to analyse: the list is empty.")
    faults = {file: fault for file in found if (fault := inputs.unreadable(file, reader))}
    seen = _look([file for file in found if file not in faults], reader)
    faults |= {file: fault for file, one in seen.items() if (fault := _fault(one, branches))}
    faults = {file: faults[file] for file in found if file in faults}
    good = [Checked(file, one) for file, one in seen.items() if file not in faults and not isinstance(one, str)]
    if faults and not (skip_bad and good):
        raise AfLabError(refusal(faults, len(found), skippable=not skip_bad))
    if faults:
        warnings.warn(f"{_left_out(faults, len(found))}: {_listed(faults, '; ')}", stacklevel=3)
    _refuse_without_events(good)
    if reader == "RDataFrame":
        _refuse_mixture(good)
        _refuse_mixed_types(good, branches)
    return good


def check_datasets(
    files: Mapping[str, Sequence[str | Path]], *, branches: Collection[str], reader: Reader
) -> dict[str, list[Checked]]:
    """Return the files of datasets; see `check`.

    Raises
    ------
    AfLabError
        If there are no datasets, or a file belongs to two of them, besides the errors of `check`.
    """
    if not files:
        raise AfLabError("There are no files to analyse: no dataset is given.")
    found = {dataset: check(listed, branches=branches, reader=reader) for dataset, listed in files.items()}
    owners: dict[object, tuple[str, str]] = {}
    for dataset, listed in found.items():
        for file in listed:
            name, other = owners.setdefault(_identity(file.name), (file.name, dataset))
            if other != dataset:
                also = "" if name == file.name else f" (there as {name})"
                raise AfLabError(
                    f"{file.name} belongs to two datasets, {other}{also} and {dataset}: its events would count twice. "
                    "Leave it out of one of them."
                )
    return found


def _find(name: str) -> list[str]:
    """Return the paths that a name stands for, or the address."""
    if is_address(name):
        return [inputs.without_tree(name)]
    url = inputs.path_of_url(name)
    literal = name if url is None else url
    if os.path.lexists(literal):
        return [_absolute(literal)]
    if inputs.is_shortened(name):
        raise SpecError(f"{name!r} is an address that pathlib changed. Give addresses as strings, with two slashes.")
    path = inputs.expanded(literal)
    if not os.path.lexists(path) and not os.path.lexists(bare := inputs.without_tree(path)):
        if not glob.has_magic(bare):
            return [_absolute(bare)]
        matches = sorted(glob.glob(_pattern(_absolute(bare)), recursive=True))
        if not matches:
            raise AfLabError(
                f"No file matches {name!r} (looked for {_absolute(bare)}). Check the folder and the pattern."
            )
        return matches
    return [_absolute(path if os.path.lexists(path) else inputs.without_tree(path))]


def _absolute(path: str) -> str:
    return str(Path(path).absolute())


def _pattern(path: str) -> str:
    """Return a pattern in which folders that exist stand for themselves, whatever their names."""
    first, *rest = Path(path).parts
    folder = Path(first)
    while rest and (folder / rest[0]).exists():
        folder /= rest.pop(0)
    return os.path.join(glob.escape(str(folder)), *rest)


def _once(found: Sequence[str]) -> list[str]:
    """Return each file once, by the first of its names; warn of those that have several."""
    firsts: dict[object, str] = {}
    others: dict[str, str] = {}
    for file in dict.fromkeys(found):
        first = firsts.setdefault(_identity(file), file)
        if first != file:
            others[file] = f"the same file as {first}"
    if others:
        warnings.warn(
            f"Each file is read once, although some have several names: {_listed(others, '; ')}", stacklevel=4
        )
    return list(firsts.values())


def _identity(file: str) -> object:
    """Return what is equal for all names of a file."""
    if is_address(file):
        return inputs.address_key(file)
    try:
        status = os.stat(file)
    except OSError:
        return file
    # size and time as well, as some network file systems give the same number to several files
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _look(files: Sequence[str], reader: Reader | None) -> dict[str, Contents | str | None]:
    addresses = look_at_addresses([file for file in files if is_address(file)], reader)
    return {file: addresses[file] if is_address(file) else look(file) for file in files}


def _fault(contents: Contents | str | None, branches: Collection[str]) -> str | None:
    """Return what is wrong with a file and what to do, if anything is."""
    if not isinstance(contents, Contents):
        return contents
    if not contents.branches:
        return f"its tree {TREE!r} has no branches; remove it from the list"
    missing = sorted(set(branches) - contents.branches)
    if missing:
        return f"it lacks {', '.join(missing)}; choose files that have what the analysis reads"
    # As in NanoAOD: Muon_pt belongs to nMuon.
    single = sorted(
        branch
        for branch in branches
        if "n" + branch.partition("_")[0] in branches and not is_list(contents.types[branch]) and "_" in branch
    )
    return (
        f"it has one number for each event in {', '.join(single)}, not a list; remove it from the list"
        if single
        else None
    )


def _refuse_without_events(files: Sequence[Checked]) -> None:
    if all(file.contents is not None and not file.contents.entries for file in files):
        listed = _listed({file.name: "it has no events" for file in files}, "\n  ")
        raise AfLabError(f"There are no events to analyse. Choose files that have some:\n  {listed}")


def _refuse_mixture(files: Sequence[Checked]) -> None:
    """Refuse what ends the process of RDataFrame (ROOT 6.40)."""
    kinds = {file.contents.kind: file.name for file in reversed(files) if file.contents is not None}
    if len(kinds) > 1:
        raise AfLabError(
            f"RDataFrame cannot read TTrees and RNTuples together: {kinds['TTree']} has a TTree {TREE!r}, "
            f"{kinds['RNTuple']} an RNTuple. Analyse them one after the other, or use Coffea."
        )


def _refuse_mixed_types(files: Sequence[Checked], branches: Collection[str]) -> None:
    """Refuse what RDataFrame (ROOT 6.40) reads wrongly without a word, or what ends its process."""
    seen = [(file.name, file.contents.types) for file in files if file.contents is not None and file.contents.entries]
    for branch in sorted(branches):
        owners = {types[branch]: name for name, types in reversed(seen) if branch in types}
        if branch.startswith("n") and {*owners} == {"int32", "uint32"}:
            # The numbers of particles are never negative.
            continue
        if len(owners) > 1:
            told = ", ".join(f"{name} ({type_})" for type_, name in owners.items())
            raise AfLabError(
                f"RDataFrame cannot read together files whose branch {branch} has different types: {told}. "
                "Analyse them one after the other, or use Coffea."
            )


def _listed(faults: Mapping[str, str], between: str) -> str:
    lines = [f"{file}: {fault}" for file, fault in list(faults.items())[:SHOWN]]
    if len(faults) > SHOWN:
        lines.append(f"and {len(faults) - SHOWN} more")
    return between.join(lines)


def _left_out(faults: Mapping[str, str], count: int) -> str:
    return f"{len(faults)} of {count} {'file' if count == 1 else 'files'} cannot be analysed"


def refusal(faults: Mapping[str, str], count: int, *, skippable: bool) -> str:
    """Return the message about files that cannot be analysed.

    Parameters
    ----------
    faults
        What is wrong with each of them, and what to do.
    count
        The number of all files.
    skippable
        Whether ``skip_bad`` would leave them out.
    """
    text = f"{_left_out(faults, count)}:\n  " + _listed(faults, "\n  ")
    if len(faults) < count and skippable:
        text += "\nTo analyse the others without these, pass skip_bad=True."
    return text
