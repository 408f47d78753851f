"""Detection of a file's media type from its bytes. The specification of each format is cited at its signature."""

from __future__ import annotations

from collections.abc import Callable

import puremagic

from infra.media.frames import aac_frame, mp3_frame, sound_start
from infra.media.mp4 import tracks

ALIASES = {
    "application/ogg": "audio/ogg",
    "application/x-pdf": "application/pdf",
    "audio/3gpp": "audio/mp4",
    "audio/amr-nb": "audio/amr",
    "audio/m4a": "audio/mp4",
    "audio/mp3": "audio/mpeg",
    "audio/opus": "audio/ogg",
    "audio/vnd.wave": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-aac": "audio/aac",
    "audio/x-hx-aac-adts": "audio/aac",
    "audio/x-m4a": "audio/mp4",
    "audio/x-mp3": "audio/mpeg",
    "audio/x-mpeg": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "image/heic": "image/heif",
    "image/heic-sequence": "image/heif",
    "image/heif-sequence": "image/heif",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "video/quicktime": "audio/mp4",
    "video/3gpp": "audio/mp4",
    "video/mp4": "audio/mp4",
}
"""Other names under which clients declare accepted types. A recording may be declared as its video container."""
UNDECLARED = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Declared types that leave the type open."""

_OGG_AUDIO = (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")
_HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"})
_PDF_START = 1024
"""Bytes in which a PDF may begin, as readers take it. Source: ISO 32000-1, annex H.3.4.1."""


def kind_of(content: bytes) -> str | None:
    """The media type of a file of an accepted type, or None for any other file."""
    return next((type for holds, type in _KINDS if holds(content)), None)


def guess(content: bytes) -> str:
    """The likely type of a refused file, for the error message; empty when unknown."""
    try:
        found = puremagic.magic_string(content[:4096])
    except (puremagic.PureError, ValueError):
        return ""
    return next((each.mime_type or each.extension.lstrip(".") for each in found), "")


def agrees(declared: str, kind: str) -> bool:
    """Whether a declared type equals the detected one or leaves the type open."""
    plain = declared.split(";", 1)[0].strip().lower()
    return plain in UNDECLARED or ALIASES.get(plain, plain) == kind or plain == kind


def _is_ogg_audio(content: bytes) -> bool:
    """Whether the first packet of an Ogg file names an audio codec. Source: RFC 3533 §6."""
    first = 27 + content[26] if len(content) > 27 and content.startswith(b"OggS") else len(content)
    return content.startswith(_OGG_AUDIO, first)


def _is_audio_mp4(content: bytes) -> bool:
    """ISO 14496-12: a movie whose tracks are all sound, whatever its brand says."""
    if content[4:8] != b"ftyp" or _is_heif(content) or content[8:12] == b"avif":
        return False
    try:
        return set(tracks(content)) == {b"soun"}
    except ValueError:
        return False


def _is_heif(content: bytes) -> bool:
    """ISO 23008-12: the brand of the file, or one that it is compatible with; AVIF has a brand of its own."""
    if content[4:8] != b"ftyp" or content[8:12] in {b"avif", b"avis"}:
        return False
    named = content[16 : min(int.from_bytes(content[:4]), 256)]
    brands = {content[8:12], *(named[at : at + 4] for at in range(0, len(named), 4))}
    return bool(brands & _HEIF) and b"avif" not in brands


def _is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:_PDF_START]


def _is_mp3(content: bytes) -> bool:
    return _is_sound(content, mp3_frame)


def _is_adts(content: bytes) -> bool:
    return _is_sound(content, aac_frame)


def _is_sound(content: bytes, frame: Callable[[bytes], int]) -> bool:
    """Two frames one after the other, or one to the end or to a tag that ends the file."""
    at = sound_start(content)
    length = frame(content[at : at + 7])
    after = content[at + length : at + length + 8]
    if not length or at + length > len(content):
        return False
    return not after or after.startswith((b"TAG", b"APETAGEX", b"LYRICS")) or frame(after) > 0


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signatures)


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(b"RIFF") and content[8:12] == form


_KINDS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (_starts(b"\xff\xd8\xff"), "image/jpeg"),
    (_starts(b"\x89PNG\r\n\x1a\n"), "image/png"),
    (_starts(b"GIF87a", b"GIF89a"), "image/gif"),
    (_riff(b"WEBP"), "image/webp"),
    (_riff(b"WAVE"), "audio/wav"),
    (_starts(b"#!AMR\n"), "audio/amr"),
    (_starts(b"#!AMR-WB\n"), "audio/amr-wb"),
    (_is_ogg_audio, "audio/ogg"),
    (_is_heif, "image/heif"),
    (_is_audio_mp4, "audio/mp4"),
    (_is_adts, "audio/aac"),
    (_is_mp3, "audio/mpeg"),
    (_is_pdf, "application/pdf"),
)
STORED = frozenset(type for _, type in _KINDS) - {"image/heif"}
"""Every type that a stored file has: HEIC and HEIF become JPEG."""
