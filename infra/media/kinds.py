"""Detection of a file's media type from its bytes. The specification of each format is cited at its signature."""

from __future__ import annotations

import re
from collections.abc import Callable

import puremagic

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
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "video/3gpp": "audio/mp4",
    "video/mp4": "audio/mp4",
}
"""Other names under which clients declare accepted types. A recording may be declared as its video container."""
UNDECLARED = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Declared types that leave the type open."""

_RATES = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits per second of Layer III by MPEG version and index. Source: ISO/IEC 11172-3, 13818-3."""
_SAMPLES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_OGG_AUDIO = (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")
_HANDLER = re.compile(rb"hdlr.{8}(....)", re.DOTALL)


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
    """Whether an MP4 file has a sound track and no video track; its brand is ignored. Source: ISO/IEC 14496-12."""
    if content[4:8] != b"ftyp" or content[8:12].lower() in {b"heic", b"heix", b"mif1", b"msf1", b"avif"}:
        return False
    at = 0
    while at + 8 <= len(content):
        size, type = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16])
        size = size or len(content) - at
        if type == b"moov" and at + size <= len(content):
            tracks = set(_HANDLER.findall(content[at : at + size]))
            return b"soun" in tracks and b"vide" not in tracks
        if size < 8:
            return False
        at += size
    return False


def _audio_start(content: bytes) -> int:
    """Position after the ID3 tags, whose sizes have seven bits per byte. Source: ID3v2.4 §3.1."""
    at = 0
    while content.startswith(b"ID3", at) and at + 10 <= len(content):
        size = content[at + 6 : at + 10]
        at += 10 + ((size[0] & 127) << 21 | (size[1] & 127) << 14 | (size[2] & 127) << 7 | size[3] & 127)
    while at < len(content) and content[at] == 0:
        at += 1
    return at


def _is_mp3(content: bytes) -> bool:
    """Whether two consecutive Layer III frames, or one that reaches the end, are at the start."""
    at = _audio_start(content)
    length = _mp3_frame(content[at : at + 4])
    after = content[at + length : at + length + 4]
    return length > 0 and at + length <= len(content) and (not after or after[:3] == b"TAG" or _mp3_frame(after) > 0)


def _mp3_frame(head: bytes) -> int:
    """Length in bytes of the frame with this header; 0 when it is not a frame header."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, sampling = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate in {0, 15} or sampling == 3:
        return 0
    bits = _RATES[1 if version == 3 else 2][rate] * 1000
    return (144 if version == 3 else 72) * bits // _SAMPLES[version][sampling] + (head[2] >> 1 & 1)


def _is_adts(content: bytes) -> bool:
    """Whether two consecutive AAC frames, or one that reaches the end, are at the start. Source: ISO/IEC 13818-7."""
    at = _audio_start(content)
    head = content[at : at + 7]
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return False
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    after = content[at + length : at + length + 2]
    return length >= 7 and at + length <= len(content) and (not after or (after[0] == 0xFF and after[1] & 0xF6 == 0xF0))


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signatures)


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(b"RIFF") and content[8:12] == form


_KINDS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (_starts(b"\xff\xd8\xff"), "image/jpeg"),
    (_starts(b"\x89PNG\r\n\x1a\n"), "image/png"),
    (_starts(b"GIF87a", b"GIF89a"), "image/gif"),
    (_riff(b"WEBP"), "image/webp"),
    (_starts(b"%PDF-"), "application/pdf"),
    (_riff(b"WAVE"), "audio/wav"),
    (_starts(b"#!AMR\n"), "audio/amr"),
    (_starts(b"#!AMR-WB\n"), "audio/amr-wb"),
    (_is_ogg_audio, "audio/ogg"),
    (_is_audio_mp4, "audio/mp4"),
    (_is_adts, "audio/aac"),
    (_is_mp3, "audio/mpeg"),
)
TAKEN = frozenset(type for _, type in _KINDS)
"""All accepted media types."""
