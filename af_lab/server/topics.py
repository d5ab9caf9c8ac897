"""What all panels see; each piece is written out once, however many read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

__all__ = ["Board", "Topic"]

Kind = Literal["cluster", "explanation", "pool", "health"]


class Topic(NamedTuple):
    """What there is something to tell of.

    Attributes
    ----------
    id
        That of the cluster; None where there is only one of the kind.
    """

    kind: Kind
    id: str | None = None


class Board:
    """The newest of every topic. A reader that was away needs no history: this is all there is to know."""

    def __init__(self) -> None:
        self._texts: dict[Topic, str] = {}
        self._everything: str | None = None
        self._listeners: set[Callable[[Topic], None]] = set()

    def put(self, topic: Topic, data: Any) -> None:
        """Write what is known of a topic now, if it is anything else than before."""
        text = json.dumps(data)
        if self._texts.get(topic) != text:
            self._texts[topic] = text
            self._tell(topic)

    def remove_cluster(self, id_: str) -> None:
        """Take off a cluster that is gone, with all that was known of it."""
        self._texts.pop(Topic("explanation", id_), None)
        if self._texts.pop(Topic("cluster", id_), None) is not None:
            self._tell(Topic("cluster", id_))

    def text(self, topic: Topic) -> str | None:
        """Return what is known of a topic, as JSON; None if nothing is any more."""
        return self._texts.get(topic)

    def everything(self) -> str:
        """Return all that is known, as JSON."""
        if self._everything is None:
            clusters = ", ".join(text for topic, text in self._texts.items() if topic.kind == "cluster")
            explanations = ", ".join(
                f'"{topic.id}": {text}' for topic, text in self._texts.items() if topic.kind == "explanation"
            )
            pool, health = (self._texts.get(Topic(kind), "null") for kind in ("pool", "health"))
            self._everything = (
                f'{{"clusters": [{clusters}], "explanations": {{{explanations}}}, "pool": {pool}, "health": {health}}}'
            )
        return self._everything

    def listen(self, listener: Callable[[Topic], None]) -> Callable[[], None]:
        """Have a function called with each topic that changes; returns what ends that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def _tell(self, topic: Topic) -> None:
        self._everything = None
        for listener in tuple(self._listeners):
            listener(topic)
