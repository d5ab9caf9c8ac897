"""A facility's settings for worker jobs in dask-jobqueue's configuration (``jobqueue.htcondor``), made safe."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dask.config

from af_lab import config
from af_lab.condor.description import text
from af_lab.errors import SettingError, SpecError
from af_lab.jobs.dask_jobqueue import HTCondorJob
from af_lab.jobs.submit_commands import directive_value, is_reserved
from af_lab.model.folder import ClusterFolder
from af_lab.model.spec import ClusterSpec
from af_lab.setting_problems import lookup
from af_lab.worker.protocol import PRELOAD

__all__ = ["PROLOGUE", "FacilitySettings", "facility_settings", "merge", "prologue", "required"]

# The first four are set from the specification, as literals: HTCondor retries with more memory only if the memory is
# a number. The next two would differ for each job, and are not used. The last ones are for the facility's own logs.
SKIPPED = (
    *("RequestCpus", "RequestMemory", "RequestDisk", "batch_name", "MY.DaskWorkerName", "MY.JobId"),
    *("LogDirectory", "Output", "Error", "Log", "Stream_Output", "Stream_Error"),
)
DIRECTIVE = re.compile(r"(?:\+|[Mm][Yy]\.)?[A-Za-z_][A-Za-z0-9_]{0,62}")
REQUIREMENTS = "requirements"
NOTHING = ":"
DIRECTIVES = ("jobqueue.htcondor.job-extra-directives", "jobqueue.htcondor.job-extra")
MAPPING = "must be a mapping of names to values, such as {'+JobFlavour': '\"tomorrow\"'}"
PROLOGUE = "jobqueue.htcondor.job-script-prologue"
# Keywords of the submit language; they begin a statement and do not name a value.
STATEMENTS = ("queue", "include", "use", "if", "elif", "else", "endif", "error", "warning", "skip")
# The macros that give each job its own file names; no other macro is expanded.
MACROS = ("Cluster", "ClusterId", "Process", "ProcId", "Step")
JOB_MACRO = re.compile(rf"\$\(({'|'.join(MACROS)})\)")
# A directive must not redefine these: the names of the jobs' files and every escaped dollar sign depend on them.
TAKEN = frozenset(name.lower() for name in (*STATEMENTS, *MACROS, "DOLLAR"))


@dataclass(frozen=True)
class FacilitySettings:
    """What dask-jobqueue's configuration says of worker jobs.

    Attributes
    ----------
    command
        The shell command that starts the workers.
    prologue
        Lines of a shell script to run before.
    directives
        Submit commands and attributes that the configuration adds.
    """

    command: str
    prologue: list[str]
    directives: dict[str, str]


def facility_settings(folder: ClusterFolder, spec: ClusterSpec) -> FacilitySettings:
    """Return what the configuration says of the worker jobs of a cluster.

    Raises
    ------
    SpecError
        A setting has the wrong type, or a directive is not allowed in a submit description.
    """
    setting = _settings()
    lines = prologue()
    words = [*_preload(), *map(str, _list(setting, "worker-extra-args", "extra"))]
    job = HTCondorJob(
        scheduler=folder.contact.name,
        name="worker",
        cores=spec.cores,
        processes=spec.cores,
        memory=f"{spec.memory}B",
        disk=f"{spec.disk}B",
        # "exec", so that HTCondor's signals reach Python and not the shell.
        python=f"exec {shlex.quote(spec.environment.path)} -P",
        worker_command="af_lab.worker",
        # Not empty: dask-jobqueue would take the lines of a former setting. af_lab writes the lines into a script.
        job_script_prologue=[NOTHING],
        job_directives_skip=SKIPPED,
        job_extra_directives=_directives(setting),
        death_timeout=_death_timeout(setting.get("death-timeout")),
        # Set here, because dask-jobqueue would otherwise create the folder named in the configuration.
        log_directory=str(folder.logs),
        # dask-jobqueue passes all of these to a shell without quoting them.
        interface=_quoted(setting.get("interface")),
        local_directory=_quoted(setting.get("local-directory")),
        worker_extra_args=list(map(_word, words)),
    )
    directives = {key: _safe(value) for key, value in job.job_header_dict.items()}
    return FacilitySettings(job._command_template.removeprefix(f"{NOTHING}; "), lines, directives)


def prologue() -> list[str]:
    """Return the lines of a shell script that the facility runs before each worker; raises as `facility_settings`."""
    lines = list(map(str, _list(_settings(), "job-script-prologue", "env-extra")))
    for line in lines:
        # Lone surrogates are no characters.
        if "\0" in line or line.encode(errors="replace").decode() != line:
            raise SpecError(f"The setting {PROLOGUE} has {line!r}, which a shell script cannot hold.")
    return lines


def required() -> str | None:
    """Return the condition that the facility sets for the slots of worker jobs; raises as `facility_settings`."""
    directives = _directives(_settings())
    return next((str(value) for key, value in directives.items() if _spelled_alike(key) == REQUIREMENTS), None)


def merge(
    directives: Mapping[str, str], chosen: Mapping[str, str], own: Mapping[str, str], conditions: Sequence[str]
) -> dict[str, str]:
    """Merge the parts of a submit description.

    Parameters
    ----------
    directives
        Submit commands from the configuration.
    chosen
        Submit commands of the specification and its sites; they override the configuration's.
    own
        Submit commands that af_lab sets; they override both, in any spelling.
    conditions
        ClassAd expressions that are added to the requirements in the directives.
    """
    merged: dict[str, tuple[str, str]] = {}
    for part in (directives, chosen, own):
        merged |= {_spelled_alike(key): (key, value) for key, value in part.items()}
    required = [f"({merged[REQUIREMENTS][1]})"] if REQUIREMENTS in merged else []
    if required := [*required, *conditions]:
        merged[REQUIREMENTS] = (REQUIREMENTS, " && ".join(required))
    return dict(merged.values())


def _settings() -> Mapping[str, object]:
    settings = dask.config.get("jobqueue.htcondor", {})
    if not isinstance(settings, Mapping):
        raise SpecError(f"The setting jobqueue.htcondor must be a mapping of names to values, not {settings!r}.")
    return settings


def _spelled_alike(key: str) -> str:
    """Return the same key for all spellings of a command: RequestCpus is request_cpus, +Name is My.Name."""
    lower = key.lower()
    if lower.startswith(("+", "my.")):
        return "my." + lower.removeprefix("+").removeprefix("my.")
    return lower.replace("_", "")


def _directives(settings: Mapping[str, object]) -> dict[str, object]:
    """Return the directives that the configuration adds, under the setting's current or former name."""
    _refuse_lost_lists()
    given = settings.get("job-extra-directives") or settings.get("job-extra") or {}
    where = f"The setting {DIRECTIVES[0]}"
    if not isinstance(given, Mapping):
        raise SpecError(f"{where} {MAPPING}, not {given!r}.")
    for key in given:
        if not isinstance(key, str) or not DIRECTIVE.fullmatch(key) or key.lower() in TAKEN:
            raise SpecError(f"{where} has {key!r}, which is not a valid directive.")
        if is_reserved(key):
            raise SpecError(f"{where} sets {key!r}, which only af_lab or HTCondor may set.")
    return {key: directive_value(key, value) for key, value in given.items()}


