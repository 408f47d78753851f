"""Equal reads at the same time are one, and nobody gets an answer that is older than the question."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from apps.web.shared_reads import SharedReads


class Source:
    """Counts its reads; each waits until it is let go."""

    def __init__(self) -> None:
        self.reads = 0
        self.go = asyncio.Semaphore(0)

    async def read(self) -> int:
        self.reads += 1
        number = self.reads
        await self.go.acquire()
        return number


async def turns(number: int = 5) -> None:
    """Let other tasks run."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_callers_during_a_read_share_the_next_one() -> None:
    shared, source = SharedReads(), Source()
    first = asyncio.create_task(shared.get("inbox", source.read))
    await turns()
    later = [asyncio.create_task(shared.get("inbox", source.read)) for _ in range(50)]
    await turns()
    assert source.reads == 1
    source.go.release()
    source.go.release()
    assert await first == 1
    assert set(await asyncio.gather(*later)) == {2}
    assert source.reads == 2


async def test_other_keys_are_read_apart_and_nothing_is_stored() -> None:
    shared, source = SharedReads(), Source()
    for _ in range(3):
        source.go.release()
    assert sorted(await asyncio.gather(shared.get("a", source.read), shared.get("b", source.read))) == [1, 2]
    assert await shared.get("a", source.read) == 3


async def test_callers_continue_one_in_each_turn_of_the_loop() -> None:
    shared, order = SharedReads(), []

    async def call(name: int) -> None:
        await shared.get("inbox", turns)
        order.append(name)

    async def watch() -> None:
        while len(order) < 20:
            seen.append(len(order))
            await asyncio.sleep(0)

    seen: list[int] = []
    await asyncio.gather(watch(), *(call(n) for n in range(20)))
    assert order == list(range(20))
    assert max(later - earlier for earlier, later in itertools.pairwise(seen)) == 1


async def test_a_failure_reaches_every_caller_and_the_next_read_is_a_new_one() -> None:
    shared = SharedReads()

    async def fail() -> int:
        raise ValueError("away")

    results = await asyncio.gather(*(shared.get("inbox", fail) for _ in range(3)), return_exceptions=True)
    assert [str(each) for each in results] == ["away"] * 3

    async def succeed() -> int:
        return 7

    assert await shared.get("inbox", succeed) == 7


async def test_a_caller_that_goes_away_leaves_the_others() -> None:
    shared, source = SharedReads(), Source()
    gone, stays = (asyncio.create_task(shared.get("inbox", source.read)) for _ in range(2))
    await turns()
    gone.cancel()
    source.go.release()
    assert await stays == 1
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_closing_cancels_callers() -> None:
    shared, source = SharedReads(), Source()
    reading = asyncio.create_task(shared.get("inbox", source.read))
    await turns()
    waiting = asyncio.create_task(shared.get("inbox", source.read))
    await turns()
    await shared.close()
    results = await asyncio.gather(reading, waiting, return_exceptions=True)
    assert [type(each) for each in results] == [asyncio.CancelledError] * 2
