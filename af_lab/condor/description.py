"""Strings that came from a user, made safe for a submit description.

In a submit description a newline starts a new command, ``$(NAME)`` and ``$ENV(NAME)`` expand when the job is
submitted, and ``$$(NAME)`` when it is matched. Whatever a user typed goes through one of these functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from af_lab.errors import SpecError

__all__ = ["arguments", "environment", "file_list", "string", "text"]


def text(value: str) -> str:
    """Return a value that stands in a submit description just as it is written.

    Raises
    ------
    SpecError
        The value has a control character, or the beginning of a macro that HTCondor expands at match time.
    """
    if bad := [c for c in value if not c.isprintable()]:
        raise SpecError(f"{value!r} has the character {bad[0]!r}, which a job's description cannot hold.")
    if "$$(" in value or "$$[" in value:
        raise SpecError(f"{value!r} has '$$(' or '$$[', which HTCondor replaces when the job is matched.")
    return value.replace("$", "$(DOLLAR)")


def string(value: str) -> str:
    """Return a value as a ClassAd string literal, for an attribute (``My.Name = "..."``)."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return text(f'"{escaped}"')


def arguments(words: Iterable[str]) -> str:
    """Return the command ``arguments`` for a list of words, in HTCondor's quoted syntax."""
    return text('"' + " ".join(_word(word) for word in words) + '"')


def environment(variables: Mapping[str, str]) -> str:
    """Return the command ``environment`` for variables and their values, in HTCondor's quoted syntax.

    Everybody can read a job's ad: nothing secret may stand here.
    """
    return text('"' + " ".join(_word(f"{name}={value}") for name, value in variables.items()) + '"')


def file_list(paths: Iterable[str]) -> str:
    """Return a list of files, for ``transfer_input_files`` and the like.

    Raises
    ------
    SpecError
        A path has a comma, which HTCondor takes for the end of the path.
    """
    listed = list(paths)
    for path in listed:
        if "," in path:
            raise SpecError(f"The path {path!r} has a comma, which HTCondor's file lists cannot hold.")
    return text(", ".join(listed))


def _word(word: str) -> str:
    doubled = word.replace('"', '""').replace("'", "''")
    return f"'{doubled}'" if not word or any(c in word for c in " \t'") else doubled
