"""The shell script that a worker job runs: its environment, its folder, the facility's prologue, then Python."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence

from af_lab.errors import SpecError
from af_lab.jobs.environment_script import script
from af_lab.manager.facility_directives import PROLOGUE
from af_lab.worker.protocol import FILES

__all__ = ["check_prologue", "worker_script"]

CHECK_TIMEOUT = 10.0  # seconds
# Lines of a facility are written for bash, and for a shell that knows `module`: system files of login shells define it.
IN_BASH = f"""if [ -z "${{BASH_VERSION:-}}" ]; then
    command -v bash >/dev/null || {{ echo "This machine has no bash, which the setting {PROLOGUE} needs."; exit 1; }}
    exec bash "${FILES}/worker.sh" "$@"
fi
. /etc/profile >/dev/null 2>&1
. "${FILES}/environment.sh"
"""
# A line that fails inside of a file that the prologue sources is the affair of that file.
ON_FAILURE = f"""trap '__status=$?; [ "${{BASH_SOURCE[0]}}" != "$0" ] || {{
    echo "The job ends: a line of the setting {PROLOGUE} failed with exit code $__status: $BASH_COMMAND"
    exit 1
}}' ERR
"""


def worker_script(
    command: str,
    prologue: Sequence[str],
    directory: str,
    umask: int,
    variables: Mapping[str, str],
    sent: Sequence[str] = (),
) -> str:
    """Return the script that a worker job runs.

    Parameters
    ----------
    command
        The shell command that starts the workers.
    prologue
        The facility's lines, for bash; they run in the folder of the tasks.
    directory
        The folder in which tasks start where it is shared.
    umask
        The permissions that files of the tasks do not get.
    variables
        The environment variables that the user sets; they override all others, the prologue's as well.
    sent
        The user's files that are sent along with a job; tasks find them where they start.
    """
    scratch = _scratch(map(os.path.basename, sent))
    lines = [
        "exec 2>&1",
        # Of a job at another site, the scratch folder has the cluster's files.
        f'export {FILES}="${{{FILES}:-$PWD}}"',
        f'. "${FILES}/environment.sh"',
        f'if [ "${FILES}" -ef "$_CONDOR_SCRATCH_DIR" ]; then',
        f"    {scratch}",
        "else",
        f"    export HOME={shlex.quote(os.path.expanduser('~'))}",
        f"    cd {shlex.quote(directory)} || {{",
        '        echo "The tasks of this worker start in the scratch folder of its job instead."',
        f"        {scratch}",
        "    }",
        "fi",
    ]
    text = "\n".join(lines) + "\n"
    if any(line.strip() for line in prologue):
        text += IN_BASH + ON_FAILURE + "\n".join(prologue) + "\ntrap - ERR\n" + script(variables)
    return f"{text}umask {umask:04o}\n{command}\n"


async def check_prologue(prologue: Sequence[str]) -> None:
    """Check the syntax of the facility's lines, if this machine has a bash.

    Raises
    ------
    SpecError
        Bash does not understand a line; the message has it.
    """
    bash = shutil.which("bash")
    if bash is None or not prologue:
        return
    process = await asyncio.create_subprocess_exec(
        *(bash, "-n"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.defpath, "LC_ALL": "C"},
    )
    async with asyncio.timeout(CHECK_TIMEOUT):
        _, said = await process.communicate(os.fsencode("\n".join(prologue) + "\n"))
    if process.returncode:
        words = [line.removeprefix(f"{bash}: ") for line in said.decode(errors="replace").strip().splitlines()]
        raise SpecError(f"The setting {PROLOGUE} is not valid for bash: {'; '.join(words[:2])}.")


def _scratch(sent: Iterable[str]) -> str:
    words = ['mkdir -p "$_CONDOR_SCRATCH_DIR/tasks" && cd "$_CONDOR_SCRATCH_DIR/tasks" || exit 1']
    words += [f"[ ! -e ../{name} ] || ln -sfn ../{name} ." for name in map(shlex.quote, sent)]
    return "; ".join(words)
