"""Which environment variables and submit commands a user may set, and how a submit description holds them."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path

from af_lab.condor.description import file, string, text
from af_lab.condor.expression import check_expression
from af_lab.errors import SpecError
from af_lab.worker.protocol import FILES

__all__ = [
    "VARIABLE_NAME",
    "check_commands",
    "check_variables",
    "conditions",
    "directive_value",
    "input_files",
    "is_reserved",
    "proxy",
    "submit_lines",
    "unquoted",
]

Value = str | int | float | bool

# Submit commands that a user or a site may add, with the type of their value.
COMMANDS: dict[str, type] = {
    "accounting_group": str,
    "accounting_group_user": str,
    "concurrency_limits": str,
    "nice_user": bool,
    "priority": int,
    "rank": str,
    "requirements": str,
    "transfer_input_files": str,
    "x509userproxy": str,
}
EXPRESSIONS = ("rank", "requirements")
FILES_TO_SEND, PROXY = "transfer_input_files", "x509userproxy"
# Parts of a job's description that are af_lab's own, too; `conditions`, `input_files` and `proxy` return them.
MERGED = ("requirements", FILES_TO_SEND, PROXY)
# The cluster's files, beside which those of the user arrive at another site.
OWN_FILES = (
    "contact.json",
    "authority.pem",
    "worker.pem",
    "environment.sh",
    "worker.sh",
    "dask.json",
    "tasks",
    "sockets",
    "task_program.py",
)
# Custom attributes, written as for condor_submit: "+Name" or "My.Name".
ATTRIBUTE = re.compile(r"(?:\+|[Mm][Yy]\.)([A-Za-z_][A-Za-z0-9_]{0,62})")
# Attributes that af_lab or HTCondor sets; users may not.
RESERVED = re.compile(
    r"aflab.*|otherjobremoverequirements|disablecooldown"
    r"|owner|user|ntdomain|clusterid|procid|globaljobid|mytype|targettype|qdate|servertime|(uid|filesystem)domain"
    r"|cmd|args|arguments|env|environment|iwd|in|out|err|stream(in|out|err)|userlog|(remove|hold)?killsig.*"
    r"|requirements|rank|autocluster.*|request.*|(next|max)request.*|transformon.*|transformbody.*"
    r"|job(status|universe|batchname|leaseduration|notification|submit.*|abort.*|current.*|finished.*|run.*|start.*)"
    r"|leavejobinqueue|onexit.*|periodic.*|allowed.*duration|.*checkexpr|hook.*|x509.*"
    r"|transfer.*|should.*|whentotransferoutput|(dont)?encrypt.*|executedir.*"
    r"|enteredcurrentstatus|completiondate|first.*date|initialwait.*|holdreason.*|releasereason|removereason"
    r"|vacatereason.*|exit(by|code|reason|signal|status).*|activation.*|shadowbday|startd.*|(last)?publicclaimid.*|claim.*"
    r"|last(job|match|public|rej|remote|suspension|vacate|hold).*|remote(host|slot|sys|user|wall|pool).*|match_.*"
    r"|num(ckpts|job|restarts|shadow|system|vacates|holds).*|total(submit|suspensions|job).*|(orig)?m(ax|in)hosts|currenthosts"
    r"|(image|executable|residentset|proportionalset)size.*|diskusage.*|(cpus|disk|gpus|memory)(provisioned|usage).*"
    r"|bytes(recvd|sent)|(recent)?block(read|write)s?.*|(recent)?statslifetime.*|cumulative.*|committed.*|machineattr.*"
    r"|condor(platform|version)|submitversion",
    re.IGNORECASE,
)
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
"""Names of environment variables that a shell can export."""
# One text in quotes, as condor_submit reads it: no further quote is in it.
QUOTED = re.compile(r'"([^"\\]*)"')
WORD_OF_TEXT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Words that are values of the language of ClassAds.
LITERALS = ("true", "false", "undefined", "error")
WORD = re.compile(r"[A-Za-z0-9_.@:,-]{1,255}")


def is_reserved(key: str) -> bool:
    """Return whether only af_lab or HTCondor may set a key, spelled as in a submit description."""
    attribute = ATTRIBUTE.fullmatch(key)
    return attribute is not None and RESERVED.fullmatch(attribute[1]) is not None


def check_variables(variables: Mapping[str, str]) -> None:
    """Check environment variables.

    Raises
    ------
    ValueError
        A name is not valid, or a value cannot be stored in an environment.
    """
    for name, value in variables.items():
        if not VARIABLE_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a variable; letters, digits and '_' are allowed")
        if name in ("_CONDOR_JOB_AD", "_CONDOR_MACHINE_AD", "_CONDOR_SCRATCH_DIR", FILES):
            raise ValueError(f"{name} is set by HTCondor and af_lab")
        if "\0" in value:
            raise ValueError(f"the value of {name} has a zero byte, which an environment cannot hold")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError(f"the value of {name} has an unpaired surrogate character") from None


def check_commands(commands: Mapping[str, Value]) -> None:
    """Check submit commands and attributes.

    Raises
    ------
    ValueError
        A command may not be set, or its value has the wrong type.
    """
    for key, value in commands.items():
        if not isinstance(key, str):
            raise ValueError(f"{key!r} is not a text")
        if is_reserved(key):
            raise ValueError(f"{key!r} is set by af_lab or HTCondor")
        if ATTRIBUTE.fullmatch(key):
            _check_value(key, value)
            continue
        if key not in COMMANDS:
            allowed = ", ".join(COMMANDS)
            raise ValueError(f"{key!r} cannot be set; allowed are {allowed}, and attributes as '+Name'")
        if not isinstance(value, COMMANDS[key]) or (COMMANDS[key] is int and isinstance(value, bool)):
            raise ValueError(f"{key} takes a value of the type {COMMANDS[key].__name__}, not {value!r}")
        if key in (*EXPRESSIONS, *MERGED):
            _check_text(key, str(value))
        elif isinstance(value, str) and not WORD.fullmatch(value):
            raise ValueError(f"{key}: letters, digits and '_.@:,-' are allowed, not {value!r}")
        if isinstance(value, int) and not -(2**31) <= value < 2**31:
            raise ValueError(f"{key}: a number of 32 bits is allowed, not {value!r}")


def unquoted(commands: Mapping[str, Value]) -> dict[str, Value]:
    """Return commands with the texts of attributes without the quotes that a submit description wants around them."""
    plain: dict[str, Value] = {}
    for key, value in commands.items():
        quoted = QUOTED.fullmatch(value) if isinstance(value, str) and ATTRIBUTE.fullmatch(key) else None
        plain[key] = quoted[1] if quoted else value
    return plain


def directive_value(key: str, value: object) -> object:
    """Return the value of a directive, which is an expression, as in dask-jobqueue.

    A word without quotes, such as ``tomorrow`` for ``+JobFlavour``, is a text as in `submit_lines`. As an expression it
    would be the value of an attribute of that name, which jobs do not have.
    """
    is_text = isinstance(value, str) and WORD_OF_TEXT.fullmatch(value.strip()) and ATTRIBUTE.fullmatch(key)
    if is_text and str(value).strip().lower() not in LITERALS:
        return f'"{str(value).strip()}"'
    return value


def submit_lines(commands: Mapping[str, Value]) -> dict[str, str]:
    """Return checked commands in the form of a submit description, without those that af_lab sets as well."""
    lines = {}
    for key, value in commands.items():
        if key in MERGED:
            continue
        if attribute := ATTRIBUTE.fullmatch(key):
            lines[f"My.{attribute[1]}"] = string(value) if isinstance(value, str) else _literal(value)
        else:
            lines[key] = text(value) if isinstance(value, str) else _literal(value)
    return lines


def conditions(commands: Mapping[str, Value]) -> list[str]:
    """Return the condition among checked commands that a slot has to fulfil; empty if there is none."""
    return [f"({text(str(commands['requirements']))})"] if "requirements" in commands else []


def input_files(commands: Mapping[str, Value], folder: str) -> list[str]:
    """Return the absolute paths of the files that checked commands send along with a job.

    Parameters
    ----------
    commands
        The commands; the files are separated by commas.
    folder
        The folder that relative paths begin at.

    Raises
    ------
    SpecError
        A file does not exist, or cannot be sent under its name.
    """
    given = [name.strip() for name in str(commands.get(FILES_TO_SEND, "")).split(",")]
    paths = [_existing(FILES_TO_SEND, name, folder) for name in given if name]
    names = [os.path.basename(path) for path in paths]
    for name in names:
        if name in OWN_FILES or names.count(name) > 1:
            raise SpecError(f"submit: {FILES_TO_SEND}: the job has another file {name!r}; rename yours.")
    return paths


def proxy(commands: Mapping[str, Value], folder: str) -> dict[str, str]:
    """Return the line of a submit description that sends the proxy of checked commands; raises as `input_files`."""
    given = commands.get(PROXY)
    return {} if given is None else {PROXY: file(_existing(PROXY, str(given), folder))}


def _existing(key: str, name: str, folder: str) -> str:
    path = os.path.normpath(Path(folder, Path(name).expanduser()))
    if not os.access(path, os.R_OK):
        raise SpecError(f"submit: {key}: there is no file {path!r} that you can read. Give the path of a file.")
    return path


def _check_text(key: str, value: str) -> None:
    if not value.strip():
        raise ValueError(f"{key}: a text is missing")
    try:
        text(value)
        if key in EXPRESSIONS:
            check_expression(value)
    except (SpecError, ValueError) as error:
        raise ValueError(f"{key}: {str(error).rstrip('.')}") from None


def _check_value(key: str, value: object) -> None:
    if isinstance(value, str):
        try:
            string(value)
        except SpecError:
            allowed = "a text without control characters, backslashes, '$$' and '$(DOLLAR)'"
            raise ValueError(f"{key}: {allowed} is allowed") from None
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{key}: a finite number is allowed")
    elif not isinstance(value, int):
        raise ValueError(f"{key}: a text, a number, true or false is allowed, not {value!r}")
    elif abs(value) >= 2**63:
        raise ValueError(f"{key}: a number of 64 bits is allowed")


def _literal(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)
