"""Strings that came from a user, made safe for a submit description.

In a submit description a newline starts a new command, a backslash at the end of a line joins the next one to it,
``$(NAME)`` and ``$ENV(NAME)`` expand when the job is submitted, and ``$$(NAME)`` when it is matched. Whatever a user
typed goes through one of these functions.
"""

from __future__ import annotations

from collections.abc import Iterable

from af_lab.errors import SpecError

__all__ = ["arguments", "file", "file_list", "string", "text"]


def text(value: str) -> str:
    """Return a value that stands in a submit description just as it is written.

    Raises
    ------
    SpecError
        The value has a control character, a backslash at its end, or one of two words that cannot be escaped: ``$$``,
        which begins the macros of the match (two escaped dollar signs side by side would become one), and
        ``$(DOLLAR)``, which HTCondor replaces once more after it was escaped.
    """
    if bad := [c for c in value if not c.isprintable()]:
        raise SpecError(f"{value!r} has the character {bad[0]!r}, which a job's description cannot hold.")
    for word in ("$$", "$(DOLLAR)"):
        if word in value.upper():
            raise SpecError(f"{value!r} has '{word}', for which HTCondor would put in something else.")
    if value.rstrip().endswith("\\"):
        raise SpecError(f"{value!r} ends with a backslash, which would join the next line of the description to it.")
    return value.replace("$", "$(DOLLAR)")


def string(value: str) -> str:
    """Return a value as a ClassAd string literal, for an attribute (``My.Name = "..."``) or a constraint.

    Raises
    ------
    SpecError
        The value has what `text` refuses, or a backslash: it stands for itself in descriptions and constraints, which
        have the old notation of ClassAds, and begins an escape in the new one.
    """
    if "\\" in value:
        raise SpecError(f"{value!r} has a backslash, which HTCondor reads now as it is and now as an escape.")
    escaped = value.replace('"', '\\"')
    return text(f'"{escaped}"')


def arguments(words: Iterable[str]) -> str:
    """Return the command ``arguments`` for a list of words, in HTCondor's quoted syntax."""
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
