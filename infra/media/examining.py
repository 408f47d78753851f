"""Examines an uploaded file: its true type, whether it is whole, and the bytes that are stored.

`infra.media.process` does so in a process of its own: readers of such files take memory, and one may crash.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image

from infra.media import images, mp4, ogg, sounds
from infra.media.faults import BROKEN, MOST_PIXELS, Fault, MediaFault
from infra.media.kinds import agrees, guess, kind_of
from infra.media.pieces import Pieces

_PDF_END = 64 * 1024
_PART = 1024 * 1024
"""Bytes that are digested at once."""


@dataclass(frozen=True)
class Examined:
    """An accepted file, as it is stored."""

    media_type: str
    content: bytes
    sha256: str
    """Digest of the content, lower-case hex."""


def examine(content: bytes, declared: str) -> Examined:
    """The file as it is stored, without metadata. Takes seconds for a large one: not for the event loop.

    The time grows with the size of the file, so this must not run on the event loop.
    """
    if not content:
        raise MediaFault(Fault.EMPTY)
    kind = kind_of(content)
    if kind is None:
        raise MediaFault(Fault.TYPE_NOT_TAKEN, guess(content))
    if not agrees(declared, kind):
        raise MediaFault(Fault.TYPE_MISMATCH, kind)
    cleaned = _cleaned(content, kind)
    kind = "image/jpeg" if kind == "image/heif" else kind
    if kind.startswith("image/"):
        _check_image(cleaned, kind)
    return Examined(kind, cleaned, _digest(cleaned))


def _cleaned(content: bytes, kind: str) -> bytes:
    """What a reader needs to show or play the file."""
    try:
        cleaned = b"".join(_CLEANERS[kind](memoryview(content)))
    except BROKEN:
        raise MediaFault(Fault.DAMAGED) from None
    if not cleaned:
        raise MediaFault(Fault.DAMAGED)
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
    except BROKEN:
        raise MediaFault(Fault.DAMAGED) from None
    if too_large:
        raise MediaFault(Fault.PIXELS)


def _digest(content: bytes) -> str:
    found = hashlib.sha256()
    for at in range(0, len(content), _PART):
        found.update(memoryview(content)[at : at + _PART])
    return found.hexdigest()


def _pdf(content: memoryview) -> Pieces:
    """Needs a library that is imported with the first paper."""
    from infra.media.pdf import pdf  # noqa: PLC0415 - see above

    if b"startxref" not in bytes(content[-_PDF_END:]):
        raise ValueError("cut")
    return pdf(content)


def _heif(content: memoryview) -> Pieces:
    """The same for the first such photograph."""
    from infra.media.heif import heif  # noqa: PLC0415 - see above

    return images.jpeg(memoryview(b"".join(heif(content, MOST_PIXELS))))


_CLEANERS: Mapping[str, Callable[[memoryview], Pieces]] = {
    "application/pdf": _pdf,
    "audio/aac": sounds.aac,
    "audio/amr": sounds.amr,
    "audio/amr-wb": sounds.amr_wb,
    "audio/mp4": mp4.mp4,
    "audio/mpeg": sounds.mp3,
    "audio/ogg": ogg.ogg,
    "audio/wav": sounds.wav,
    "image/gif": images.gif,
    "image/heif": _heif,
    "image/jpeg": images.jpeg,
    "image/png": images.png,
    "image/webp": images.webp,
}
"""By media type."""
