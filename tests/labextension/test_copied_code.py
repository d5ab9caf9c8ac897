"""*Copy as Python* and *Copy as command*: both make the cluster that they were copied from, whatever its values."""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import af_lab
from af_lab.cli.create import _spec, create
from af_lab.model.spec import ClusterSpec, make_spec
from tests.labextension.modules import call

SOURCE = "clusters/copiedcode.ts"
# Texts that a shell, Python, or the command line's options could take for something else.
TEXTS = [
    'it\'s "quoted"',
    "two  blanks",
    " at the ends ",
    "$HOME $(touch /tmp/x) `id` ${IFS}",
    "Übung 数据 🎉",
    "back\\slash \\n \\",
    "a\nline",
    "tab\tand\rreturn",
    "\u2028\x7f",
    "-rf --help",
    "#! * ? [a] {b,c} ~ ; & | < >",
    "%s %d {0}",
    "'",
    '"',
    "''\"\"''",
]
# Texts that the command line would take for a number or a truth value.
LOOKALIKES = ["5", "-1.5", "1e3", ".5", "true", "False", ""]
USUAL: dict[str, Any] = {
    "name": "dimuon",
    "workers": 20,
    "cores": 1,
    "memory": 2_000_000_000,
    "disk": 1_000_000_000,
    "idle_timeout": 3600,
}


def texts(function: str, *calls: list[Any]) -> list[str]:
    return [str(text) for text in call(SOURCE, function, list(calls))]


def python(monkeypatch: pytest.MonkeyPatch, code: str) -> dict[str, Any]:
    """Return the arguments with which a copied piece of Python makes its cluster."""
    asked: dict[str, Any] = {}

    def cluster(name: str, **shape: Any) -> SimpleNamespace:
        asked.update(shape, name=name)
        return SimpleNamespace(get_client=lambda: None)

    ast.parse(code)
    monkeypatch.setattr(af_lab, "cluster", cluster)
    exec(code, {})
    return asked


def command(line: str) -> dict[str, Any]:
    """Return what the command line reads in a copied command."""
    words = shlex.split(line)
    assert words[:3] == ["af-lab", "cluster", "create"]
    return create.make_context("create", words[3:]).params


def test_python_has_each_text_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [
        [
            USUAL
            | {"directory": text, "environment": {"path": text}, "sites": [text], "submit": {"+Text": text, "+N": 1}}
        ]
        for text in TEXTS + LOOKALIKES
    ]
    for text, code in zip(TEXTS + LOOKALIKES, texts("pythonCode", *calls), strict=True):
        asked = python(monkeypatch, code)
        assert (asked["directory"], asked["environment"], asked["sites"]) == (text, {"path": text}, [text])
        assert asked["submit"] == {"+Text": text, "+N": 1}


def test_a_shell_gives_the_command_each_text_as_it_is() -> None:
    calls = [
        [USUAL | {"directory": text, "environment": {"path": text}, "sites": [text], "submit": {"rank": f"x {text}"}}]
        for text in TEXTS
    ]
    lines = texts("commandLine", *calls)
    for text, line in zip(TEXTS, lines, strict=True):
        read = command(line)
        assert (read["directory"], read["python"], read["sites"]) == (text, text, (text,))
        assert dict(read["submit"]) == {"rank": f"x {text}".strip()}
    # A real shell expands nothing either.
    script = "\n".join(line.replace("af-lab cluster create", "printf '%s\\0'") for line in lines)
    said = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=False, timeout=60).stdout
    assert said.decode() == "".join(f"{word}\0" for line in lines for word in shlex.split(line)[3:])


def test_a_text_that_looks_like_a_number_stays_a_text() -> None:
    values = [*LOOKALIKES, " at the ends ", 5, -2, 1.5, True, False, "tomorrow"]
    lines = texts("commandLine", *([USUAL | {"submit": {"+Value": value}}] for value in values))
    for value, line in zip(values, lines, strict=True):
        spec = make_spec({"submit": dict(command(line)["submit"])})
        assert (spec.submit["+Value"], type(spec.submit["+Value"])) == (value, type(value))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"workers": 0, "idle_timeout": None},
        {"adapt": {"minimum": 0, "maximum": 100}, "time": 5400, "gpus": 2, "arch": "aarch64"},
        {"memory": 2_147_483_648, "disk": 1_234_567_891, "time": 90.5, "idle_timeout": 0.5 + 86400},
        {"submit": {"+JobFlavour": "tomorrow", "nice_user": True, "priority": -5, "requirements": 'Name == "a b"'}},
    ],
    ids=["usual", "never", "adaptive", "odd", "submit"],
)
def test_both_make_the_same_specification(
    more: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "it's a $folder"
    folder.mkdir()
    monkeypatch.setenv("TOKEN", "a secret")
    fields = USUAL | {"environment": {"path": sys.executable}, "directory": str(folder)} | more
    if "adapt" in fields:
        del fields["workers"]
    adapt = {"adapt": tuple(fields["adapt"].values())} if "adapt" in fields else {}
    spec = make_spec(fields | adapt | {"variables": {"TOKEN": "a secret"}})
    (code,) = texts("pythonCode", [fields, ["TOKEN"]])
    (line,) = texts("commandLine", [fields, ["TOKEN"]])
    assert "a secret" not in code + line
    assert as_dict(make_spec(python(monkeypatch, code))) == as_dict(spec)
    read = command(line)
    for name in ("wait", "wait_workers", "timeout", "as_json"):
        del read[name]
    assert as_dict(_spec(**read)) == as_dict(spec)


def as_dict(spec: ClusterSpec) -> dict[str, Any]:
    """Return all of a specification, the values of its variables among it."""
    return spec.model_dump() | {"variables": spec.variables}


def test_a_variable_that_is_not_set_is_told() -> None:
    (code,) = texts("pythonCode", [USUAL, ["AF_LAB_NOT_SET"]])
    assert "AF_LAB_NOT_SET" not in os.environ
    with pytest.raises(KeyError, match="AF_LAB_NOT_SET"):
        exec(code, {})
