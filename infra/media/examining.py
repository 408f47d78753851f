"""Checks an uploaded file's type and integrity, and produces the bytes to store."""

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
"""Upper limit for an image: what Pillow opens without a warning; 256 MB when decoded."""
_PDF_END = 64 * 1024
_BROKEN = (
    UnidentifiedImageError, OSError, ValueError, IndexError, KeyError, SyntaxError, EOFError, OverflowError, TypeError,
    struct.error, zlib.error,
)  # fmt: skip
"""Exceptions of Pillow and of our own parsers for a truncated or corrupt file."""


class Fault(StrEnum):
    """Why a file is refused."""

    EMPTY = "empty"
    TYPE_NOT_TAKEN = "type-not-taken"
    TYPE_MISMATCH = "type-mismatch"
    DAMAGED = "damaged"
    PIXELS = "pixels"


class MediaFault(ValueError):
    """A file is refused for the reason in `fault`."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class Examined:
    """An accepted file, as it is stored."""

    media_type: str
    content: bytes
    sha256: str
    """Digest of the content, lower-case hex."""


def examine(content: bytes, declared: str) -> Examined:
    """Check a file and return it as it is stored: images without metadata. Raises `MediaFault`.

    The time grows with the size of the file, so this must not run on the event loop.
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
    """Remove the metadata of an image, then let Pillow check the bytes that will be stored."""
    try:
        cleaned = b"".join(CLEANERS[kind](memoryview(content)))
    except _BROKEN:
        raise MediaFault(Fault.DAMAGED) from None
    _check_image(cleaned, kind)
    return cleaned


def _check_image(content: bytes, kind: str) -> None:
    """Check that Pillow detects the same type, that the image is not too large, and that its checksums are right."""
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
