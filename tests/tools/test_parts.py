"""Which tests `make test ONLY=...` runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from suite.parts import ALONE, BESIDE, SYSTEM, Part, PartError, collected, parse_selection, select

PYTHON, BROWSER, PANEL = BESIDE


@pytest.mark.parametrize(
    ("text", "paths", "expression"),
    [
        ("", (), ""),
        ("tests/manager", ("tests/manager",), ""),
        ("./tests/manager/ test_life.py", ("tests/manager", "test_life.py"), ""),
        ("killed and not slow", (), "killed and not slow"),
        ("tests/ui/test_drag.py hold", ("tests/ui/test_drag.py",), "hold"),
        ("'tests/a.py::test_b[with blank]'", ("tests/a.py::test_b[with blank]",), ""),
    ],
)
def test_paths_are_told_from_words(text: str, paths: tuple[str, ...], expression: str) -> None:
    selection = parse_selection(text)
    assert (selection.paths, selection.expression) == (paths, expression)


def test_an_open_quotation_mark_is_refused() -> None:
    with pytest.raises(PartError, match=r"ONLY=.*No closing quotation"):
        parse_selection("tests/a.py 'tests/b")


def test_without_a_selection_all_parts_run() -> None:
    assert select(BESIDE, parse_selection("")) == list(BESIDE)
    assert select(SYSTEM, parse_selection("")) == list(SYSTEM)


@pytest.mark.parametrize(
    ("text", "folders"),
    [
        ("tests/manager", ["tests"]),
        ("tests/ui/test_drag.py", ["tests/ui"]),
        ("tests/uix.py", ["tests"]),
        ("labextension/tests/api/api.spec.ts", ["labextension/tests"]),
        ("tests/manager tests/ui labextension/tests", ["tests", "tests/ui", "labextension/tests"]),
        ("scale", ["tests", "tests/ui"]),
    ],
)
def test_a_path_belongs_to_one_part(text: str, folders: list[str]) -> None:
    assert [part.folder for part in select(BESIDE, parse_selection(text))] == folders


def test_words_and_paths_reach_pytest() -> None:
    (part,) = select([PYTHON], parse_selection("tests/manager tests/faults killed or held"))
    assert part.chosen == ("tests/manager", "tests/faults", "-k", "killed or held")


@pytest.mark.parametrize(
    ("text", "workers"),
    [
        ("", PYTHON.workers),
        ("killed", PYTHON.workers),
        ("tests/manager", PYTHON.workers),
        ("tests/manager tests/faults/test_memory.py", PYTHON.workers),
        ("tests/manager/test_life.py tests/faults/test_memory.py", 2),
        ("tests/manager/test_life.py", 0),
        ("tests/manager/test_life.py::test_a", 0),
    ],
)
def test_there_are_no_more_processes_than_files(text: str, workers: int) -> None:
    (part,) = select([PYTHON], parse_selection(text))
    assert part.workers == workers


def test_what_measures_time_and_what_takes_minutes_are_parts_of_their_own() -> None:
    assert {part.marked for part in BESIDE if part.runner.value == "pytest"} == {"not alone and not system"}
    assert {part.marked for part in ALONE} == {"alone and not system"}
    assert {part.marked for part in SYSTEM} == {"system"}
    keys = [part.key for part in (*BESIDE, *ALONE, *SYSTEM)]
    assert len(set(keys)) == len(keys)


def test_only_the_files_that_use_a_parts_marker_are_collected(tmp_path: Path) -> None:
    ui = tmp_path / "tests" / "ui"
    ui.mkdir(parents=True)
    marked = "import pytest\n\n\n@pytest.mark.alone\ndef test_a() -> None: ...\n"
    for file in (tmp_path / "tests" / "test_slow.py", ui / "test_load.py", tmp_path / "tests" / "slow.py"):
        file.write_text(marked)
    (tmp_path / "tests" / "test_other.py").write_text(marked.replace("alone", "pool"))
    python, browser = ALONE
    assert collected(python, tmp_path) == ("tests/test_slow.py",)
    assert collected(browser, tmp_path) == ("tests/ui/test_load.py",)
    assert collected(PYTHON, tmp_path) == ("tests",)
    assert collected(SYSTEM[0], tmp_path) == ("tests",), "without any such file, pytest says that there is none"


@pytest.mark.parametrize("part", [*ALONE, *SYSTEM], ids=lambda part: part.title)
def test_each_marker_of_a_part_is_in_its_expression(part: Part) -> None:
    assert part.marked.startswith(part.marker)
