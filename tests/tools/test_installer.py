"""Which program installs: uv where it can, pip otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from installer import Installer
from steps import Failed, Steps

# It notes what it is asked for, and fails if this begins with what stands in the file `fails`.
PROGRAM = """\
#!/bin/sh
here=$(dirname "$0")
echo "$(basename "$0") $*" >> "$here/asked"
[ "$*" != "-m pip config list" ] || cat "$here/settings"
case "$(basename "$0") $*" in $(cat "$here/fails")*) echo "it is not there" >&2; exit 1;; esac
[ "$*" != "-m pip install --quiet --only-binary uv uv" ] || cp "$0" "$here/uv"
"""
WITH_UV = ["python -m pip config list", "python -m pip install --quiet --only-binary uv uv"]
NEW_PIP = "python -m pip install --quiet --upgrade pip"


def asked(folder: Path, *, settings: str = "", fails: str = "nothing", times: int = 1) -> list[str]:
    """Return the commands that install a package."""
    python = folder / "python"
    python.write_text(PROGRAM)
    python.chmod(0o700)
    (folder / "settings").write_text(settings)
    (folder / "fails").write_text(fails)
    installer = Installer(Steps(1), python)
    for _ in range(times):
        installer.install("dask>=2025.3")
    return (folder / "asked").read_text().replace(str(python), "PYTHON").splitlines()


def test_uv_installs(tmp_path: Path) -> None:
    assert asked(tmp_path) == [*WITH_UV, "uv pip install --python PYTHON dask>=2025.3"]


def test_uv_is_not_installed_twice(tmp_path: Path) -> None:
    asked(tmp_path)
    (tmp_path / "asked").unlink()
    assert asked(tmp_path) == [WITH_UV[0], "uv pip install --python PYTHON dask>=2025.3"]


def test_pip_installs_where_uv_is_not_to_be_had(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fails = "python -m pip install --quiet --only-binary"
    assert asked(tmp_path, fails=fails) == [*WITH_UV, NEW_PIP, "python -m pip install dask>=2025.3"]
    assert "pip installs the packages, because there is no uv: it is not there" in capsys.readouterr().out


def test_pip_installs_with_a_setting_that_uv_does_not_have(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = "global.no-binary='dask'\n"
    assert asked(tmp_path, settings=settings) == [WITH_UV[0], NEW_PIP, "python -m pip install dask>=2025.3"]
    assert "'no-binary', which uv does not have" in capsys.readouterr().out


def test_pip_does_what_uv_could_not(tmp_path: Path) -> None:
    by_pip = "python -m pip install dask>=2025.3"
    by_uv = "uv pip install --python PYTHON dask>=2025.3"
    assert asked(tmp_path, fails="uv", times=2) == [*WITH_UV, by_uv, NEW_PIP, by_pip, by_pip]


def test_what_pip_cannot_install_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="ended with status 1"):
        asked(tmp_path, settings="global.no-binary='dask'\n", fails="python -m pip install dask")
