"""Python functions in a process of their own: ROOT takes 500 MB, catches signals, and warns that it is young."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle

CALL = """
import pickle, sys, warnings
warnings.simplefilter("ignore")
with open(sys.argv[1], "rb") as file:
    function, arguments = pickle.load(file)
result = function(*arguments)
with open(sys.argv[1], "wb") as file:
    pickle.dump(result, file)
"""


def isolated(function: Callable[..., Any], *arguments: Any, seconds: float = 240) -> Any:
    """Return what a function returns; both arguments and result are pickled."""
    with tempfile.TemporaryDirectory() as folder:
        exchange = Path(folder) / "exchange.pickle"
        exchange.write_bytes(cloudpickle.dumps((function, arguments)))
        done = subprocess.run(
            [sys.executable, "-c", CALL, str(exchange)], capture_output=True, text=True, timeout=seconds
        )
        assert done.returncode == 0, done.stderr
        return cloudpickle.loads(exchange.read_bytes())
