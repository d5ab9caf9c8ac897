"""The command line itself."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from click.testing import CliRunner

from af_lab.cli import main
from af_lab.errors import PlaygroundError


def test_help_names_the_commands() -> None:
    shown = CliRunner().invoke(main.cli, ["--help"])
    assert shown.exit_code == 0
    for name in ("pool", "doctor", "playground"):
        assert name in shown.output


def test_version_is_that_of_the_package() -> None:
    assert CliRunner().invoke(main.cli, ["--version"]).output == f"af-lab {version('af-lab')}\n"


def test_an_error_is_one_message_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise PlaygroundError("It is not there. Install it.")

    monkeypatch.setattr(main, "cli", fail)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "af-lab: It is not there. Install it.\n"


@pytest.mark.parametrize("memory", ["8", "eight GB", "8 GX", "GB", "-8 GB", "inf GB"])
def test_memory_that_is_no_amount(memory: str) -> None:
    shown = CliRunner().invoke(main.cli, ["pool", "start", "--memory", memory])
    assert shown.exit_code == 2
    assert "is not an amount of memory such as '8 GB'" in shown.output


@pytest.mark.parametrize("name", ["../up", "a b", "", "é"])
def test_name_that_is_no_folder(name: str) -> None:
    shown = CliRunner().invoke(main.cli, ["pool", "status", "--name", name])
    assert shown.exit_code == 2
    assert "letters, digits" in shown.output
