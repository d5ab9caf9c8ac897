"""Expressions of HTCondor's language, ClassAds."""

from __future__ import annotations

__all__ = ["check_expression"]


def check_expression(expression: str) -> None:
    """Check the syntax of one whole expression, unless HTCondor's bindings are missing here.

    Raises
    ------
    ValueError
        It cannot be read.
    """
    try:
        # No call to HTCondor, so no helper is needed.
        import classad2
    except ImportError:
        return
    try:
        classad2.ExprTree(expression)
    except classad2.ClassAdException:
        raise ValueError(f"{expression!r} is not an expression that HTCondor can read") from None
