"""The command line starts quickly: what a command does not need is not imported."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys
sys.argv[0] = "af-lab"
from af_lab.cli.main import main
try:
    main()
except SystemExit as ended:
    print(ended.code, sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "pool --help",
        "cluster --help",
        "cluster create --help",
        pytest.param("pool status", marks=pytest.mark.pool),
    ],
)
def test_neither_dask_nor_pydantic_is_imported_for(words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words.split()],
        capture_output=True,
        text=True,
        timeout=60,
        env=dict(os.environ),
    )
    assert "'click'" in done.stderr
    for package in ("dask", "distributed", "pydantic", "tornado"):
        assert f"'{package}'" not in done.stderr
