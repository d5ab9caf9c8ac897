"""A key of code and values that changes when a computation changes, and not when it does not.

Pickles do not serve: they differ from process to process. The key is made of the byte code of functions, without line
numbers, names of files and comments; of the values that they use; of all code that they call in modules that are not
installed; and of the versions of the packages that are.
"""

from __future__ import annotations

import dis
import hashlib
import importlib.util
import os
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from af_lab.errors import AfLabError
from af_lab.runs.pickling import is_installed

__all__ = ["NotCertain", "code_key"]

# Attributes of classes and modules that are not code, or differ although the code does not.
SKIPPED = frozenset(
    {
        *("__dict__", "__weakref__", "__module__", "__doc__", "__qualname__", "__annotations__", "__annotate__"),
        *("__annotate_func__", "__annotations_cache__", "__firstlineno__", "__static_attributes__", "__slotnames__"),
        *("__abstractmethods__", "_abc_impl", "__parameters__", "__orig_bases__", "__builtins__", "__cached__"),
        *("__file__", "__loader__", "__name__", "__package__", "__path__", "__spec__", "__conditional_annotations__"),
    }
)
PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), type(NotImplemented), range)


class NotCertain(AfLabError):
    """A value of which no key can be made that is the same in another process."""


def code_key(*values: Any) -> str:
    """Return the key of values: functions, classes, objects, plain values, in any depth.

    Raises
    ------
    NotCertain
        One of them cannot be compared with that of another process; the message says which.
    """
    return _Walk().digest(values).hex()


