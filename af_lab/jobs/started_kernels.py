"""Kernels that a launcher starts: the Python that they turn out to be.

Some kernels are started by a program that chooses the interpreter and sets its environment: a wrapper of a conda
environment, a container, a shell script. Only the kernel itself knows its Python, so it is started once and asked.
"""

from __future__ import annotations

import ast
import asyncio
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from af_lab.errors import EnvironmentMismatch
from af_lab.home import af_lab_home, make_private_folder
from af_lab.jobs.environment_script import changed_variables
from af_lab.jobs.kernels import KernelCommand

__all__ = ["StartedKernel", "start_once"]

TIMEOUT = 60.0  # seconds; a container or a cold network file system is slow
# Evaluated by the kernel; a dictionary of its own leaves nothing behind in the kernel's namespace.
QUESTION = """(lambda json, os, sys: json.dumps({
    "executable": sys.executable, "flags": "s" * sys.flags.no_user_site, "environment": dict(os.environ)
}))(*map(__import__, ("json", "os", "sys")))"""


@dataclass(frozen=True)
class StartedKernel:
    """What a kernel said of itself.

    Attributes
    ----------
    executable
        Its interpreter.
    flags
        The one-letter options of Python that decide what it imports.
    variables
        The environment variables that its launcher set or changed.
    """

    executable: str
    flags: str
    variables: Mapping[str, str]


async def start_once(kernel: KernelCommand, directory: str) -> StartedKernel:
    """Start a kernel, ask it for its Python, and end it; the answer is kept until the kernel or its program changes.

    Parameters
    ----------
    kernel
        How Jupyter starts it.
    directory
        The folder in which it is started; a launcher may choose by it.

    Raises
    ------
    EnvironmentMismatch
        The kernel does not start, or does not answer in time.
    """
    kept = af_lab_home() / "kernels" / f"{_digest(kernel, directory)}.json"
    try:
        return StartedKernel(**json.loads(await asyncio.to_thread(kept.read_text, encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        # Not asked yet, or by an af_lab that kept something else.
        found = await _ask(kernel, directory)
    await asyncio.to_thread(_keep, kept, found)
    return found


def _digest(kernel: KernelCommand, directory: str) -> str:
    stamps = []
    for path in (Path(kernel.folder, "kernel.json"), *map(Path, kernel.argv)):
        try:
            found = path.stat()
            stamps.append((str(path), found.st_mtime_ns, found.st_size))
        except (OSError, ValueError):
            # Not a file, but a word of the command.
            continue
    asked = (kernel.name, kernel.argv, sorted(kernel.env.items()), directory, os.environ.get("PATH"), stamps)
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:32]


def _keep(path: Path, found: StartedKernel) -> None:
    make_private_folder(path.parent)
    # Values of variables may be secret. On a file system that keeps no permissions, nothing is kept.
    if path.parent.stat().st_mode & 0o077:
        return
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(found), file)
    Path(temporary).replace(path)


async def _ask(kernel: KernelCommand, directory: str) -> StartedKernel:
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class OneKernel(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(argv=list(kernel.argv), env=dict(kernel.env), resource_dir=kernel.folder)

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as words:
        manager = AsyncKernelManager(
            kernel_name=kernel.name,
            kernel_spec_manager=OneKernel(),
            connection_file=str(Path(folder, "connection.json")),
        )
        try:
            async with asyncio.timeout(TIMEOUT):
                await manager.start_kernel(cwd=directory, stdin=None, stdout=words, stderr=words)
                answer = json.loads(ast.literal_eval(await _evaluate(manager, QUESTION)))
        except TimeoutError:
            raise _unknown(kernel, f"did not answer within {TIMEOUT:g} s", words) from None
        except (OSError, RuntimeError, ValueError, LookupError) as error:
            raise _unknown(kernel, f"did not start ({error})", words) from None
        finally:
            await manager.shutdown_kernel(now=True)
    variables = changed_variables(os.environ, answer["environment"])
    return StartedKernel(answer["executable"], answer["flags"], variables)


async def _evaluate(manager: Any, expression: str) -> str:
    """Return the representation of an expression's value in a kernel."""
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=TIMEOUT)
        message = client.execute("", silent=True, user_expressions={"answer": expression})
        while True:
            reply = await client.get_shell_msg(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == message:
                return str(reply["content"]["user_expressions"]["answer"]["data"]["text/plain"])
    finally:
        client.stop_channels()


def _unknown(kernel: KernelCommand, what: str, words: Any) -> EnvironmentMismatch:
    words.seek(0)
    lines = [line for line in words.read().decode(errors="replace").splitlines() if line.strip()]
    said = f": {lines[-1].strip()}" if lines else ""
    return EnvironmentMismatch(
        f"The kernel {kernel.name!r} {what}{said.rstrip('.')}. af_lab starts it once, because its command "
        f"({kernel.argv[0]!r}) is not a Python itself. Name the Python instead: environment={{'path': ...}}."
    )
