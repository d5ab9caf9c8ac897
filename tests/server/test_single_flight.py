"""Calls that share one run."""

from __future__ import annotations

import asyncio

from af_lab.errors import CondorUnavailable
from af_lab.server.single_flight import SingleFlight
from tests.support import until


async def test_calls_at_once_share_one_question_that_was_put_after_them() -> None:
    asked: list[asyncio.Future[int]] = []

    async def ask() -> int:
        asked.append(asyncio.get_running_loop().create_future())
        return await asked[-1]

    latest = SingleFlight(ask)
    first = asyncio.create_task(latest())
    await until(lambda: len(asked) == 1, "the question is put")
    others = [asyncio.create_task(latest()) for _ in range(10)]
    await asyncio.sleep(0.1)
    assert len(asked) == 1, "one at a time"
    asked[0].set_result(1)
    assert await first == 1
    await until(lambda: len(asked) == 2, "the next question")
    others[0].cancel()
    asked[1].set_result(2)
    assert await asyncio.gather(*others[1:]) == [2] * 9
    assert len(asked) == 2


async def test_a_question_that_fails_fails_for_all_and_the_next_is_put_anew() -> None:
    answers: list[BaseException | int] = [CondorUnavailable("away"), 3]

    async def ask() -> int:
        await asyncio.sleep(0.05)
        answer = answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    latest = SingleFlight(ask)
    results = await asyncio.gather(latest(), return_exceptions=True)
    assert isinstance(results[0], CondorUnavailable)
    assert await latest() == 3
    await latest.close()
