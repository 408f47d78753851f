"""What the press and its process say to each other: frames of bytes, each with its length before it."""

from __future__ import annotations

from typing import IO

LENGTH_BYTES = 4
LONGEST = 64 * 1024 * 1024
"""A longer frame is a stream that has lost its place."""


def framed(content: bytes) -> bytes:
    """The frame. Raises `ValueError` when there is too much for one."""
    if len(content) > LONGEST:
        raise ValueError(f"a frame holds {LONGEST} bytes at most")
    return len(content).to_bytes(LENGTH_BYTES, "big") + content


def length_of(head: bytes) -> int:
    """How much follows. Raises `ValueError`."""
    length = int.from_bytes(head, "big")
    if length > LONGEST:
        raise ValueError(f"a frame holds {LONGEST} bytes at most")
    return length


def read(stream: IO[bytes]) -> bytes | None:
    """The next frame; None where the stream ends, also in the middle of one."""
    head = stream.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    length = length_of(head)
    content = stream.read(length)
    return content if len(content) == length else None
