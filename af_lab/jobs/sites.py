"""The sites that a facility names in its configuration: parts of the pool that a user may choose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from af_lab import config
from af_lab.condor.description import string
from af_lab.errors import SettingError, SpecError
from af_lab.jobs.submit_commands import check_commands, unquoted
from af_lab.setting_problems import Problem, lookup

__all__ = [
    "Site",
    "check",
    "configured",
    "requirements",
    "requirements_by_name",
    "setting_problems",
    "site_expression",
    "submit_commands",
]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}")
Value = str | int | float | bool


@dataclass(frozen=True)
class Site:
    """A named part of the pool.

    Attributes
    ----------
    name
        Its name in specifications.
    label
        The name that is displayed.
    requirements
        ClassAd expression over a slot's attributes that is true for the site's slots.
    submit
        Further submit commands of jobs that may run there.
    """

    name: str
    label: str
    requirements: str
    submit: Mapping[str, Value] = field(default_factory=dict)


def configured() -> dict[str, Site]:
    """Return the sites of the configuration by name.

    Raises
    ------
    SettingError
        A site's name or requirements are missing, or cannot be written in a job's description.
    """
    given: Mapping[object, object] = config.get("sites") or {}
    return {str(name): _site(str(name), site) for name, site in given.items()}


def setting_problems() -> list[Problem]:
    """Return what is wrong with the section ``af-lab``, and with each site in it."""
    found = config.problems()
    for name, given in (config.usable("sites") or {}).items():
        try:
            _site(str(name), given)
        except SpecError as error:
            path = ["af-lab", "sites", str(name)]
            named = [source.name for source in config.sources() if lookup(source.settings, path) is not None]
            where = f" It is in {named[-1]}." if named else ""
            found.append(Problem(".".join(path), named[-1] if named else None, f"{error}{where}"))
    return found


def _site(name: str, given: object) -> Site:
    where = f"The configuration's site {name!r} (af-lab.sites)"
    if not NAME.fullmatch(name):
        raise SettingError(f"{where} needs a name of 1 to 63 letters, digits and '_.@-'; its `label` is displayed.")
    asked = given.get("requirements") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(asked, str | bool) or not asked:
        raise SettingError(
            f"{where} needs `requirements`, an expression over the attributes of its slots, "
            "such as 'GLIDEIN_Site =?= \"T2_IT_Legnaro\"'."
        )
    # In YAML an expression may span several lines.
    requirements = " ".join(str(asked).splitlines()).strip()
    if "])" in requirements:
        raise SettingError(
            f"{where} has '])' in its requirements, which ends such an expression too early; write '] )'."
        )
    submit = given.get("submit") or {}
    if not isinstance(submit, Mapping):
        raise SettingError(f"{where} has {submit!r} for `submit`, which must map names to values.")
    try:
        # The requirements also become part of a string.
        string(requirements)
        check_commands(submit)
    except (SpecError, ValueError) as error:
        raise SettingError(f"{where} cannot be used: {error}") from None
    return Site(name, str(given.get("label") or name), requirements, unquoted(submit))


def check(names: Iterable[str]) -> None:
    """Check that sites exist.

    Raises
    ------
    ValueError
        A site does not exist; the message lists those that do.
    """
    known = configured()
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none: this facility's configuration names no site"
            raise ValueError(f"there is no site {name!r}; there are: {listed}")


def requirements(names: Iterable[str]) -> str | None:
    """Return the expression that is true for slots of any of these sites; None for no sites, which means all."""
    known = configured()
    chosen = [f"({known[name].requirements})" for name in names]
    return f"({' || '.join(chosen)})" if chosen else None


def requirements_by_name() -> dict[str, str]:
    """Return each site's expression over its slots."""
    return {name: site.requirements for name, site in configured().items()}


def site_expression() -> str | None:
    """Return the expression that names a slot's site; None where no sites are configured."""
    expression = '""'
    known = configured()
    for site in reversed(known.values()):
        expression = f'ifThenElse(({site.requirements}) =?= true, "{site.name}", {expression})'
    return expression if known else None


def submit_commands(names: Iterable[str]) -> dict[str, Value]:
    """Return the further submit commands of jobs that may run at all of these sites.

    Raises
    ------
    SpecError
        Two of them ask for different values of one command.
    """
    known = configured()
    merged: dict[str, Value] = {}
    for name in names:
        for key, value in known[name].submit.items():
            if merged.setdefault(key, value) != value:
                raise SpecError(
                    f"sites: {', '.join(names)} cannot be used by one cluster: they ask for different values of {key}."
                )
    return merged
