"""Find Chromium for the browser tests, or install it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from af_lab.errors import PlaygroundError
from af_lab.home import af_lab_home
from af_lab.playground.debian import INSTALLED, Apt, has_apt, unpack
from af_lab.playground.locks import locked
from steps import Steps

__all__ = ["find_browser"]

_LOCK_LIMIT = 1800.0

_WRAPPER = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH={libraries}
FONTCONFIG_FILE=$here/fonts.conf
export LD_LIBRARY_PATH FONTCONFIG_FILE
exec "$here/usr/lib/chromium/chromium" "$@"
"""

_FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{folder}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{folder}/font-cache</cachedir>
</fontconfig>
"""


def find_browser(steps: Steps) -> str | None:
    """Return the program, or None if it does not exist and cannot be installed without an administrator."""
    found = os.environ.get("AF_LAB_CHROMIUM") or shutil.which("chromium")
    if found is None and has_apt():
        if os.geteuid() == 0:
            steps.run("apt-get", "-q", "update")
            steps.run("apt-get", "-q", "install", "--yes", "--no-install-recommends", "chromium")
            found = shutil.which("chromium")
        else:
            found = _unpacked(steps)
    if found is None:
        print("    none: the browser tests are skipped. Ask the administrator for the package chromium.")
    else:
        print(f"    {found}")
    return found


def _unpacked(steps: Steps) -> str | None:
    """Return a Chromium unpacked into the user's own folder, without root."""
    home = af_lab_home()
    home.mkdir(parents=True, exist_ok=True)
    program = home / "chromium" / "chromium"
    with locked(home / ".chromium.lock", _LOCK_LIMIT, "fetching Chromium"):
        if program.exists():
            return str(program)
        print("    fetching Debian's package into the user's own folder", flush=True)
        try:
            with tempfile.TemporaryDirectory(dir=home) as work:
                folder = Path(work) / "chromium"
                apt = Apt(Path(work) / "apt", installed=INSTALLED)
                apt.update()
                unpack(apt.download("chromium", progress=steps.fraction_printer()), folder)
                _write_wrapper(folder, program.parent)
                shutil.rmtree(program.parent, ignore_errors=True)
                folder.rename(program.parent)
        except PlaygroundError as error:
            print(f"    {error}")
            return None
    return str(program)


def _write_wrapper(folder: Path, final: Path) -> None:
    libraries = [path for path in (folder / "usr/lib", folder / "lib") for path in path.glob("*-linux-gnu*")]
    libraries += [path.parent for path in folder.glob("usr/lib/*-linux-gnu*/*/*.so*")]
    relative = dict.fromkeys(f'"$here/{path.relative_to(folder)}"' for path in libraries)
    (folder / "fonts.conf").write_text(_FONTS.format(folder=final))
    wrapper = folder / "chromium"
    wrapper.write_text(_WRAPPER.format(libraries=":".join(relative)))
    wrapper.chmod(0o755)
