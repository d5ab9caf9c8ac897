"""The interface through which a long operation reports its progress."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "Silent"]


class Progress(Protocol):
    """Shows a user the progress of an operation."""

    def step(self, number: int, total: int, title: str) -> None:
        """Begin step `number` of `total`, counted from 1."""

    def fraction(self, done: float) -> None:
        """Report the fraction of the current step that is done, from 0 to 1."""


class Silent:
    """Shows nothing."""

    def step(self, number: int, total: int, title: str) -> None:
        """Show nothing."""

    def fraction(self, done: float) -> None:
        """Show nothing."""
