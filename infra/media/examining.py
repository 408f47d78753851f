"""Examines an uploaded file: its true type, whether it is whole, and the bytes that are stored."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, UnidentifiedImageError

from infra.media.images import CLEANERS
from infra.media.kinds import agrees, kind_of

MOST_PIXELS = 89_478_485
"""Of an image: what Pillow takes without a warning, a quarter of a gigabyte when it is shown."""
_PDF_END = 64 * 1024
_BROKEN = (
    UnidentifiedImageError, OSError, ValueError, IndexError, KeyError, SyntaxError, EOFError, OverflowError, TypeError,
    struct.error, zlib.error,
)  # fmt: skip
"""What Pillow and our own readers raise for a file that is cut or broken."""


class Fault(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TYPE_NOT_TAKEN = "type-not-taken"
    TYPE_MISMATCH = "type-mismatch"
    DAMAGED = "damaged"
    PIXELS = "pixels"


class MediaFault(ValueError):
    """A file is not taken, and `fault` is why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class Examined:
    """A file that is taken, as it is stored."""

    media_type: str
    content: bytes
    sha256: str
    """Of the content, lower-case hex."""


def examine(content: bytes, declared: str) -> Examined:
    """The file as it is stored; images without metadata. Takes as long as the file is large: not for the event loop.

    Raises `MediaFault`.
    """
    if not content:
        raise MediaFault(Fault.EMPTY)
    kind = kind_of(content)
    if kind is None:
        raise MediaFault(Fault.TYPE_NOT_TAKEN)
    if not agrees(declared, kind):
        raise MediaFault(Fault.TYPE_MISMATCH)
    if kind in CLEANERS:
        content = _cleaned(content, kind)
    if kind == "application/pdf" and b"startxref" not in content[-_PDF_END:]:
        raise MediaFault(Fault.DAMAGED)
    return Examined(kind, content, hashlib.sha256(content).hexdigest())


def _cleaned(content: bytes, kind: str) -> bytes:
    """The image without metadata: what is read by Pillow is what is stored."""
    try:
        cleaned = b"".join(CLEANERS[kind](memoryview(content)))
    except _BROKEN:
        raise MediaFault(Fault.DAMAGED) from None
    _check_image(cleaned, kind)
    return cleaned


def _check_image(content: bytes, kind: str) -> None:
    """Pillow knows the image by the same type, it is not too large to be shown, and its checksums are right."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind.removeprefix("image/").upper()]) as image:
            too_large = image.width * image.height > MOST_PIXELS
            if not too_large:
                image.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        too_large = True
    except _BROKEN:
        raise MediaFault(Fault.DAMAGED) from None
    if too_large:
        raise MediaFault(Fault.PIXELS)
