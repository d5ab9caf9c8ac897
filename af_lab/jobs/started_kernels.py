"""Kernels that a launcher starts: the Python that they turn out to be.

Some kernels are started by a program that chooses the interpreter and sets its environment: a wrapper of a conda
environment, a container, a shell script. Only the kernel itself knows its Python, so it is started once and asked.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from af_lab.errors import EnvironmentMismatch
from af_lab.home import af_lab_home, make_private_folder
from af_lab.jobs.environment_script import changed_variables
from af_lab.jobs.kernels import KernelCommand

__all__ = ["StartedKernel", "start_once"]

TIMEOUT = 60.0  # seconds; a container or a cold network file system is slow
LOOK = 0.5  # seconds between two looks whether it has ended
MOST_WORDS = 1 << 16  # bytes of what it printed that are read
ATTEMPTS = 3  # starts of a kernel whose ports others have taken in the meantime
PORT_TAKEN = "Address already in use"
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


class PortTaken(Exception):
    """Another program has taken a port that was free when the kernel was given it."""


async def _ask(kernel: KernelCommand, directory: str) -> StartedKernel:
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(PortTaken):
            return await _ask_once(kernel, directory)
    try:
        return await _ask_once(kernel, directory)
    except PortTaken as taken:
        raise EnvironmentMismatch(str(taken)) from None


async def _ask_once(kernel: KernelCommand, directory: str) -> StartedKernel:
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
                answer = json.loads(ast.literal_eval(await _answer_of(manager, words)))
        except PortTaken:
            raise PortTaken(str(_unknown(kernel, "did not start", words))) from None
        except TimeoutError:
            raise _unknown(kernel, f"did not answer within {TIMEOUT:g} s", words) from None
        except (OSError, RuntimeError, ValueError, LookupError) as error:
            raise _unknown(kernel, f"did not start ({error})", words) from None
        finally:
            await manager.shutdown_kernel(now=True)
    variables = changed_variables(os.environ, answer["environment"])
    return StartedKernel(answer["executable"], answer["flags"], variables)


async def _answer_of(manager: Any, words: IO[bytes]) -> str:
    """Return the kernel's answer; raises `PortTaken` as soon as it has said so and ended."""
    asking = asyncio.create_task(_evaluate(manager, QUESTION))
    try:
        while not (await asyncio.wait([asking], timeout=LOOK))[0]:
            if PORT_TAKEN in _said(words) and not await manager.is_alive():
                raise PortTaken
        return await asking
    finally:
        asking.cancel()


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


def _said(words: IO[bytes]) -> str:
    # Read by position: the kernel writes at the position of the file, which both share.
    size = os.fstat(words.fileno()).st_size
    return os.pread(words.fileno(), MOST_WORDS, max(0, size - MOST_WORDS)).decode(errors="replace")


def _unknown(kernel: KernelCommand, what: str, words: IO[bytes]) -> EnvironmentMismatch:
    lines = [line for line in _said(words).splitlines() if line.strip()]
    said = f": {lines[-1].strip()}" if lines else ""
    return EnvironmentMismatch(
        f"The kernel {kernel.name!r} {what}{said.rstrip('.')}. af_lab starts it once, because its command "
        f"({kernel.argv[0]!r}) is not a Python itself. Name the Python instead: environment={{'path': ...}}."
    )
