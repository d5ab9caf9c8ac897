"""What readers of events are sent, without a server and without a pool."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from af_lab.server import outbox
from af_lab.server.outbox import Outbox
from af_lab.server.topics import Board, Topic
from tests.support import until

POOL = Topic("pool")


class Reader:
    """A reader that can stop reading."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.waiting = 0

    async def take(self, message: str) -> None:
        self.waiting += 1
        await self.reads.wait()
        self.waiting -= 1
        self.times.append(asyncio.get_running_loop().time())
        self.received.append(json.loads(message))

    def newest(self, id_: str) -> Any:
        told = [message["data"] for message in self.received if message["id"] == id_]
        return told[-1] if told else None


async def reading(board: Board) -> tuple[Reader, asyncio.Task[Any]]:
    reader = Reader()
    task = asyncio.create_task(Outbox(board, reader.take).keep_sending())
    await until(lambda: reader.received, "the snapshot")
    return reader, task


async def test_a_snapshot_comes_first_and_then_changes() -> None:
    board = Board()
    board.put(Topic("cluster", "7"), {"name": "a"})
    board.put(Topic("explanation", "7"), {"cause": "busy"})
    board.put(Topic("run", "7"), {"name": "7"})
    reader, task = await reading(board)
    data = {
        "clusters": [{"name": "a"}],
        "explanations": {"7": {"cause": "busy"}},
        "runs": [{"name": "7"}],
        "pool": None,
        "health": None,
    }
    assert reader.received == [{"v": 1, "seq": 1, "type": "snapshot", "id": None, "data": data}]
    board.put(Topic("cluster", "7"), {"name": "a"})
    board.put(POOL, {"cores": 1})
    await until(lambda: len(reader.received) == 2, "the change")
    assert reader.received[-1] == {"v": 1, "seq": 2, "type": "pool", "id": None, "data": {"cores": 1}}
    board.remove_cluster("8")
    board.remove_cluster("7")
    await until(lambda: len(reader.received) == 3, "the end")
    assert reader.received[-1] == {"v": 1, "seq": 3, "type": "gone", "id": "7", "data": None}
    board.remove_run("8")
    board.remove_run("7")
    await until(lambda: len(reader.received) == 4, "the end of the run, whose name is the id of the cluster")
    assert reader.received[-1] == {"v": 1, "seq": 4, "type": "run-gone", "id": "7", "data": None}
    task.cancel()


async def test_changes_come_at_most_five_times_a_second() -> None:
    board = Board()
    reader, task = await reading(board)
    begun, number = asyncio.get_running_loop().time(), 0
    while len(reader.received) < 8:
        number += 1
        board.put(POOL, number)
        await asyncio.sleep(0.001)
    task.cancel()
    # From the beginning, because a busy machine may shorten a single pause, but never the sum.
    for rests, moment in enumerate(reader.times[1:]):
        assert moment - begun > 0.98 * rests / 5


async def test_the_first_change_after_a_rest_comes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board()
    reader, task = await reading(board)
    board.put(POOL, 1)
    await until(lambda: len(reader.received) == 2, "the first change")
    await asyncio.sleep(2 * outbox.REST)
    # What waits now would wait for ever.
    monkeypatch.setattr(outbox, "REST", 3600.0)
    board.put(POOL, 2)
    await until(lambda: len(reader.received) == 3, "the change after the rest")
    task.cancel()


async def test_a_reader_that_does_not_read_costs_nothing_and_gets_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "PATIENCE", 0.5)
    board = Board()
    reader, task = await reading(board)
    reader.reads.clear()
    for number in range(10_000):
        board.put(Topic("cluster", str(number % 3)), number)
        if number % 1000 == 0:
            await asyncio.sleep(0.1)
    assert reader.waiting == 1, "one message is on its way"
    sender = next(listener.__self__ for listener in board._listeners)  # type: ignore[attr-defined]
    assert len(sender._changed) <= 3, "and each topic waits once, however often it changed"
    reader.reads.set()
    await until(lambda: reader.received[-1]["type"] == "snapshot" and len(reader.received) > 1, "a snapshot comes")
    assert reader.received[-1]["data"]["clusters"] == [9999, 9997, 9998]
    assert len(reader.received) <= 4
    board.put(POOL, 1)
    await until(lambda: reader.received[-1]["type"] == "pool", "then changes again")
    assert [message["seq"] for message in reader.received] == list(range(1, len(reader.received) + 1))
    task.cancel()


async def test_who_leaves_is_told_nothing_more() -> None:
    board = Board()
    _, task = await reading(board)
    task.cancel()
    await asyncio.wait([task])
    assert not board._listeners
