"""Escaping of strings from a user for a submit description.

In a submit description a newline starts a new command, a backslash at the end of a line joins the next one to it,
``$(NAME)`` and ``$ENV(NAME)`` expand when the job is submitted, and ``$$(NAME)`` when it is matched. Every string
from a user must pass through one of these functions.
"""

from __future__ import annotations

from collections.abc import Iterable

from af_lab.errors import SpecError

__all__ = ["arguments", "file", "file_list", "string", "text", "unescaped"]

DOLLAR = "$(DOLLAR)"


def text(value: str) -> str:
    """Return a value escaped for a submit description, so that it is taken literally.

    Raises
    ------
    SpecError
        The value has a control character, a backslash at its end, or one of two words that cannot be escaped: ``$$``,
        which starts a macro that is expanded at the match (two adjacent escaped dollar signs would become one), and
        ``$(DOLLAR)``, which HTCondor expands a second time after escaping.
    """
    if bad := [c for c in value if not c.isprintable()]:
        raise SpecError(f"{value!r} has the character {bad[0]!r}, which a job's description cannot hold.")
    for word in ("$$", DOLLAR):
        if word in value.upper():
            raise SpecError(f"{value!r} has '{word}', which HTCondor would expand.")
    if value.rstrip().endswith("\\"):
        raise SpecError(f"{value!r} ends with a backslash, which would join the next line of the description to it.")
    return value.replace("$", DOLLAR)


def unescaped(value: str) -> str:
    """Return what HTCondor reads from a value that `text` escaped."""
    return value.replace(DOLLAR, "$")


def string(value: str) -> str:
    """Return a value as a ClassAd string literal, for an attribute (``My.Name = "..."``) or a constraint.

    Raises
    ------
    SpecError
        The value has what `text` refuses, or a backslash: it is literal in descriptions and constraints, which use the
        old syntax of ClassAds, and starts an escape in the new syntax.
    """
    if "\\" in value:
        raise SpecError(f"{value!r} has a backslash, which HTCondor takes either literally or as an escape.")
    escaped = value.replace('"', '\\"')
    return text(f'"{escaped}"')


def arguments(words: Iterable[str]) -> str:
    """Return the value of the command ``arguments`` for a list of words, in HTCondor's quoted syntax."""
    return text('"' + " ".join(_word(word) for word in words) + '"')


def file(path: str) -> str:
    """Return the path of a file or folder.

    Raises
    ------
    SpecError
        It has what `text` refuses, or a backslash, which HTCondor drops from some paths.
    """
    if "\\" in path:
        raise SpecError(f"The path {path!r} has a backslash, which HTCondor does not keep.")
    return text(path)


def file_list(paths: Iterable[str]) -> str:
    """Return a list of files, for ``transfer_input_files`` and the like.

    Raises
    ------
    SpecError
        A path has what `file` refuses, or a comma, which HTCondor takes for the end of the path.
    """
    listed = list(paths)
    for path in listed:
        if "," in path:
            raise SpecError(f"The path {path!r} has a comma, which HTCondor's file lists cannot hold.")
    return ", ".join(map(file, listed))


def _word(word: str) -> str:
    doubled = word.replace('"', '""').replace("'", "''")
    return f"'{doubled}'" if not word or any(c in word for c in " \t'") else doubled
