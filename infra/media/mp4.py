"""MP4 recordings without their tags. Source: ISO/IEC 14496-12.

An index of the file holds positions in it, so nothing is moved: what is left out becomes free space filled with zeros.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infra.media.pieces import Pieces, number

_SHOWN = {
    b"": frozenset({b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"styp", b"ssix", b"pdin", b"prft"}),
    b"moov": frozenset({b"mvhd", b"trak", b"mvex", b"iods"}),
    b"trak": frozenset({b"tkhd", b"edts", b"mdia", b"tref", b"load"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf", b"elng"}),
    b"moof": frozenset({b"mfhd", b"traf"}),
    b"traf": frozenset({b"tfhd", b"tfdt", b"trun", b"sdtp", b"sbgp", b"sgpd", b"subs", b"saiz", b"saio"}),
}
"""Boxes that are needed to play the sound, by the box they are in. The rest is metadata: `udta`, `meta`, `uuid`, …"""


@dataclass(frozen=True)
class Box:
    """Where a box lies in the file."""

    type: bytes
    start: int
    body: int
    end: int


def boxes(content: bytes | memoryview | bytearray, at: int, end: int) -> Iterator[Box]:
    """The boxes from one position to another. Raises `ValueError` where they do not fill it."""
    view = memoryview(content)
    while at < end:
        size, type, head = number(view, at, 4), bytes(view[at + 4 : at + 8]), 8
        if size == 1:
            size, head = number(view, at + 8, 8), 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise ValueError("box")
        yield Box(type, at, at + head, at + size)
        at += size


def tracks(content: bytes | memoryview) -> list[bytes]:
    """The handler of each track, such as `soun` or `vide`. Raises `ValueError`."""
    found = []
    for movie in boxes(content, 0, len(content)):
        if movie.type != b"moov":
            continue
        for track in boxes(content, movie.body, movie.end):
            for media in boxes(content, track.body, track.end) if track.type == b"trak" else ():
                for each in boxes(content, media.body, media.end) if media.type == b"mdia" else ():
                    found += [bytes(content[each.body + 8 : each.body + 12])] if each.type == b"hdlr" else []
    return found


def mp4(content: memoryview) -> Pieces:
    """The recording, of the same length."""
    cleaned = bytearray(content)
    _clean(cleaned, b"", 0, len(cleaned))
    return [memoryview(cleaned)]


def _clean(content: bytearray, inside: bytes, start: int, end: int) -> None:
    for box in list(boxes(content, start, end)):
        if box.type not in _SHOWN[inside]:
            content[box.start + 4 : box.start + 8] = b"free"
            content[box.body : box.end] = bytes(box.end - box.body)
        elif box.type in _SHOWN:
            _clean(content, box.type, box.body, box.end)
        elif box.type == b"hdlr":
            _clear_name(content, box)


def _clear_name(content: bytearray, box: Box) -> None:
    """A handler's name is free text: after version, flags, type and three reserved words."""
    name = box.body + 24
    if name < box.end:
        content[name : box.end] = bytes(box.end - name)
