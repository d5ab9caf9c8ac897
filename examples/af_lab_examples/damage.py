"""Damage that shows only when events are read: both frameworks name the file and the branch, in the same words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import uproot

from af_lab.errors import AfLabError
from af_lab_examples.checking import refusal
from af_lab_examples.inputs import TREE, is_address

__all__ = ["damage_is_named"]

STEP = 50_000  # events that are read at once
LIMIT = 60.0  # seconds to search for what is damaged
# of ROOT, when it cannot read an RNTuple: it does not say which; of workers, whose message may be lost on the way; and
# of Dask and coffea when the processes that analysed a part died
DIED = "KilledWorker"
NAMELESS = ("RException", "C++ exception thrown", "UnicodeDecodeError", DIED, "status code is:")
DEATHS = (
    "Worker processes died of this task, one after the other. How each ended and what it said last is in the troubles "
    "of the cluster: on its card, in `cluster.info().troubles`, or by `af-lab cluster show`."
)


@contextmanager
def damage_is_named(files: Sequence[str], branches: Collection[str]) -> Iterator[None]:
    """Raise an AfLabError that names damaged files, if an analysis of them fails because of their damage.

    Files that the error mentions are read again, in this process, to be sure of it; all of them, for at most a minute,
    if ROOT's error mentions none.

    Parameters
    ----------
    branches
        What the analysis reads.
    """
    try:
        yield
    except AfLabError:
        raise
    except Exception as error:
        told = _words(error)
        suspects = [file for file in files if file in told or repr(file)[1:-1] in told]
        nameless = any(words in told for words in NAMELESS)
        faults = _damaged(suspects or (files if nameless else ()), branches)
        if not faults:
            if DIED in told:
                error.add_note(DEATHS)
            raise
        raise AfLabError(refusal(faults, len(files), skippable=False)) from (None if _is_cpp(error) else error)


def _words(error: BaseException | None) -> str:
    """Return the messages of an error and of those behind it.

    Of the errors behind it, those of C++ are cut off: their objects are gone, and to print them, as a notebook does,
    may end the process.
    """
    words = []
    while error is not None:
        words.append(f"{type(error).__name__}: {_message(error)}")
        error.__cause__ = None if _is_cpp(error.__cause__) else error.__cause__
        error.__context__ = None if _is_cpp(error.__context__) else error.__context__
        error = error.__cause__ or error.__context__
    return "\n".join(words)


def _is_cpp(error: BaseException | None) -> bool:
    return type(error).__module__.startswith("cppyy")


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except UnicodeDecodeError:  # of C++, and gone in part
        return ""


def _damaged(files: Sequence[str], branches: Collection[str]) -> dict[str, str]:
    end = monotonic() + LIMIT
    faults = {}
    for file in files:
        if monotonic() > end:
            break
        if fault := _damage(file, branches):
            faults[file] = fault
    return faults


def _damage(file: str, branches: Collection[str]) -> str | None:
    """Return what cannot be read of a file, if anything cannot."""
    try:
        if is_address(file):
            with uproot.open({file: None}) as opened:
                return _unreadable_branch(opened[TREE], branches)
        with Path(file).open("rb") as source, uproot.open(source) as opened:
            return _unreadable_branch(opened[TREE], branches)
    except Exception as error:  # a broken file may cause any error in its reader
        return f"it is damaged ({type(error).__name__}); fetch or make it again"


def _unreadable_branch(tree: Any, branches: Collection[str]) -> str | None:
    for branch in sorted(branches):
        for start in range(0, tree.num_entries, STEP):
            try:
                tree.arrays([branch], entry_start=start, entry_stop=start + STEP)
            except Exception:  # as above
                return f"it is damaged, its branch {branch} cannot be read; fetch or make it again"
    return None
