"""Lossless removal of image metadata: segments are dropped, and pixels are neither decoded nor recompressed.

Only segments needed to display the picture are copied. Position (EXIF GPS, XMP, IPTC), camera, comments, thumbnails,
unknown segments and any data after the end of the image are dropped. From the EXIF data only the orientation is written
back. Each function raises `ValueError`, `IndexError` or `struct.error` for a corrupt file.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from infra.media.pieces import Pieces, number

_ORIENTATION = 0x0112
_JFIF = b"JFIF\0" + b"\0" * 9
"""Name, version, density, and the size of a thumbnail, which is left out."""
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""The marker that ends the compressed data of a JPEG scan."""
_WINDOW = 512 * 1024
"""Bytes searched in one call; between calls other threads can run."""
_PNG_SHOWN = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)
_WEBP_SHOWN = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_NOT_NUL = bytes(range(1, 256))
"""The name of a colour profile ends at the first NUL."""
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
        end = at + 2 + number(content, at + 2, 2)
        if end > len(content) or end < at + 4 or marker in {0x00, 0x01, *range(0xD0, 0xD9)}:
            raise ValueError("segment")
        payload = bytes(content[at + 4 : min(end, at + 18)])
        if marker == 0xE1 and payload.startswith(b"Exif\0\0") and not exif:
            exif = bytes(content[at + 10 : end])
        if marker == 0xE0 and _is_shown(marker, payload) and len(payload) == len(_JFIF):
            copied.append(b"\xff\xe0\0\x10" + payload[:12] + b"\0\0")
        elif _is_shown(marker, payload):
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
        length, type = number(content, at, 4), bytes(content[at + 4 : at + 8])
        end = at + 12 + length
        if end > len(content):
            raise ValueError("chunk")
        if type == b"eXIf":
            exif = bytes(content[at + 8 : end - 4])
        if type == b"iCCP":
            pieces.append(_png_chunk(type, b"ICC" + bytes(content[at + 8 : end - 4]).lstrip(_NOT_NUL)))
        elif type in _PNG_SHOWN:
            pieces.append(content[at:end])
        at = end
    if orientation := _orientation(exif):
        pieces.insert(2, _png_chunk(b"eXIf", _tiff(orientation)))
    return pieces


def _png_chunk(type: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + type + body + struct.pack(">I", zlib.crc32(type + body))


def webp(content: memoryview) -> Pieces:
    """Source: RFC 9649, 2.7."""
    whole = 8 + number(content, 4, 4, "little")
    if whole > len(content) + 1:
        raise ValueError("length")
    pieces: Pieces = []
    exif, header = b"", None
    for type, at, end in _riff_chunks(content, 12, min(whole, len(content))):
        if type == b"EXIF":
            exif = bytes(content[at + 8 : end]).removeprefix(b"Exif\0\0")
        if type == b"VP8X":
            header = len(pieces)
        if type == b"ANMF":
            pieces.append(_webp_frame(content[at + 8 : end]))
        elif type in _WEBP_SHOWN:
            pieces += [content[at:end], b"\0" * (end - at & 1)]
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


def _webp_frame(content: memoryview) -> bytes:
    """One frame of an animation: its place and delay, and the chunks of its picture."""
    pieces: Pieces = [content[:16]]
    for type, at, end in _riff_chunks(content, 16, len(content)):
        if type in {b"VP8 ", b"VP8L", b"ALPH"}:
            pieces += [content[at:end], b"\0" * (end - at & 1)]
    body = b"".join(pieces)
    return b"ANMF" + struct.pack("<I", len(body)) + body


def _riff_chunks(content: memoryview, at: int, limit: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of each chunk, its padding not included."""
    while at + 8 <= limit:
        size = number(content, at + 4, 4, "little")
        end = at + 8 + size
        if end > len(content):
            raise ValueError("chunk")
        yield bytes(content[at : at + 4]), at, end
        at = end + size % 2


def gif(content: memoryview) -> Pieces:
    """Source: GIF89a. Comments, texts and applications' own data are left out; how often it loops is not."""
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
            shown = label == 0xF9
            if label == 0xFF and bytes(content[start + 3 : start + 14]) in _GIF_LOOPS:
                pieces += [content[start : start + 18], b"\0"]
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
