from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from af_lab.condor.description import arguments, file_list, string, text
from af_lab.errors import SpecError

printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)


def submitted(command: str, value: str) -> str | None:
    """Return what HTCondor itself makes of a command: the attribute Arguments or My.X of the job's ad."""
    program = (
        "import htcondor2, sys; s = htcondor2.Submit({'universe': 'vanilla', 'executable': '/bin/true', "
        "'log': '/dev/null', sys.argv[1]: sys.argv[2]}); print(s.expand(sys.argv[1]), end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, command, value], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


@pytest.mark.parametrize("bad", ["a\nqueue 5", "a\rb", "a\0b", "tab\there"])
def test_a_control_character_is_refused(bad: str) -> None:
    with pytest.raises(SpecError, match="character"):
        text(bad)


@pytest.mark.parametrize("bad", ["$$(Name)", "x$$[Memory]", "a$$", "$(DOLLAR)", "$(dollar)"])
def test_what_cannot_be_escaped_is_refused(bad: str) -> None:
    with pytest.raises(SpecError, match="would expand"):
        text(bad)


@pytest.mark.parametrize("bad", ["a\\", "a\\ "])
def test_a_backslash_that_would_join_two_lines_is_refused(bad: str) -> None:
    with pytest.raises(SpecError, match="backslash"):
        text(bad)


@pytest.mark.parametrize("value", ["$(ClusterId)", "$ENV(HOME)", "a$b", "costs $5"])
def test_macros_stand_as_they_are_written(value: str) -> None:
    assert submitted("batch_name", text(value)) == value


def test_a_comma_cannot_stand_in_a_list_of_files() -> None:
    assert file_list(["/a b/c", "/d"]) == "/a b/c, /d"
    with pytest.raises(SpecError, match="comma"):
        file_list(["/a,b"])


def test_strings_are_classad_literals() -> None:
    assert string('a"b c"') == '"a\\"b c\\""'


@pytest.mark.parametrize("bad", ["\\", 'a\\"b', "a\\b"])
def test_a_backslash_cannot_stand_in_a_string(bad: str) -> None:
    with pytest.raises(SpecError, match="backslash"):
        string(bad)


def test_words_are_quoted() -> None:
    assert arguments(["-c", "echo 'a' \"b\"", ""]) == "\"-c 'echo ''a'' \"\"b\"\"' ''\""


@given(printable)
def test_no_printable_text_changes_on_the_way(value: str) -> None:
    if "$$" in value or "$(DOLLAR)" in value.upper() or value.rstrip().endswith("\\"):
        with pytest.raises(SpecError):
            text(value)
    else:
        assert text(value).replace("$(DOLLAR)", "$") == value
