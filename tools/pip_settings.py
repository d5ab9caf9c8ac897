"""What uv needs to know to install from where pip would, and as pip would."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping

__all__ = ["NotForUv", "read_settings", "uv_environment"]

_SECTIONS = ("global", "install", ":env:")
"""Whose settings `pip install` uses; the later ones count more."""

_VALUES = {
    "index-url": "UV_DEFAULT_INDEX",
    "client-cert": "SSL_CLIENT_CERT",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "retries": "UV_HTTP_RETRIES",
}
_LISTS = {
    "extra-index-url": ("UV_INDEX", " "),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "constraint": ("UV_CONSTRAINT", " "),
    "find-links": ("UV_FIND_LINKS", ","),
}
"""Each with what separates the values for uv; pip takes any blank."""

_SWITCHES = {"no-index": "UV_NO_INDEX", "no-cache-dir": "UV_NO_CACHE"}
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY")
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that pip reads if it has no setting for it; the first counts."""

_WITHOUT_EFFECT = {
    *("cache-dir", "disable-pip-version-check", "no-python-version-warning", "root-user-action", "require-virtualenv"),
    *("no-color", "no-input", "progress-bar", "quiet", "verbose", "log", "no-compile", "compile", "prefer-binary"),
}
"""Settings that do not change what is installed. Whether modules are compiled is looked at apart."""

_TRUE = {"1", "true", "yes", "on", "t", "y"}


class NotForUv(Exception):
    """A setting of pip's has no counterpart; the message names it."""


def read_settings(listing: str) -> dict[str, str]:
    """Return the settings that `pip install` uses, from what `pip config list` prints."""
    found: dict[str, str] = {}
    lines = [line.partition("=") for line in listing.splitlines()]
    for section in _SECTIONS:
        for name, _, value in lines:
            if name.rpartition(".")[0] == section:
                found[name.rpartition(".")[2]] = ast.literal_eval(value)
    return found


def uv_environment(settings: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which uv does what pip would do.

    Parameters
    ----------
    settings
        Those of pip.
    given
        The environment so far. What it says to uv itself stays.

    Raises
    ------
    NotForUv
        There is a setting that uv does not have, or has by another meaning.
    """
    # pip looks at all indexes for the newest version, and trusts the certificates that the system trusts.
    told = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_SYSTEM_CERTS": "true"}
    for name, value in settings.items():
        if name in _VALUES:
            told[_VALUES[name]] = value
        elif name in _LISTS:
            variable, separator = _LISTS[name]
            told[variable] = separator.join(value.split())
        elif name in _SWITCHES:
            told |= {_SWITCHES[name]: "true"} if _is_true(value) else {}
        elif name == "proxy":
            told |= dict.fromkeys(_PROXIES, value)
        elif name not in {"cert", *_WITHOUT_EFFECT}:
            raise NotForUv(f"pip has the setting {name!r}, which uv does not have")
    bundle = settings.get("cert") or next((given[name] for name in _CERTIFICATES if given.get(name)), None)
    if bundle is not None:
        told["SSL_CERT_DIR" if os.path.isdir(bundle) else "SSL_CERT_FILE"] = bundle
    compiles = not _is_true(settings.get("no-compile", "")) and _is_true(settings.get("compile", "true"))
    told |= {"UV_COMPILE_BYTECODE": "true"} if compiles else {}
    # The settings of pip count more than variables that other programs read as well, but not more than uv's own.
    return {**given, **told, **{name: value for name, value in given.items() if name.startswith("UV_")}}


def _is_true(value: str) -> bool:
    return value.lower() in _TRUE
