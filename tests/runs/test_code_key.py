"""The key of a computation: it is the same in each process, and changes with what the computation depends on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from af_lab.runs.code_key import NotCertain, code_key

HELPER = "def scale(x):\n    return x * 2\n"
ANALYSIS = """
import numpy as np
import helper

CUTS = {"pt", "eta", "mass"}
EDGES = np.linspace(0, 1, 5)

class Base:
    factor = 1

class Analysis(Base):
    def __init__(self, cut):
        self.cut = cut

    def process(self, events):
        selected = [helper.scale(event) for event in events if event > self.cut and "pt" in CUTS]
        return sum(selected) * self.factor, EDGES, (lambda x: x + 1)(0)

def late(x):
    import later
    return later.shift(x)
"""
LATER = "def shift(x):\n    return x + 1\n"
PROGRAM = (
    "import sys; sys.path.insert(0, '.'); import analysis as a; from af_lab.runs.code_key import code_key; print(%s)"
)
KEYS = "code_key(a.Analysis(3)), code_key(a.late), code_key(a.Analysis)"


def keys(folder: Path, what: str = KEYS, **changed: str) -> list[str]:
    """Return keys as another process makes them."""
    for name, content in {"helper": HELPER, "analysis": ANALYSIS, "later": LATER, **changed}.items():
        (folder / f"{name}.py").write_text(content)
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM % what],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONHASHSEED": "random"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return keys(tmp_path_factory.mktemp("before"))


def test_it_is_the_same_in_each_process_and_folder(before: list[str], tmp_path: Path) -> None:
    assert keys(tmp_path) == before


def test_comments_and_blank_lines_do_not_change_it(before: list[str], tmp_path: Path) -> None:
    commented = "# A comment.\n\n" + ANALYSIS.replace("self.cut = cut", "self.cut = cut  # GeV\n\n")
    assert keys(tmp_path, analysis=commented, helper=f"\n# Another.\n{HELPER}", later=f"# Third.\n{LATER}") == before


@pytest.mark.parametrize(
    ("changed", "differs"),
    [
        ({"helper": HELPER.replace("2", "3")}, {0, 2}),
        ({"analysis": ANALYSIS.replace("event >", "event >=")}, {0, 2}),
        ({"analysis": ANALYSIS.replace("factor = 1", "factor = 2")}, {0, 2}),
        ({"analysis": ANALYSIS.replace('"mass"}', '"charge"}')}, {0, 2}),
        ({"analysis": ANALYSIS.replace("1, 5)", "1, 6)")}, {0, 2}),
        ({"analysis": ANALYSIS.replace("x + 1)(0)", "x + 2)(0)")}, {0, 2}),
        ({"later": LATER.replace("1", "2")}, {1}),
    ],
)
def test_code_changes_it(before: list[str], tmp_path: Path, changed: dict[str, str], differs: set[int]) -> None:
    after = keys(tmp_path, **changed)
    assert {index for index in range(3) if after[index].strip("',()") != before[index].strip("',()")} == differs


def test_versions_of_packages_change_it(tmp_path: Path) -> None:
    version = "__import__('numpy').__dict__.update(__version__='0.1')"
    plain, other = (
        keys(tmp_path, what) for what in ("code_key(a.Analysis(3))", f"({version}, code_key(a.Analysis(3)))[1]")
    )
    assert plain != other


def test_values_change_it() -> None:
    values = [1, 1.0, True, "1", b"1", None, [1], (1,), {1}, {1: 1}, {"a": [1, {2, 3}]}, Path("1"), range(1)]
    assert len({code_key(value) for value in values}) == len(values)
    assert code_key({"b", "a", "c"}) == code_key({"c", "b", "a"})
    shared = [1, 2]
    assert code_key([shared, shared]) == code_key([[1, 2], [1, 2]])
    circle: list[object] = []
    circle.append(circle)
    assert code_key(circle)


def test_closures_change_it() -> None:
    def adder(number: int) -> object:
        return lambda x: x + number

    assert code_key(adder(1)) == code_key(adder(1))
    assert code_key(adder(1)) != code_key(adder(2))


def test_what_cannot_be_compared_is_said() -> None:
    lock = threading.Lock()
    with pytest.raises(NotCertain, match="lock"):
        code_key(lambda: lock)
