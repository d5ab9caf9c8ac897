"""The owner of a pool stays the same, whatever /etc/passwd says later."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import signal
import subprocess
from pathlib import Path

import pytest

from af_lab.condor.queue import account
from af_lab.errors import CondorError
from af_lab.playground.identity import NAME
from af_lab.pool_owner import owner_settings, recorded_owner
from tests.playground.support import AS_ROOT, CommandLine, as_root

# A machine of its own, as far as /etc goes. What stands in {folder}/inside runs in the pool all the time, so that no
# further command of root mends its namespace.
_MACHINE = """
cp -a /etc {folder}/etc 2>/dev/null
mount --bind {folder}/etc /etc || exit 9
{af_lab} pool start --cpus 2 --memory "4 GB" || exit 8
{af_lab} pool run sh {folder}/inside &
for passwd in another-name no-name; do
    until [ -e {folder}/$passwd.asked ]; do sleep 0.1; done
    cp {folder}/$passwd /etc/passwd+ && mv /etc/passwd+ /etc/passwd  # as useradd does
    touch {folder}/$passwd.replaced
done
wait $!
echo mended $({af_lab} pool run id -un)
{af_lab} pool stop
"""

_INSIDE = """
replace_passwd() {{ touch {folder}/$1.asked; until [ -e {folder}/$1.replaced ]; do sleep 0.1; done; }}
{af_lab} cluster create first --workers 0
replace_passwd another-name
echo now $(id -un)
{af_lab} cluster list --json > {folder}/list-1.json
replace_passwd no-name
condor_restart -daemon schedd -fast
until condor_q >/dev/null 2>&1; do sleep 0.2; done
{af_lab} cluster create second --workers 1 --wait-workers 1
{af_lab} cluster list --json > {folder}/list-2.json
echo owners $(condor_q -af Owner | sort -u)
{af_lab} cluster stop --all --yes
echo left $(condor_q -af Owner)
"""


def test_the_record_is_found_in_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "condor_config"
    assert recorded_owner(config) is None
    config.write_text("LOCAL_DIR = /somewhere\n# USERID_MAP = nobody=1,1\n")
    assert recorded_owner(config) is None
    monkeypatch.setenv("CONDOR_CONFIG", str(config))
    assert account() == pwd.getpwuid(os.geteuid()).pw_name
    config.write_text(f"LOCAL_DIR = /somewhere\n{owner_settings('äl.ice-2', 1000, 100)}\nX = 1\n")
    assert recorded_owner(config) == account() == "äl.ice-2"


def test_a_user_without_a_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_entry(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.delenv("CONDOR_CONFIG", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", no_entry)
    with pytest.raises(CondorError, match=r"has no name on this machine now .* They continue"):
        account()


@as_root
@pytest.mark.pool
def test_clusters_keep_their_owner_when_the_machines_passwd_is_replaced(af_lab: CommandLine, tmp_path: Path) -> None:
    names = {"folder": tmp_path, "af_lab": " ".join(af_lab.words())}
    root = "root:x:0:0:root:/root:/bin/sh\n"
    (tmp_path / "another-name").write_text(f"{root}somebody-else:x:1000:1000::/:/bin/sh\n")
    (tmp_path / "no-name").write_text(root)
    (tmp_path / "machine").write_text(_MACHINE.format(**names))
    (tmp_path / "inside").write_text(_INSIDE.format(**names))
    machine = subprocess.Popen(
        [*AS_ROOT, "--mount", "sh", tmp_path / "machine"],
        env=af_lab.environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        printed = machine.communicate(timeout=240)[0]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(machine.pid, signal.SIGKILL)
        machine.wait()
    assert machine.returncode == 0, printed
    words = [line.split() for line in printed.splitlines()]
    said = {line[0]: line[1:] for line in words if line}
    assert said["now"] == ["somebody-else"], "the machine's own file is back"
    lists = [json.loads((tmp_path / f"list-{number}.json").read_text()) for number in (1, 2)]
    assert [[cluster["name"] for cluster in clusters] for clusters in lists] == [["first"], ["first", "second"]]
    assert {cluster["state"] for clusters in lists for cluster in clusters} == {"running"}
    assert (said["owners"], said["left"]) == ([NAME], [])
    assert said["mended"] == [NAME], "the next command of root mounts our file again"
