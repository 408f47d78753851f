"""Recordings without their tags: title, place, device and pictures are left out, the sound itself is untouched.

MP3, AAC and AMR keep their frames alone; WAV its format and samples; MP4 and Ogg keep every byte in its position, so
that their indexes stay right, with metadata overwritten by zeros. Each function raises `ValueError`, `IndexError` or
`struct.error` for a broken file.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

from infra.media.frames import aac_frame, mp3_frame, sound_start
from infra.media.pieces import Pieces, number

_SYNC = re.compile(rb"\xff[\xe0-\xff]")
_AMR_BYTES = {
    "audio/amr": (12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, -1, -1, -1, 0),
    "audio/amr-wb": (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, -1, -1, -1, -1, 0, 0),
}
"""Of a frame of each type after its first byte. Sources: RFC 4867 §5.3, 3GPP TS 26.101 and 26.201."""


def mp3(content: memoryview) -> Pieces:
    """Source: ISO/IEC 11172-3. ID3, APE and Lyrics3 tags are no frames, wherever they are."""
    return _frames(content, mp3_frame, 4)


def aac(content: memoryview) -> Pieces:
    """Source: ISO/IEC 13818-7, 6.2."""
    return _frames(content, aac_frame, 7)


def _frames(content: memoryview, length_of: Callable[[memoryview], int], head: int) -> Pieces:
    """Every whole frame that another one, or the end, follows."""
    kept: Pieces = []
    at = start = sound_start(content)
    while at < len(content):
        length = length_of(content[at : at + head])
        if length and at + length <= len(content):
            at += length
            continue
        if at > start:
            kept.append(content[start:at])
        at = start = _next_frame(content, at + 1, length_of, head)
    if at > start:
        kept.append(content[start:at])
    return kept


def _next_frame(content: memoryview, at: int, length_of: Callable[[memoryview], int], head: int) -> int:
    """Where two frames follow each other again; the end where they never do."""
    for found in _SYNC.finditer(content, at):
        length = length_of(content[found.start() : found.start() + head])
        after = found.start() + length
        if length and (after == len(content) or length_of(content[after : after + head])):
            return found.start()
    return len(content)


def amr(content: memoryview) -> Pieces:
    """Source: RFC 4867 §5. Ends where a frame is none."""
    return _amr(content, len(b"#!AMR\n"), "audio/amr")


def amr_wb(content: memoryview) -> Pieces:
    """The same for the wide band."""
    return _amr(content, len(b"#!AMR-WB\n"), "audio/amr-wb")


def _amr(content: memoryview, at: int, kind: str) -> Pieces:
    sizes, first = _AMR_BYTES[kind], at
    while at < len(content) and not content[at] & 0x83:
        size = sizes[content[at] >> 3 & 15]
        if size < 0 or at + 1 + size > len(content):
            break
        at += 1 + size
    if at == first:
        raise ValueError("no frame")
    return [content[:at]]


def wav(content: memoryview) -> Pieces:
    """Source: RIFF, Microsoft 1991. A recorder that was interrupted leaves the sizes of a file unknown."""
    kept: dict[bytes, memoryview] = {}
    for type, body in _chunks(content):
        if type in {b"fmt ", b"fact", b"data"} and type not in kept:
            kept[type] = body
    if not {b"fmt ", b"data"} <= set(kept) or len(kept[b"fmt "]) < 14:
        raise ValueError("no sound")
    pieces: Pieces = []
    for type in (b"fmt ", b"fact", b"data"):
        if type in kept:
            body = kept[type]
            pieces += [type + struct.pack("<I", len(body)), body, b"\0" * (len(body) % 2)]
    return [b"RIFF" + struct.pack("<I", 4 + sum(map(len, pieces))) + b"WAVE", *pieces]


def _chunks(content: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    at = 12
    while at + 8 <= len(content):
        type, size = bytes(content[at : at + 4]), number(content, at + 4, 4, "little")
        at += 8
        unknown = size in {0, 0xFFFFFFFF} and not re.fullmatch(rb"[\x20-\x7e]{4}", content[at : at + 4])
        if type == b"data" and (unknown or size >= 0xFFFFFF00):
            size = len(content) - at
        if at + size > len(content):
            raise ValueError("chunk")
        yield type, content[at : at + size]
        at += size + size % 2
