"""The last words of jobs that failed, from what their logs end with."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from af_lab.runner.last_words import END, LONGEST, last_words, read_last_words

NANNY = """\
2026-11-26 21:02:02,005 - distributed.nanny - INFO -         Start Nanny at: 'tls://192.0.2.2:44343'
"""
CHAIN = f"""\
{NANNY}Traceback (most recent call last):
  File "/opt/distributed/core.py", line 509, in start
    await wait_for(self.start_unsafe(), timeout=timeout)
  File "/opt/facility.py", line 1, in <module>
    raise RuntimeError('no such conditions database')
RuntimeError: no such conditions database

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "<frozen runpy>", line 198, in _run_module_as_main
  File "/opt/distributed/core.py", line 517, in start
    raise RuntimeError(f"{{type(self).__name__}} failed to start.") from exc
RuntimeError: Nanny failed to start.
"""
OPTION = """\
Usage: python -m af_lab.worker [OPTIONS] [SCHEDULER] [PRELOAD_ARGV]...
Try 'python -m af_lab.worker --help' for help.

Error: No such option '--no-such-option'.
"""
SCHEDULER = """\
2026-11-26 21:05:01,129 distributed.scheduler INFO State start
2026-11-26 21:05:01,200 distributed.scheduler INFO   Scheduler at: tls://192.0.2.2:8786
"""
FORK_SERVER = """\
Traceback (most recent call last):
  File "/opt/multiprocessing/forkserver.py", line 225, in main
    raise SystemExit
SystemExit
"""


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("", ""),
        ("\n \n", ""),
        (NANNY, ""),
        (SCHEDULER, ""),
        (SCHEDULER + "2026-11-26 21:05:02,000 af_lab.runner ERROR no port is left\n", "no port is left"),
        (CHAIN, "RuntimeError: no such conditions database"),
        (OPTION, "Error: No such option '--no-such-option'."),
        (OPTION + FORK_SERVER, "Error: No such option '--no-such-option'."),
        ("/bin/sh: 1: cd: can't cd to /no/such/folder\n" + NANNY, "/bin/sh: 1: cd: can't cd to /no/such/folder"),
        ("/bin/sh: 3: module: not found\nbye\n", "/bin/sh: 3: module: not found"),
        (
            "This job started before its Dask scheduler had an address\n",
            "This job started before its Dask scheduler had an address",
        ),
        (NANNY + "2026-11-26 21:02:02,9 - distributed.worker - ERROR - disk full: spill\n", "disk full: spill"),
        (
            "Traceback (most recent call last):\n  File 'x'\nOSError: AF_UNIX path too long",
            "OSError: AF_UNIX path too long",
        ),
        ("Traceback (most recent call last):\n  File 'x', line 1", ""),
        ("\x1b[31mfatal\x1b[0m: \x07 no\tway \x00\n", "fatal: no way"),
        (f"error: {'long ' * 100}\n", f"error: {'long ' * 38}..."),
        ("Erreur: base de données illisible\n", "Erreur: base de données illisible"),
    ],
)
def test_the_last_words_say_why(log: str, words: str) -> None:
    assert last_words(log) == words


PIECES = st.text() | st.sampled_from(
    ["\n", "\x1b[1m", " ", "\nTraceback (most recent call last):\n", NANNY, "error " * 99]
)


@given(st.lists(PIECES))
def test_whatever_is_logged_the_words_are_one_short_printable_line(pieces: list[str]) -> None:
    words = last_words("".join(pieces))
    assert len(words) <= LONGEST
    assert words.isprintable()
    assert words == words.strip()


@given(st.text(), st.sampled_from([OPTION, CHAIN]))
def test_what_was_logged_before_does_not_matter(before: str, end: str) -> None:
    assert last_words(f"{before}\n{end}") == last_words(end)


def test_only_the_end_of_a_log_is_read(tmp_path: Path) -> None:
    logs = [tmp_path / "long", tmp_path / "absent", tmp_path / "short"]
    logs[0].write_bytes(b"error: at the beginning\n" + b"\xff\n" * END)
    logs[2].write_text(OPTION)
    assert read_last_words(logs) == ["\ufffd", "", "Error: No such option '--no-such-option'."]
