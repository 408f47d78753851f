"""What a request hands to the loop is decided before it is answered, or it is told to come again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from infra.decision import Internal
from infra.http.handing import HttpHanding
from infra.http.problems import HttpProblem
from infra.processor import Stopped


@dataclass
class Loop:
    """A loop that takes its time, or is gone."""

    seconds: float = 0.0
    gone: bool = False
    decided: list[tuple[str, Internal]] = field(default_factory=list)

    async def record(self, outcomes: Sequence[tuple[str, Internal]]) -> None:
        if self.gone:
            raise Stopped("batch")
        await asyncio.sleep(self.seconds)
        self.decided += outcomes


async def test_it_is_decided_when_the_request_is_answered() -> None:
    loop, subject = Loop(), Internal()
    await HttpHanding(loop.record, lambda: None).hand("k", subject)
    assert loop.decided == [("k", subject)]


@pytest.mark.parametrize(("loop", "fault"), [(Loop(gone=True), None), (Loop(), "stopping")])
async def test_a_loop_that_does_not_take_it_is_unavailable(loop: Loop, fault: str | None) -> None:
    with pytest.raises(HttpProblem) as refused:
        await HttpHanding(loop.record, lambda: fault).hand("k", Internal())
    assert (refused.value.code, "Retry-After" in refused.value.headers) == ("unavailable", True)
    assert loop.decided == []


async def test_a_slow_loop_decides_all_the_same() -> None:
    loop = Loop(seconds=0.05)
    with pytest.raises(HttpProblem, match="unavailable"):
        await HttpHanding(loop.record, lambda: None, seconds=0.01).hand("k", Internal())
    await asyncio.sleep(0.1)
    assert len(loop.decided) == 1
