"""Lossless removal of image metadata: segments are dropped, and pixels are neither decoded nor recompressed.

Only segments needed to display the picture are copied. Position (EXIF GPS, XMP, IPTC), camera, comments, thumbnails,
unknown segments and any data after the end of the image are dropped. From the EXIF data only the orientation is written
back. Each function raises `ValueError`, `IndexError` or `struct.error` for a corrupt file.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Mapping

Pieces = list[bytes | memoryview]

_ORIENTATION = 0x0112
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""The marker that ends the compressed data of a JPEG scan."""
_WINDOW = 512 * 1024
"""Bytes searched in one call; between calls other threads can run."""
_PNG_SHOWN = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)
_WEBP_SHOWN = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def jpeg(content: memoryview) -> Pieces:
    """Clean a JPEG. JFIF, Adobe APP14 and ICC segments stay: colours depend on them. Source: ITU T.81 annex B."""
    copied: Pieces = []
    exif, at = b"", 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker")
        while content[at + 1] == 0xFF:
            at += 1
        marker = content[at + 1]
        if marker == 0xD9:
            break
        end = at + 2 + _number(content, at + 2, 2)
        if end > len(content) or end < at + 4 or marker in {0x00, 0x01, *range(0xD0, 0xD9)}:
            raise ValueError("segment")
        payload = bytes(content[at + 4 : min(end, at + 18)])
        if marker == 0xE1 and payload.startswith(b"Exif\0\0") and not exif:
            exif = bytes(content[at + 10 : end])
        if _is_shown(marker, payload):
            copied.append(content[at:end])
        at = end
        if marker == 0xDA:
            at = _scan_end(content, end)
            copied.append(content[end:at])
    orientation = _orientation(exif)
    own = b"Exif\0\0" + _tiff(orientation)
    first: Pieces = [b"\xff\xe1" + struct.pack(">H", len(own) + 2) + own] if orientation else []
    return [b"\xff\xd8", *first, *copied, b"\xff\xd9"]


def _is_shown(marker: int, payload: bytes) -> bool:
    needed = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
    if 0xE0 <= marker <= 0xEF:
        return marker in needed and payload.startswith(needed[marker])
    return marker != 0xFE


def _scan_end(content: memoryview, at: int) -> int:
    while at < len(content):
        if found := _MARKER.search(content, at, at + _WINDOW):
            return found.start()
        at += _WINDOW - 1
    raise ValueError("no end")


def png(content: memoryview) -> Pieces:
    """Clean a PNG; Pillow verifies the checksums later. Source: PNG 3, 5.3."""
    pieces: Pieces = [content[:8]]
    exif, at, type = b"", 8, b""
    while type != b"IEND":
        length, type = _number(content, at, 4), bytes(content[at + 4 : at + 8])
        end = at + 12 + length
        if end > len(content):
            raise ValueError("chunk")
        if type == b"eXIf":
            exif = bytes(content[at + 8 : end - 4])
        if type in _PNG_SHOWN:
            pieces.append(content[at:end])
        at = end
    if orientation := _orientation(exif):
        own = b"eXIf" + _tiff(orientation)
        pieces.insert(2, struct.pack(">I", len(own) - 4) + own + struct.pack(">I", zlib.crc32(own)))
    return pieces


def webp(content: memoryview) -> Pieces:
    """Clean a WebP. Source: RFC 9649, 2.7."""
    whole = 8 + _number(content, 4, 4, "little")
    if whole > len(content) + 1:
        raise ValueError("length")
    pieces: Pieces = []
    exif, header, at = b"", None, 12
    while at + 8 <= min(whole, len(content)):
        type, size = bytes(content[at : at + 4]), _number(content, at + 4, 4, "little")
        end = at + 8 + size
        if end > len(content):
            raise ValueError("chunk")
        if type == b"EXIF":
            exif = bytes(content[at + 8 : end]).removeprefix(b"Exif\0\0")
        if type == b"VP8X":
            header = len(pieces)
        if type in _WEBP_SHOWN:
            pieces += [content[at:end], b"\0" * (size % 2)]
        at = end + size % 2
    orientation = _orientation(exif)
    if header is not None:
        flags = bytearray(pieces[header])
        flags[8] = flags[8] & ~0x0C | (0x08 if orientation else 0)
        pieces[header] = bytes(flags)
        if orientation:
            own = _tiff(orientation)
            pieces.append(b"EXIF" + struct.pack("<I", len(own)) + own)
    if not pieces:
        raise ValueError("no image")
    return [b"RIFF" + struct.pack("<I", 4 + sum(map(len, pieces))) + b"WEBP", *pieces]


def gif(content: memoryview) -> Pieces:
    """Clean a GIF: drop comments and application data except the loop count. Source: GIF89a."""
    at = 13 + _table(content[10])
    pieces: Pieces = [content[:at]]
    while content[at] != 0x3B:
        start = at
        if content[at] == 0x2C:
            at = _blocks_end(content, at + 11 + _table(content[at + 9]))
            shown = True
        elif content[at] == 0x21:
            label = content[at + 1]
            at = _blocks_end(content, at + 2)
            shown = label in {0x01, 0xF9} or (label == 0xFF and bytes(content[start + 3 : start + 14]) in _GIF_LOOPS)
        else:
            raise ValueError("block")
        if shown:
            pieces.append(content[start:at])
    return [*pieces, b"\x3b"]


def _table(packed: int) -> int:
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0


def _blocks_end(content: memoryview, at: int) -> int:
    while size := content[at]:
        at += 1 + size
    return at + 1


def _number(content: memoryview, at: int, size: int, order: str = "big") -> int:
    if at + size > len(content):
        raise ValueError("end")
    return int.from_bytes(content[at : at + size], "little" if order == "little" else "big")


def _orientation(exif: bytes) -> int:
    """The EXIF orientation, 2 to 8; 0 for an upright image and for unreadable EXIF data. Source: TIFF 6, section 2."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 0
    try:
        (at,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, at)
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, type, _, value = struct.unpack_from(f"{order}HHIH", exif, entry)
            if (tag, type) == (_ORIENTATION, 3):
                return int(value) if 2 <= value <= 8 else 0
    except struct.error:
        return 0
    return 0


def _tiff(orientation: int) -> bytes:
    """EXIF data whose only entry is the orientation."""
    return b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0) + b"\0\0\0\0"


CLEANERS: Mapping[str, Callable[[memoryview], Pieces]] = {
    "image/jpeg": jpeg,
    "image/png": png,
    "image/webp": webp,
    "image/gif": gif,
}
"""The cleaning function by media type."""
