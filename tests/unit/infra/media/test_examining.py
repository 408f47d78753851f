"""Detection of file types from their bytes, and removal of metadata from images."""

from __future__ import annotations

import contextlib
import hashlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from infra.media.examining import examine
from infra.media.faults import Fault, MediaFault
from infra.media.kinds import guess
from tests.support.media import KINDS, MARK, XMP, bomb, image, located, mp3, mp4, ogg, pdf, picture

IMAGES = ["JPEG", "PNG", "WEBP", "GIF"]


def stored(content: bytes, declared: str = "") -> bytes:
    found = examine(content, declared)
    assert hashlib.sha256(found.content).hexdigest() == found.sha256
    return found.content


def fault(content: bytes, declared: str = "") -> Fault:
    with pytest.raises(MediaFault) as refused:
        examine(content, declared)
    return refused.value.fault


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_known_by_its_bytes(kind: str) -> None:
    for declared in ("", "application/octet-stream", kind, kind.upper() + "; charset=x"):
        assert examine(KINDS[kind], declared).media_type == kind
    wrong = "image/png" if kind != "image/png" else "image/jpeg"
    assert fault(KINDS[kind], wrong) is Fault.TYPE_MISMATCH


@pytest.mark.parametrize(
    ("declared", "content"),
    [
        ("image/jpg", image("JPEG")),
        ("audio/mp3", mp3(tag=False)),
        ("audio/x-m4a", mp4(b"soun", brand=b"M4A ")),
        ("audio/x-m4a", mp4(b"soun", brand=b"isom")),
        ("audio/opus", ogg()),
        ("audio/ogg", ogg(b"\x01vorbis")),
        ("audio/x-wav", KINDS["audio/wav"]),
    ],
)
def test_other_names_of_a_type_agree_with_it(declared: str, content: bytes) -> None:
    examine(content, declared)


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ" + b"\0" * 500,
        b"PK\x03\x04" + b"\0" * 500,
        mp4(b"soun", b"vide"),
        mp4(b"soun", brand=b"avif"),
        mp4(b"soun", b"meta"),
        mp4(),
        ogg(b"\x80theora"),
        b"\xff\xfb",
        b"\xff\xfb\x90\x00" + b"\0" * 600,
        b"\0" * 40,
        b"ID3\x04\0\0\0\0\0\x02\0\0<script>",
    ],
)
def test_other_kinds_are_not_taken(content: bytes) -> None:
    assert fault(content, "image/jpeg") is Fault.TYPE_NOT_TAKEN
    guess(content)


def test_what_a_file_that_is_not_taken_seems_to_be_is_named() -> None:
    assert guess(b"MZ" + b"\0" * 500)
    assert guess(b"qwertz") == ""


def test_an_empty_file_is_not_taken() -> None:
    assert fault(b"") is Fault.EMPTY


def test_an_image_that_grows_beyond_measure_is_not_taken() -> None:
    assert fault(bomb()) is Fault.PIXELS


@pytest.mark.parametrize("kind", IMAGES)
def test_an_image_that_is_cut_is_not_taken(kind: str) -> None:
    whole = located(kind) if kind != "JPEG" else image(kind)
    for length in (len(whole) // 3, len(whole) // 2, len(whole) - 3):
        assert fault(whole[:length]) is Fault.DAMAGED
    assert fault(pdf()[:40]) is Fault.DAMAGED


@pytest.mark.parametrize("kind", IMAGES)
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_stored_image_tells_no_place_and_every_pixel_is_as_it_was(kind: str, orientation: int) -> None:
    before = located(kind, orientation)
    assert MARK in before
    kept = stored(before)
    assert MARK not in kept
    assert XMP not in kept
    with Image.open(io.BytesIO(before)) as old, Image.open(io.BytesIO(kept)) as new:
        assert new.format == old.format
        tags = new.getexif()
        assert not tags.get_ifd(0x8825)
        assert set(tags) <= {0x0112}
        assert not {"xmp", "XML:com.adobe.xmp", "comment", "photoshop", "Location", "Comment"} & set(new.info)
        if kind != "GIF":
            assert tags.get(0x0112, 1) == orientation
        assert getattr(new, "n_frames", 1) == (2 if kind == "GIF" else 1)
        assert (
            ImageOps.exif_transpose(new).convert("RGB").tobytes()
            == ImageOps.exif_transpose(old).convert("RGB").tobytes()
        )


def test_colours_and_loops_stay() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (16, 16), (9, 99, 199, 9)).save(out, "JPEG", icc_profile=b"profile" * 9)
    with Image.open(io.BytesIO(stored(out.getvalue()))) as kept:
        assert kept.mode == "CMYK"
        assert kept.info["icc_profile"] == b"profile" * 9
        assert kept.info["adobe_transform"] is not None
    with Image.open(io.BytesIO(stored(located("GIF")))) as moving:
        assert moving.info["loop"] == 0


