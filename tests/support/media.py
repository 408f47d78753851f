"""Small test files of every accepted type, and images with GPS metadata."""

from __future__ import annotations

import io
import struct
import wave
import zlib
from typing import Any

from PIL import Image, PngImagePlugin

MARK = b"N34.7466-E113.6254"
"""A marker in every kind of metadata of `located`, but not in its pixels."""
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>' + MARK + b"</exif:GPSLatitude></x:xmpmeta>"


def picture(width: int = 64, height: int = 32) -> Image.Image:
    """A picture with four different corners, so that a rotation is detectable."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((200, 30, 30), (0, 0, width // 2, height // 2))
    image.paste((30, 30, 200), (width // 2, height // 2, width, height))
    return image


def exif(orientation: int = 6) -> bytes:
    """EXIF data with a position, a camera and an orientation."""
    found = Image.Exif()
    found[0x0112] = orientation
    found[0x010F] = MARK.decode()
    found[0x8825] = {1: "N", 2: (34.0, 44.0, 47.7), 3: "E", 4: (113.0, 37.0, 31.4)}
    return found.tobytes()


def located(kind: str, orientation: int = 6) -> bytes:
    """An image of the format with every kind of metadata that it supports."""
    out = io.BytesIO()
    more: dict[str, Any] = {"exif": exif(orientation)}
    if kind == "JPEG":
        more |= {"comment": MARK, "xmp": XMP, "quality": 90, "progressive": True}
    elif kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        text.add_text("Location", MARK.decode(), zip=True)
        text.add_text("Comment", MARK.decode())
        more["pnginfo"] = text
    elif kind == "WEBP":
        more |= {"xmp": XMP, "lossless": True}
    else:
        more = {"comment": MARK, "loop": 0, "save_all": True, "append_images": [Image.new("RGB", (64, 32), "green")]}
    picture().save(out, kind, **more)
    content = out.getvalue()
    if kind == "JPEG":  # IPTC in APP13, and what some telephones append: a second picture with data of its own
        iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(MARK) + 5) + b"\x1c\x02\x5a\0\x12" + MARK
        content = content[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + content[2:] + content
    return content


def image(kind: str) -> bytes:
    """An image of the format without metadata."""
    out = io.BytesIO()
    picture().save(out, kind)
    return out.getvalue()


def wav() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\1" * 800)
    return out.getvalue()


def mp3(tag: bool = True) -> bytes:
    """Frames of silence: MPEG 1 Layer III, 128 kbit/s, 44.1 kHz."""
    id3 = b"ID3\x04\0\0\0\0\0\x0aTIT2" + b"\0" * 6 if tag else b""
    return id3 + (b"\xff\xfb\x90\x00" + b"\0" * 413) * 3


def aac() -> bytes:
    """Frames with an ADTS header of 7 bytes and 25 of data."""
    return (bytes([0xFF, 0xF1, 0x50, 0x80, 0x04, 0x1F, 0xFC]) + b"\0" * 25) * 3


def mp4(*handlers: bytes, brand: bytes = b"mp42") -> bytes:
    """A movie with a track for each handler."""
    tracks = b"".join(_box(b"trak", _box(b"mdia", _box(b"hdlr", b"\0" * 8 + each + b"\0" * 13))) for each in handlers)
    return _box(b"ftyp", brand + b"\0\0\0\0isom") + _box(b"mdat", b"\1" * 99) + _box(b"moov", tracks)


def ogg(codec: bytes = b"OpusHead") -> bytes:
    return b"OggS\0\x02" + b"\0" * 20 + b"\x01\x13" + codec + b"\0" * 40


def amr() -> bytes:
    return b"#!AMR\n" + (b"\x3c" + b"\0" * 31) * 4


def pdf() -> bytes:
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def bomb() -> bytes:
    """A PNG of a few hundred bytes that decodes to 100,000 by 100,000 pixels."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + type + data + struct.pack(">I", zlib.crc32(type + data))
        for type, data in (
            (b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 1, 0, 0, 0, 0)),
            (b"IDAT", zlib.compress(b"\0" * 1000)),
            (b"IEND", b""),
        )
    )


def _box(type: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + type + content


KINDS = {
    "image/jpeg": image("JPEG"),
    "image/png": image("PNG"),
    "image/webp": image("WEBP"),
    "image/gif": image("GIF"),
    "application/pdf": pdf(),
    "audio/wav": wav(),
    "audio/mpeg": mp3(),
    "audio/aac": aac(),
    "audio/mp4": mp4(b"soun"),
    "audio/ogg": ogg(),
    "audio/amr": amr(),
}
"""A file of each accepted type, by media type."""
