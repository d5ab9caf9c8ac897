"""What the tests of batches share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def gated(gate: Path, record: Path | None = None) -> Callable[[int], int]:
    """Return a function that waits for a file, and leaves a line in another at its beginning."""
    awaited, noted = str(gate), record and str(record)

    def call(number: int) -> int:
        import os
        import time

        if noted:
            descriptor = os.open(noted, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.write(descriptor, f"{number}\n".encode())
            os.close(descriptor)
        while not os.path.exists(awaited):
            time.sleep(0.05)
        return number * number

    return call
