"""What users give as files: their names as text, and which a framework cannot read. Nothing here looks at disks.

A name is a path, a pattern of paths, or an address such as ``root://host//file.root``. It may begin with ``~``, contain
``$VARIABLES``, and end with the name of the tree, as in ``file.root:Events``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import unquote, urlsplit

from af_lab.errors import SpecError

__all__ = [
    "TREE",
    "XROOTD",
    "Reader",
    "address_key",
    "expanded",
    "is_address",
    "is_shortened",
    "names",
    "path_of_url",
    "unreadable",
    "without_tree",
]

Reader = Literal["Coffea", "RDataFrame"]

TREE = "Events"
XROOTD = ("root", "xroot", "roots", "xroots")
PORTS = {"root": 1094, "xroot": 1094, "roots": 1094, "xroots": 1094, "http": 80, "https": 443}

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
FILE_URL = re.compile(r"file:(//(localhost)?)?(?=/)", re.IGNORECASE)
SHORTENED = re.compile(r"(https?|x?roots?|davs?|s3|gs):/[^/]", re.IGNORECASE)
VARIABLE = re.compile(r"\$(\w+|\{[^}]*\})")
WITH_TREE = re.compile(r"(?P<file>.+\.root):(?P<tree>[^:]+)", re.DOTALL)

# ROOT cuts a name at these, or puts something else in their place
ROOT_CUTS = ("#", "?", "|", "$", ":/")
# with these in a folder's name, ROOT 6.40 ends the process; in the name of a file, it takes them for a pattern
ROOT_PATTERN = tuple("[]*?")


def names(files: object, of: str = "files") -> list[str]:
    """Return the names that were given, each as a string.

    Parameters
    ----------
    files
        A string, a path, or several of them.
    of
        What they are called in an error.

    Raises
    ------
    SpecError
        If it is something else; it says what can be given.
    """
    given = [files] if isinstance(files, str | os.PathLike) else files
    if not isinstance(given, Iterable) or isinstance(given, bytes | Mapping):
        raise SpecError(f"{of}: {_shown(files)} does not name files. Give a list of paths, patterns or addresses.")
    return [_name(one, of) for one in given]


def _name(one: object, of: str) -> str:
    text = os.fspath(one) if isinstance(one, os.PathLike) else one
    if not isinstance(text, str):
        raise SpecError(f"{of}: {_shown(one)} in the list is not the name of a file. Give strings or paths.")
    if not text.strip() or "\0" in text:
        raise SpecError(f"{of}: {text!r} in the list is not the name of a file. Remove it.")
    return text


def _shown(value: object) -> str:
    return "None" if value is None else f"{value!r:.60} ({type(value).__name__})"


def is_address(name: str) -> bool:
    """Return whether a name begins with a scheme, as in ``https://``; ``file:`` addresses are paths."""
    return ADDRESS.match(name) is not None and path_of_url(name) is None


def is_shortened(name: str) -> bool:
    """Return whether a name looks like an address that `pathlib` changed: it makes one slash of two."""
    return SHORTENED.match(name) is not None


def path_of_url(name: str) -> str | None:
    """Return the path that a ``file:`` address has, if it is one."""
    scheme = FILE_URL.match(name)
    return unquote(name[scheme.end() :]) if scheme else None


def expanded(name: str) -> str:
    """Return a path with ``~`` and variables replaced.

    Raises
    ------
    SpecError
        If a variable is not set, or there is no such user; it names them.
    """
    missing = [found for found in VARIABLE.findall(name) if found.strip("{}") not in os.environ]
    if missing:
        raise SpecError(
            f"The name {name!r} contains the variable {missing[0].strip('{}')}, which is not set here. "
            "Set it, or write the path in full."
        )
    path = os.path.expanduser(os.path.expandvars(name))
    if path.startswith("~"):
        raise SpecError(f"The name {name!r} begins with a user who does not exist here. Write the path in full.")
    return path


def without_tree(name: str) -> str:
    """Return a name without the tree that it ends with, as in ``file.root:Events``.

    Raises
    ------
    SpecError
        If it is another tree than `TREE`.
    """
    found = WITH_TREE.fullmatch(name)
    if found is None:
        return name
    tree = found["tree"].strip("/").partition(";")[0]
    if tree != TREE:
        raise SpecError(f"{name} asks for the tree {tree!r}, but this analysis reads {TREE!r}. Leave out ':{tree}'.")
    return found["file"]


def unreadable(name: str, reader: Reader | None) -> str | None:
    """Return why a framework cannot read a path or an address because of its name, and what to do.

    Parameters
    ----------
    reader
        The framework; None for what none of them can read.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is not text in UTF-8; rename it"
    if is_address(name):
        if any(character in urlsplit(name).path for character in "*[]"):
            return "patterns are not supported there; list the files"
        return None
    if reader == "RDataFrame":
        return _unreadable_for_root(name)
    if reader == "Coffea" and "::" in name:
        return "Coffea cannot open it because its path contains '::'; rename it, or make a link to it"
    return None


def _unreadable_for_root(path: str) -> str | None:
    folder, _ = os.path.split(path)
    for texts, place in ((ROOT_CUTS, path), (ROOT_PATTERN, folder)):
        for text in texts:
            if text in place:
                where = "path" if place == path else "folder"
                return f"ROOT cannot open it because its {where} contains {text!r}; rename it, or make a link to it"
    return None


def address_key(address: str) -> str:
    """Return what is equal for addresses that differ only in how they are written."""
    parts = urlsplit(address)
    host, _, port = parts.netloc.rpartition("@")[2].lower().partition(":")
    path = "/" + re.sub(r"/+", "/", parts.path).strip("/")
    scheme = parts.scheme.lower()
    scheme = scheme.removeprefix("x") if scheme in XROOTD else scheme
    return f"{scheme}://{host}:{port or PORTS.get(scheme, '')}{path}?{parts.query}"