class _Walk:
    """One walk through values, which may refer to each other in circles."""

    def __init__(self) -> None:
        self._known: dict[int, bytes] = {}
        self._kept: list[Any] = []  # so that no id is used again

    def digest(self, value: Any) -> bytes:
        """Return the digest of a value, which does not depend on which equal parts are one object."""
        if isinstance(value, PLAIN):
            return _hash(type(value).__name__, repr(value))
        if id(value) not in self._known:
            self._kept.append(value)
            self._known[id(value)] = _hash("itself", type(value).__name__)
            self._known[id(value)] = self._digest(value)
        return self._known[id(value)]

    def _digest(self, value: Any) -> bytes:
        for kinds, method in self._kinds():
            if isinstance(value, kinds):
                return method(value)
        return self._object(value)

    def _kinds(self) -> Iterator[tuple[Any, Callable[[Any], bytes]]]:
        yield types.FunctionType, self._function
        yield types.CodeType, self._code
        yield types.ModuleType, self._module
        yield type, self._class
        yield types.MethodType, lambda method: self._all("method", [method.__func__, method.__self__])
        yield (staticmethod, classmethod), lambda wrapper: self._all(type(wrapper).__name__, [wrapper.__func__])
        yield property, lambda made: self._all("property", [made.fget, made.fset, made.fdel])
        yield types.BuiltinFunctionType, self._installed
        yield (tuple, list), lambda items: self._all(type(items).__name__, items)
        yield (set, frozenset), lambda items: _hash("set", *sorted(map(self.digest, items)))
        yield dict, self._mapping
        yield types.MappingProxyType, lambda items: self._mapping(dict(items))
        yield os.PathLike, lambda path: _hash("path", os.fspath(path))

    def _all(self, kind: str, values: Any) -> bytes:
        return _hash(kind, *(self.digest(value) for value in values))

    def _mapping(self, items: Mapping[Any, Any]) -> bytes:
        return _hash("dict", *(part for key, value in items.items() for part in (self.digest(key), self.digest(value))))

    def _function(self, function: types.FunctionType) -> bytes:
        if is_installed(function.__module__):
            return self._installed(function)
        cells = [_content(cell) for cell in function.__closure__ or ()]
        parts = [function.__code__, function.__defaults__, function.__kwdefaults__, cells]
        used = {name: function.__globals__[name] for name in _names(function.__code__) if name in function.__globals__}
        return _hash("function", self._all("parts", parts), self._mapping(used), *self._imports(function.__code__))

    def _code(self, code: types.CodeType) -> bytes:
        return _hash(
            *("code", code.co_code, code.co_argcount, code.co_kwonlyargcount, code.co_flags),
            *(repr(names) for names in (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)),
            *(self.digest(constant) for constant in code.co_consts),
        )

    def _imports(self, code: types.CodeType) -> Iterator[bytes]:
        """Yield the digests of the modules that a function imports itself."""
        for name in sorted(_imported(code)):
            if (module := sys.modules.get(name)) is not None:
                yield self.digest(module)
            elif (spec := importlib.util.find_spec(name)) and spec.origin and spec.origin.endswith(".py"):
                yield self.digest(compile(Path(spec.origin).read_bytes(), "", "exec"))

    def _module(self, module: types.ModuleType) -> bytes:
        if is_installed(module.__name__):
            return self._version(module.__name__)
        return _hash("module", self._members(vars(module), of=module.__name__))

    def _class(self, class_: type) -> bytes:
        if is_installed(class_.__module__):
            return self._installed(class_)
        return _hash("class", class_.__name__, self._all("bases", class_.__bases__), self._members(vars(class_)))

    def _members(self, members: Mapping[str, Any], of: str | None = None) -> bytes:
        """Return the digest of what a class or a module has, what it imports as well."""
        kept = {name: value for name, value in members.items() if name not in SKIPPED}
        return _hash(of or "", *(part for name in sorted(kept) for part in (name, self.digest(kept[name]))))

    def _installed(self, value: Any) -> bytes:
        module = getattr(value, "__module__", None) or "builtins"
        name = getattr(value, "__qualname__", repr(value))
        owner = getattr(value, "__self__", None)
        if owner is not None and not isinstance(owner, types.ModuleType):
            return _hash("method", name, self.digest(owner))
        return _hash("installed", module, name, self._version(module))

    def _version(self, module: str) -> bytes:
        return _hash("version", module, _version_of(module.partition(".")[0]))

    def _object(self, value: Any) -> bytes:
        """Return the digest of an object from its class and what pickle would keep of it."""
        try:
            reduced = value.__reduce_ex__(4)
        except Exception as error:  # whatever a class does here
            kind = type(value).__qualname__
            raise NotCertain(f"A value of the type {kind} has no content to compare: {error}") from None
        if isinstance(reduced, str):
            return _hash("named", reduced, self._class(type(value)))
        made, arguments, *rest = reduced
        # A state, and iterators over the items of a list and a dict.
        content = [part if part is None or index == 0 else list(part) for index, part in enumerate(rest[:3])]
        return self._all("object", [type(value), made, arguments, *content])


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None  # A function that is not defined yet.


def _names(code: types.CodeType) -> list[str]:
    """Return the names that a function and those within it look up."""
    within = [name for inner in code.co_consts if isinstance(inner, types.CodeType) for name in _names(inner)]
    return list(dict.fromkeys([*code.co_names, *within]))


def _imported(code: types.CodeType) -> set[str]:
    found = {str(line.argval) for line in dis.get_instructions(code) if line.opname == "IMPORT_NAME"}
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            found |= _imported(inner)
    return found


@cache
def _version_of(package: str) -> str:
    """Return the version of an installed package; Python's own for the standard library."""
    if package in sys.stdlib_module_names:
        return f"{sys.version_info[0]}.{sys.version_info[1]}"
    module = sys.modules.get(package)
    version = getattr(module, "__version__", None)
    if isinstance(version, str):
        return version
    for name in _distributions().get(package, ()):
        return metadata.version(name)
    return ""


@cache
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def _hash(*parts: Any) -> bytes:
    made = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else str(part).encode()
        made.update(len(content).to_bytes(8, "little"))
        made.update(content)
    return made.digest()
