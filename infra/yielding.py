"""Long work on an event loop, in slices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

T = TypeVar("T")


async def in_slices(items: Sequence[T], size: int = 20) -> AsyncIterator[T]:
    """The items in order. After each `size` of them other tasks of the loop run."""
    for n, item in enumerate(items):
        if n and n % size == 0:
            await asyncio.sleep(0)
        yield item
