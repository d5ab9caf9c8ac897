"""What is wrong with the section ``af-lab`` in the sources of Dask's configuration, before Dask merges them.

Afterwards it could not be seen: where Dask expects a section, it drops any other value in silence, and a name that is
not known is never read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import dask.config

from af_lab.setting_kinds import KINDS, SITE_SETTINGS

__all__ = ["SECTION", "Problem", "Source", "find_problems", "lookup", "read_sources"]

SECTION = "af-lab"
VARIABLES = "DASK_"


@dataclass(frozen=True)
class Source:
    """Settings that come from one place.

    Attributes
    ----------
    name
        The path of a file, or the name of an environment variable.
    settings
        All settings of Dask in it.
    """

    name: str
    settings: Mapping[Any, Any]


@dataclass(frozen=True)
class Problem:
    """Something in the configuration that does not do what it was written for.

    Attributes
    ----------
    key
        The setting, as in ``af-lab.condor.timeout``.
    source
        The path of a file, or the name of an environment variable; None for a setting that a program made.
    message
        What is wrong, and what is allowed, as one sentence with the setting and the source.
    is_unknown
        There is no such setting, so nothing reads it; any other problem makes the setting unusable.
    """

    key: str
    source: str | None
    message: str
    is_unknown: bool = False

    @classmethod
    def wrong(cls, key: str, source: str | None, words: str) -> Problem:
        """Return the problem of a setting whose value is not allowed."""
        where = f" in {source}" if source else ""
        return cls(key, source, f"The setting {key}{where} is wrong: {words}.")

    @classmethod
    def unknown(cls, key: str, source: str | None, words: str) -> Problem:
        """Return the problem of a name that is not known."""
        where = f" ({source})" if source else ""
        return cls(key, source, f"There is no setting {key}{where}, so it has no effect; {words}.", is_unknown=True)


def read_sources() -> list[Source]:
    """Return the files and environment variables that Dask reads, the later ones overriding the earlier ones."""
    files = dask.config.collect_yaml(dask.config.paths, return_paths=True)
    found = [Source(str(path), settings) for path, settings in files]
    for name, value in os.environ.items():
        if name.startswith(VARIABLES):
            settings: Any = dask.config.interpret_value(value)
            for part in reversed(name.removeprefix(VARIABLES).lower().split("__")):
                settings = {part: settings}
            found.append(Source(name, settings))
    return found


def lookup(settings: object, parts: Sequence[str], default: object = None) -> Any:
    """Return a setting by the names of its sections and its own, with ``_`` or ``-`` as in Dask."""
    for part in parts:
        if not isinstance(settings, Mapping):
            return default
        names = [name for name in settings if _plain(name) == _plain(part)]
        if not names:
            return default
        settings = settings[names[-1]]
    return settings


def find_problems(sources: Sequence[Source], effective: object = None) -> list[Problem]:
    """Return the problems of each source, and those of the settings in effect that are in no source.

    A wrong value that a later source overrides has no effect, and is not listed.

    Parameters
    ----------
    sources
        Where the settings come from, the later ones overriding the earlier ones.
    effective
        The section as this process has it.
    """
    found: list[Problem] = []
    for index, source in enumerate(sources):
        found += _misspelled(source)
        if (section := lookup(source.settings, [SECTION], default={})) is None:
            continue
        for problem in _section(section, (), source.name):
            parts = problem.key.split(".")
            if problem.is_unknown or all(lookup(later.settings, parts) is None for later in sources[index + 1 :]):
                found.append(problem)
    listed = {problem.key for problem in found}
    found += [problem for problem in _section(effective or {}, (), None) if problem.key not in listed]
    return found


def _section(value: object, above: tuple[str, ...], source: str | None) -> Iterator[Problem]:
    """Find the problems of a section, or of a setting."""
    below, key = ".".join(above), ".".join((SECTION, *above))
    if below in KINDS:
        try:
            KINDS[below](value)
        except ValueError as error:
            yield Problem.wrong(key, source, str(error))
        else:
            if below == "sites":
                yield from _sites(value, key, source)
        return
    known = _known(above)
    # An empty section, such as one whose lines are all comments, is null.
    if value is not None and not isinstance(value, Mapping):
        yield Problem.wrong(key, source, f"it is a section, with {_listed(known)} in it, not {value!r}")
    for name, inner in value.items() if isinstance(value, Mapping) else ():
        if _plain(name) in known:
            yield from _section(inner, (*above, _plain(name)), source)
        else:
            yield Problem.unknown(f"{key}.{name}", source, _advice(_plain(name), above, known))


def _sites(sites: object, key: str, source: str | None) -> Iterator[Problem]:
    """Find unknown names in sites; `af_lab.jobs.sites` checks the others, whose source does not matter to it."""
    for site, given in sites.items() if isinstance(sites, Mapping) else ():
        for name in given if isinstance(given, Mapping) else ():
            if name not in SITE_SETTINGS:
                words = _nearest(str(name), SITE_SETTINGS) or f"a site has {_listed(SITE_SETTINGS)}"
                yield Problem.unknown(f"{key}.{site}.{name}", source, words)


def _misspelled(source: Source) -> Iterator[Problem]:
    """Find names beside the section that were meant to be the section, or in it."""
    for name in source.settings:
        plain = _plain(name)
        if plain != SECTION and (plain.startswith(SECTION) or get_close_matches(plain, [SECTION], cutoff=0.8)):
            if source.name.startswith(VARIABLES):
                words = "names of variables have two '_' before each part: DASK_AF_LAB__CONDOR__TIMEOUT"
            else:
                words = f"all settings of af_lab are in the section {SECTION!r}, and in sections below it"
            yield Problem.unknown(str(name), source.name, words)


def _known(above: tuple[str, ...]) -> list[str]:
    """Return the names of the sections and settings in a section."""
    depth = len(above)
    paths = (tuple(key.split(".")) for key in KINDS)
    return list(dict.fromkeys(path[depth] for path in paths if path[:depth] == above and len(path) > depth))


def _advice(name: str, above: tuple[str, ...], known: Sequence[str]) -> str:
    if name in KINDS:
        return f"write {name.partition('.')[0]!r} as a section, and {name.partition('.')[2]!r} in it"
    if nearest := _nearest(name, known, (SECTION, *above)):
        return nearest
    elsewhere = [key for key in KINDS if key.rpartition(".")[2] == name]
    if elsewhere:
        return f"the nearest name is {SECTION}.{elsewhere[0]}"
    return f"allowed are {_listed(known)}"


def _nearest(name: str, known: Sequence[str], above: Iterable[str] = ()) -> str | None:
    found = get_close_matches(name, known, n=1)
    return f"the nearest name is {'.'.join((*above, found[0]))}" if found else None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _plain(name: object) -> str:
    return str(name).replace("_", "-")
