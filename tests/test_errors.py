"""What a notebook shows of an error."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

ASKED = "from af_lab.model.spec import make_spec\ndef mine():\n    make_spec({'memory': 'much'})\nmine()"


@pytest.fixture
def shell() -> InteractiveShell:
    return InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))


def test_an_error_is_its_message_and_the_traceback_is_there_on_request(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell(ASKED)
    shown = capsys.readouterr().out
    assert "SpecError\x1b[0m: memory: 'much' is not a size; write '2 GB'" in shown
    assert "spec.py" not in shown
    shell.run_cell("import traceback; traceback.print_last()")
    assert "in mine" in capsys.readouterr().err


def test_other_errors_are_shown_as_ever(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("1 / 0")
    shown = capsys.readouterr().out
    assert "ZeroDivisionError" in shown
    assert "print_last" not in shown
