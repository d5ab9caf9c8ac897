"""How long work tells how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "Silent"]


class Progress(Protocol):
    """Somebody who shows a person how far a piece of work is."""

    def step(self, number: int, total: int, title: str) -> None:
        """Begin step `number` of `total`, counted from 1."""

    def fraction(self, done: float) -> None:
        """Tell how much of the present step is done, from 0 to 1."""


class Silent:
    """Shows nothing."""

    def step(self, number: int, total: int, title: str) -> None:
        """Show nothing."""

    def fraction(self, done: float) -> None:
        """Show nothing."""
