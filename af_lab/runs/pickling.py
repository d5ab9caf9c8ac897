"""Functions and arguments as bytes that another Python can read.

What a user has written (in a notebook, in a script, in modules beside it) travels by value, because a job elsewhere
does not find it; what is installed is imported by the job.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

import cloudpickle

__all__ = ["CallPickler", "is_installed"]

# The registry of cloudpickle belongs to the whole process.
_lock = threading.RLock()


class CallPickler:
    """Pickles for the jobs of one batch.

    Parameters
    ----------
    directory
        The folder of the tasks. Modules in it, in the folder of this process, and beside the program that it runs
        travel by value.
    """

    def __init__(self, directory: str) -> None:
        self._folders = [directory]
        self._seen = 0
        self._beside: list[ModuleType] = []

    def dump(self, value: Any) -> bytes:
        """Return a pickle of a value.

        Raises
        ------
        TypeError
            It cannot be pickled; the message says what.
        """
        return self.dump_all([value])[0]

    def dump_all(self, values: Iterable[Any]) -> list[bytes]:
        """Return a pickle of each value; raises as `dump` does."""
        # The modules are registered once for all of them, which takes longer than a small pickle.
        with _lock, _by_value(self._modules()):
            return [_dump(value) for value in values]

    def _modules(self) -> list[ModuleType]:
        # A look at all modules takes milliseconds.
        if self._seen != len(sys.modules):
            self._seen = len(sys.modules)
            program = getattr(sys.modules.get("__main__"), "__file__", None)
            self._beside = beside([*self._folders, os.getcwd(), *([os.path.dirname(program)] if program else [])])
        return self._beside


def beside(folders: Sequence[str]) -> list[ModuleType]:
    """Return the imported modules whose files are in some folders, but do not belong to an installed package."""
    own = tuple(os.path.realpath(folder) + os.sep for folder in folders)
    installed = _installed()
    found = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name == "__main__" or not isinstance(file, str):
            continue
        real = os.path.realpath(file)
        if real.endswith(".py") and real.startswith(own) and not real.startswith(installed):
            found.append(module)
    return found


def is_installed(module: str | None) -> bool:
    """Return whether a module belongs to Python or to an installed package, so that its version says what it is."""
    if not module or module == "__main__":
        return False
    if module.partition(".")[0] in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None:
        # A namespace, or a module in C without a file of its own.
        return module in sys.modules and not hasattr(sys.modules[module], "__path__")
    return os.path.realpath(str(file)).startswith(_installed())


@contextmanager
def _by_value(modules: Sequence[ModuleType]) -> Iterator[None]:
    known = cloudpickle.list_registry_pickle_by_value()
    imported = (module for module in modules if sys.modules.get(module.__name__) is module)
    added = [module for module in imported if module.__name__ not in known]
    for module in added:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in added:
            cloudpickle.unregister_pickle_by_value(module)


@cache
def _installed() -> tuple[str, ...]:
    """Return the folders of installed packages, and of Python's own."""
    paths = [*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages()]
    return tuple(os.path.realpath(path) + os.sep for path in paths)


def _dump(value: Any) -> bytes:
    try:
        return bytes(cloudpickle.dumps(value))
    except Exception as error:  # whatever a user's __reduce__ or __getstate__ raises
        raise TypeError(f"{_name(value)} cannot be pickled, so it cannot be sent to a job: {error}") from error


def _name(value: Any) -> str:
    name = getattr(value, "__qualname__", None)
    return f"{name!r}" if isinstance(name, str) else f"A value of the type {type(value).__qualname__}"