def _refuse_lost_lists() -> None:
    """Refuse what Dask drops in silence where it merges its files: anything else in the place of a mapping."""
    for setting in DIRECTIVES:
        parts = setting.split(".")
        named = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
        given = [
            (name, source.name, value)
            for source in config.sources()
            for name in named
            if (value := lookup(source.settings, name.split("."))) is not None
            and (name == setting or not isinstance(value, Mapping))
        ]
        # The last source counts.
        for name, source_name, value in given[-1:]:
            if value and not isinstance(value, Mapping):
                raise SettingError(f"The setting {name} in {source_name} {MAPPING}, not {value!r}.")


def _safe(value: object) -> str:
    """Return a directive's value with the macros that differ from job to job; everything else is escaped."""
    parts = JOB_MACRO.split(str(value))
    return "".join(f"$({part})" if index % 2 else text(part) for index, part in enumerate(parts))


def _list(settings: Mapping[str, object], name: str, earlier: str) -> list[object]:
    """Return a setting that is a list, under its current or former name."""
    lists: list[list[object]] = []
    for key in (name, earlier):
        value = settings.get(key)
        # dask-jobqueue uses the value under the former name, even `false`, unless it is null.
        if not isinstance(value, list | None):
            raise SpecError(f"The setting jobqueue.htcondor.{key} must be a list, not {value!r}.")
        lists.append(value or [])
    return lists[0] or lists[1]


def _preload() -> list[str]:
    modules = config.get("worker.preload") or []
    return [PRELOAD, ",".join(map(str, modules))] if modules else []


def _quoted(value: object) -> str | None:
    return None if value is None else _word(str(value))


def _word(value: str) -> str:
    """Return a word of the worker's command line, quoted for a shell; raises SpecError if it cannot be one."""
    if not value.isprintable():
        raise SpecError(f"The section jobqueue.htcondor has {value!r}, a word with a control character.")
    return shlex.quote(value)


def _death_timeout(value: object) -> int:
    if value is None:
        return int(config.seconds("worker.death-timeout"))
    try:
        return int(config.duration(str(value)))
    except (ValueError, OverflowError):
        raise SpecError(
            f"The setting jobqueue.htcondor.death-timeout must be a duration such as '60 s', not {str(value)!r}."
        ) from None
