"""Ogg recordings without their comments. Sources: RFC 3533, RFC 7845, Vorbis I §5, Speex manual §7, RFC 9639 §10.1.

A comment packet is overwritten by an empty one of the same length, and the checksums of its pages are renewed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from infra.media.pieces import Pieces

_EMPTY = b"\0\0\0\0\0\0\0\0"
"""No vendor and no comments."""


def _table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        rest = byte << 24
        for _ in range(8):
            rest = (rest << 1 ^ 0x04C11DB7 if rest & 0x80000000 else rest << 1) & 0xFFFFFFFF
        found.append(rest)
    return tuple(found)


_CRC = _table()


@dataclass
class _Page:
    content: bytearray | memoryview
    serial: int
    first: bool
    packets: list[tuple[int, int, bool]]
    """From, to, and whether the packet ends here."""

    def writable(self) -> bytearray:
        """The page with a new checksum to come."""
        if not isinstance(self.content, bytearray):
            self.content = bytearray(self.content)
        return self.content


@dataclass
class _Stream:
    """One logical stream: how its comment packets are emptied, and which packet is next."""

    empty: Callable[[bytes], bytes] | None
    headers: int
    """Packets that may hold comments, after the first."""
    parts: list[tuple[_Page, int, int]] = field(default_factory=list)
    """Of the packet that has not ended."""

    def take(self, page: _Page) -> None:
        for start, end, ends in page.packets:
            if not self.headers or self.empty is None:
                return
            self.parts.append((page, start, end))
            if ends:
                self._renew(b"".join(bytes(each.content[at:to]) for each, at, to in self.parts))
                self.headers -= 1
                self.parts = []

    def _renew(self, packet: bytes) -> None:
        new, at = self.empty(packet) if self.empty else packet, 0
        if new == packet:
            return
        for page, start, end in self.parts:
            page.writable()[start:end] = new[at : at + end - start]
            at += end - start


def ogg(content: memoryview) -> Pieces:
    """Raises `ValueError` for a stream that is no sound."""
    streams: dict[int, _Stream | None] = {}
    pages = []
    for page in _pages(content):
        if page.first:
            streams[page.serial] = _stream(bytes(page.content[page.packets[0][0] : page.packets[0][1]]))
        stream = streams.get(page.serial)
        if stream is None:
            continue
        if not page.first:
            stream.take(page)
        pages.append(page)
    if not pages:
        raise ValueError("no page")
    return [_summed(page.content) if isinstance(page.content, bytearray) else page.content for page in pages]


def _stream(first: bytes) -> _Stream | None:
    """By its first packet; None where it holds data about others."""
    if first.startswith(b"OpusHead"):
        return _Stream(lambda packet: _padded(b"OpusTags" + _EMPTY, packet), 1)
    if first.startswith(b"\x01vorbis"):
        return _Stream(lambda packet: _padded(b"\x03vorbis" + _EMPTY + b"\1", packet), 1)
    if first.startswith(b"Speex   "):
        return _Stream(lambda packet: _padded(_EMPTY, packet), 1)
    if first.startswith(b"\x7fFLAC"):
        return _Stream(_flac_block, int.from_bytes(first[7:9], "big") or 1)
    if first.startswith(b"fishead\0"):
        return None
    raise ValueError("stream")


def _padded(new: bytes, packet: bytes) -> bytes:
    if len(packet) < len(new):
        raise ValueError("comment")
    return new + bytes(len(packet) - len(new))


def _flac_block(packet: bytes) -> bytes:
    """Comments are emptied; every other block but tables of seconds becomes padding."""
    last, type = packet[0] & 0x80, packet[0] & 0x7F
    if packet[0] == 0xFF or type == 3:
        return packet
    if type == 4:
        return _padded(packet[:4] + _EMPTY, packet)
    return _padded(bytes([last | 1]) + packet[1:4], packet)


def _pages(content: memoryview) -> Iterator[_Page]:
    """Every whole page; whatever lies between pages is left out."""
    at = 0
    whole = content.obj if isinstance(content.obj, bytes) else bytes(content)
    while (at := whole.find(b"OggS", at)) >= 0 and at + 27 <= len(content):
        table = at + 27
        body = table + content[at + 26]
        lacing = bytes(content[table:body])
        end = body + sum(lacing)
        if end > len(content) or content[at + 4]:
            at += 4
            continue
        packets, start = [], body - at
        here = start
        for size in lacing:
            here += size
            if size < 255:
                packets.append((start, here, True))
                start = here
        if here > start:
            packets.append((start, here, False))
        first = bool(content[at + 5] & 2) and bool(packets)
        yield _Page(content[at:end], struct.unpack_from("<I", content, at + 14)[0], first, packets)
        at = end


def _summed(page: bytearray) -> memoryview:
    """The page with its checksum."""
    page[22:26] = b"\0\0\0\0"
    rest = 0
    for byte in page:
        rest = (rest << 8 ^ _CRC[rest >> 24 ^ byte]) & 0xFFFFFFFF
    page[22:26] = struct.pack("<I", rest)
    return memoryview(page)
