"""Parts of a file that are written one after the other, and numbers read from one."""

from __future__ import annotations

from typing import Literal, TypeAlias

Pieces: TypeAlias = list[bytes | memoryview]


def number(content: memoryview, at: int, size: int, order: Literal["big", "little"] = "big") -> int:
    """An unsigned integer. Raises `ValueError` beyond the end."""
    if at + size > len(content):
        raise ValueError("end")
    return int.from_bytes(content[at : at + size], order)
