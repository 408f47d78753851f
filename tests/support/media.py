"""Small test files of every accepted type, and images with GPS metadata."""

from __future__ import annotations

import io
import struct
import wave
import zlib
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Stream
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


def mp4(*handlers: bytes, brand: bytes = b"mp42", tagged: bool = False) -> bytes:
    """A movie with a track for each handler; with `MARK` in every place for metadata."""
    tags = box(b"udta", box(b"\xa9xyz", MARK)) + box(b"meta", b"\0\0\0\0" + MARK) if tagged else b""
    name = MARK if tagged else b""
    tracks = b"".join(
        box(b"trak", box(b"mdia", box(b"hdlr", b"\0" * 8 + each + b"\0" * 12 + name + b"\0")) + tags)
        for each in handlers
    )
    around = box(b"uuid", MARK) + box(b"free", MARK) if tagged else b""
    return box(b"ftyp", brand + b"\0\0\0\0isom") + around + box(b"mdat", b"\1" * 99) + box(b"moov", tracks + tags)


def ogg(codec: bytes = b"OpusHead", comments: bytes = b"", sound: bytes = b"\2" * 300) -> bytes:
    """A stream of pages: its head, its comments, and its sound; without right checksums."""
    head = codec + b"\0" * 9
    start = {b"OpusHead": b"OpusTags", b"\x01vorbis": b"\x03vorbis", b"Speex   ": b""}.get(codec, b"")
    if codec == b"\x7fFLAC":
        head, start = codec + b"\1\0\0\1fLaC" + b"\0" * 38, b"\x84" + (8 + len(comments)).to_bytes(3, "big")
    return page(2, 0, head) + page(0, 1, start + b"\0" * 9 + comments) + page(4, 2, sound)


def page(flags: int, number: int, packet: bytes) -> bytes:
    """One packet on a page. Source: RFC 3533 §6."""
    lacing = b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
    return b"OggS\0" + struct.pack("<BqIII", flags, 0, 7, number, 0) + bytes([len(lacing)]) + lacing + packet


def amr() -> bytes:
    return b"#!AMR\n" + (b"\x3c" + b"\0" * 31) * 4


def pdf(**options: Any) -> bytes:
    """One page with a picture; title, XMP and the picture's own metadata hold `MARK`."""
    out = io.BytesIO()
    with pikepdf.new() as paper:
        paper.add_blank_page()
        picture = Stream(paper, located("JPEG"), Type=Name.XObject, Subtype=Name.Image, Filter=Name.DCTDecode)
        picture.Width, picture.Height, picture.BitsPerComponent, picture.ColorSpace = 64, 32, 8, Name.DeviceRGB
        picture.Metadata = Stream(paper, XMP, Type=Name.Metadata, Subtype=Name.XML)
        paper.pages[0].Resources = Dictionary(XObject=Dictionary(I=picture))
        paper.pages[0].Contents = paper.make_stream(b"q 64 0 0 32 9 9 cm /I Do Q")
        paper.docinfo[Name.Title] = MARK.decode()
        paper.Root.Metadata = Stream(paper, XMP, Type=Name.Metadata, Subtype=Name.XML)
        for name, content in options.pop("encloses", {}).items():
            paper.attachments[name] = content
        if options.pop("signed", False):
            paper.Root.Perms = paper.make_indirect(Dictionary(Type=Name.Sig, ByteRange=[0, 1, 2, 3], Contents=b"s"))
        paper.save(out, **options)
    return out.getvalue()


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


def box(type: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + type + content


HEIC = (Path(__file__).parents[1] / "unit/infra/media/files/turned.heic").read_bytes()
"""`picture()`, turned by a camera, with `MARK` in its EXIF data."""
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