def chunk(type: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + type + body + struct.pack(">I", zlib.crc32(type + body))


def riff(type: bytes, body: bytes) -> bytes:
    return type + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def animated() -> bytes:
    """A WebP whose first frame has a chunk of metadata."""
    out = io.BytesIO()
    picture().save(out, "WEBP", save_all=True, append_images=[Image.new("RGB", (64, 32), "red")], duration=99)
    content = out.getvalue()
    at = content.index(b"ANMF")
    end = at + 8 + int.from_bytes(content[at + 4 : at + 8], "little")
    frame = riff(b"ANMF", content[at + 8 : end] + riff(b"XMP ", MARK))
    return riff(b"RIFF", content[8:at] + frame + content[end:])


PNG_HEAD = 33
LOOP = b"\x21\xff\x0bNETSCAPE2.0\x03\1\0\0"


@pytest.mark.parametrize(
    "content",
    [
        image("JPEG").replace(b"\0\x10JFIF", b"\0\x22JFIF", 1)[:20] + MARK + image("JPEG")[20:],
        image("JPEG")[:2] + b"\xff\xe0\0\x19JFXX\0" + MARK + image("JPEG")[2:],
        image("PNG")[:PNG_HEAD] + chunk(b"iCCP", MARK + b"\0\0" + zlib.compress(b"x")) + image("PNG")[PNG_HEAD:],
        image("PNG") + MARK,
        animated(),
        image("GIF")[:-1] + b"\x21\x01\x0c" + b"\0" * 12 + bytes([len(MARK)]) + MARK + b"\0;",
        image("GIF")[:-1] + LOOP + bytes([len(MARK)]) + MARK + b"\0;",
        image("GIF")[:-1] + LOOP + b"\0;/*" + MARK,
    ],
)
def test_no_corner_of_an_image_keeps_words(content: bytes) -> None:
    assert MARK in content
    kept = stored(content)
    assert MARK not in kept
    with Image.open(io.BytesIO(content)) as old, Image.open(io.BytesIO(kept)) as new:
        assert getattr(new, "n_frames", 1) == getattr(old, "n_frames", 1)
        assert new.convert("RGB").tobytes() == old.convert("RGB").tobytes()


@pytest.mark.parametrize("kind", IMAGES)
def test_storing_twice_is_storing_once(kind: str) -> None:
    once = stored(located(kind))
    assert stored(once) == once


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(sorted(KINDS)), at=st.integers(0, 2000), byte=st.integers(0, 255), cut=st.integers(0, 2000))
def test_a_broken_file_is_taken_or_refused_and_nothing_else(kind: str, at: int, byte: int, cut: int) -> None:
    content = bytearray(located(kind.removeprefix("image/").upper()) if kind.startswith("image/") else KINDS[kind])
    content[at % len(content)] = byte
    broken = bytes(content[: len(content) - cut % len(content)])
    with contextlib.suppress(MediaFault):
        assert MARK not in examine(broken, "").content or not kind.startswith("image/")


@settings(max_examples=300, deadline=None)
@given(head=st.sampled_from([b"", *(each[:12] for each in KINDS.values())]), tail=st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused_and_nothing_else(head: bytes, tail: bytes) -> None:
    with contextlib.suppress(MediaFault):
        examine(head + tail, "")
