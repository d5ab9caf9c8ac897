"""The topics that all panels see; each is serialized once for any number of readers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

__all__ = ["Board", "Topic"]

Kind = Literal["cluster", "explanation", "run", "pool", "health"]


class Topic(NamedTuple):
    """A subject of the messages to panels.

    Attributes
    ----------
    id
        Id of the cluster, or name of the run; None for kinds with only one topic.
    """

    kind: Kind
    id: str | None = None


class Board:
    """The latest data of every topic. A reader that reconnects needs only this, and no history."""

    def __init__(self) -> None:
        self._texts: dict[Topic, str] = {}
        self._everything: str | None = None
        self._listeners: set[Callable[[Topic], None]] = set()

    def put(self, topic: Topic, data: Any) -> None:
        """Set the data of a topic; call the listeners if the data has changed."""
        text = json.dumps(data)
        if self._texts.get(topic) != text:
            self._texts[topic] = text
            self._tell(topic)

    def remove_cluster(self, id_: str) -> None:
        """Remove a cluster that has been removed from the queue, with all its topics."""
        self._texts.pop(Topic("explanation", id_), None)
        if self._texts.pop(Topic("cluster", id_), None) is not None:
            self._tell(Topic("cluster", id_))

    def remove_run(self, name: str) -> None:
        """Remove a run that no longer exists."""
        if self._texts.pop(Topic("run", name), None) is not None:
            self._tell(Topic("run", name))

    def runs(self) -> list[str]:
        """Return the names of the runs."""
        return [topic.id for topic in self._texts if topic.kind == "run" and topic.id is not None]

    def text(self, topic: Topic) -> str | None:
        """Return the data of a topic as JSON; None if the topic has been removed."""
        return self._texts.get(topic)

    def everything(self) -> str:
        """Return the data of all topics as JSON."""
        if self._everything is None:
            clusters, runs = (
                ", ".join(text for topic, text in self._texts.items() if topic.kind == kind)
                for kind in ("cluster", "run")
            )
            explanations = ", ".join(
                f'"{topic.id}": {text}' for topic, text in self._texts.items() if topic.kind == "explanation"
            )
            pool, health = (self._texts.get(Topic(kind), "null") for kind in ("pool", "health"))
            self._everything = (
                f'{{"clusters": [{clusters}], "explanations": {{{explanations}}}, "runs": [{runs}], '
                f'"pool": {pool}, "health": {health}}}'
            )
        return self._everything

    def listen(self, listener: Callable[[Topic], None]) -> Callable[[], None]:
        """Call a function with each topic that changes; return a function that ends that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def _tell(self, topic: Topic) -> None:
        self._everything = None
        for listener in tuple(self._listeners):
            listener(topic)
