"""Long lists in pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from af_lab.server.base import Handler

__all__ = ["AskedPage", "asked_page", "page_of"]

T = TypeVar("T")

MOST_LISTED = 1000


class AskedPage(NamedTuple):
    """How many records a request asks for at most, and after which cursor."""

    limit: int
    after: str


def asked_page(handler: Handler) -> AskedPage:
    """Return which page a request asks for; raise `SpecError` if it is not valid."""
    limit = handler.number("limit", MOST_LISTED, 1, MOST_LISTED)
    return AskedPage(limit, handler.get_query_argument("cursor", ""))


def page_of(records: Sequence[T], cursor: Callable[[T], str], asked: AskedPage) -> tuple[Sequence[T], str | None]:
    """Return a page of records, which are sorted by their cursors, and the cursor for the next; None on the last."""
    left = [record for record in records if cursor(record) > asked.after]
    page = left[: asked.limit]
    return page, cursor(page[-1]) if len(left) > asked.limit else None
