"""Recordings, papers and HEIC photographs are stored without the data of who made them, and where."""

from __future__ import annotations

import io
import struct
import wave

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops

from infra.media.examining import examine
from infra.media.faults import Fault, MediaFault
from tests.support.media import HEIC, KINDS, MARK, aac, amr, mp3, mp4, ogg, page, pdf, picture, wav

ID3 = b"ID3\x03\0\0\0\0\0\x1c" + b"GEOB\0\0\0\x12\0\0" + MARK
APE = MARK + b"APETAGEX" + struct.pack("<IIII", 2000, 32 + len(MARK), 1, 0) + b"\0" * 8
ID3V1 = b"TAG" + MARK + b"\0" * (125 - len(MARK))
FRAMES, ADTS = mp3(tag=False), aac()


def chunk(type: bytes, body: bytes) -> bytes:
    return type + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def fault(content: bytes) -> Fault:
    with pytest.raises(MediaFault) as refused:
        examine(content, "")
    return refused.value.fault


@pytest.mark.parametrize(
    ("tagged", "plain"),
    [
        (ID3 + FRAMES, FRAMES),
        (FRAMES + ID3V1, FRAMES),
        (FRAMES + APE, FRAMES),
        (FRAMES + APE + ID3V1, FRAMES),
        (ID3 + ID3 + FRAMES + APE + ID3V1, FRAMES),
        (FRAMES + ID3 + FRAMES, FRAMES + FRAMES),
        (FRAMES + b"LYRICSBEGIN" + MARK + b"000028LYRICS200", FRAMES),
        (FRAMES + FRAMES[:200], FRAMES),
        (ID3 + ADTS, ADTS),
        (ADTS + ID3V1, ADTS),
        (amr() + b"\xff" + MARK, amr()),
        (wav() + chunk(b"LIST", b"INFOIART" + MARK), wav()),
        (wav()[:12] + chunk(b"bext", MARK) + chunk(b"iXML", MARK) + wav()[12:], wav()),
    ],
)
def test_a_recording_keeps_its_sound_alone(tagged: bytes, plain: bytes) -> None:
    assert examine(tagged, "").content == plain


@pytest.mark.parametrize("size", [b"\0\0\0\0", b"\xff\xff\xff\xff"])
def test_a_wav_file_whose_recorder_was_interrupted_is_whole_again(size: bytes) -> None:
    content = wav()
    at = content.index(b"data") + 4
    found = examine(content[:at] + size + content[at + 4 :], "").content
    with wave.open(io.BytesIO(found)) as sound:
        assert sound.readframes(9_999) == b"\0\1" * 800


def test_an_mp4_recording_keeps_every_byte_in_its_position() -> None:
    tagged = mp4(b"soun", tagged=True)
    found = examine(tagged, "audio/x-m4a").content
    assert MARK in tagged
    assert MARK not in found
    assert len(found) == len(tagged)
    assert found.index(b"mdat") == tagged.index(b"mdat")
    assert b"\1" * 99 in found


@pytest.mark.parametrize("codec", [b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC"])
def test_an_ogg_recording_has_no_comments_and_right_checksums(codec: bytes) -> None:
    tagged = ogg(codec, MARK * 40)
    found = examine(tagged, "audio/ogg").content
    assert MARK in tagged
    assert MARK not in found
    assert b"\2" * 300 in found
    assert len(found) == len(tagged)
    start = found.index(b"OggS", 4)
    second = found[start : found.index(b"OggS", start + 4)]
    assert int.from_bytes(second[22:26], "little") == checksum(second[:22] + b"\0\0\0\0" + second[26:])


def checksum(content: bytes) -> int:
    """Bit by bit, as RFC 3533 describes it."""
    rest = 0
    for byte in content:
        rest ^= byte << 24
        for _ in range(8):
            rest = (rest << 1) ^ (0x04C11DB7 if rest & 0x80000000 else 0)
        rest &= 0xFFFFFFFF
    return rest


def test_what_lies_between_the_pages_of_an_ogg_file_is_left_out() -> None:
    assert examine(ogg() + MARK + page(0, 3, b"\3" * 9) + MARK, "").content == examine(ogg(), "").content + page(
        0, 3, b"\3" * 9
    )
    assert fault(ogg() + page(2, 0, b"\x80theora")) is Fault.DAMAGED


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"linearize": True},
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
        {"encryption": pikepdf.Encryption(owner="o", user="")},
    ],
)
def test_a_paper_shows_what_it_showed_and_tells_no_more(options: dict[str, object]) -> None:
    before = pdf(**options)
    for around in (before, b"junk\n" + before + b"\n" + MARK):
        found = examine(around, "application/pdf").content
        with pikepdf.open(io.BytesIO(found)) as paper:
            assert "/Metadata" not in paper.Root
            assert not list(paper.docinfo)
            streams = [each for each in paper.objects if isinstance(each, pikepdf.Stream)]
            assert streams
            assert not [each for each in streams if MARK in each.read_raw_bytes()]
        assert MARK not in found
        shown = [pypdfium2.PdfDocument(each)[0].render().to_pil().tobytes() for each in (before, found)]
        assert shown[0] == shown[1]


def test_a_signed_paper_is_stored_as_it_is() -> None:
    signed = pdf(signed=True, encloses={"invoice.xml": b"<invoice/>"})
    assert examine(signed, "").content == signed


def test_a_paper_that_cannot_be_cleaned_is_refused_with_the_reason() -> None:
    assert fault(pdf(encryption=pikepdf.Encryption(owner="o", user="u"))) is Fault.PROTECTED
    assert fault(pdf(encloses={"photo.jpg": MARK})) is Fault.ENCLOSES
    assert fault(b"%PDF-1.4\nstartxref\n0\n%%EOF") is Fault.DAMAGED


def test_a_heic_photograph_becomes_an_upright_jpeg() -> None:
    assert MARK in HEIC
    for declared in ("image/heic", "image/heif", ""):
        found = examine(HEIC, declared)
        assert found.media_type == "image/jpeg"
        assert MARK not in found.content
        with Image.open(io.BytesIO(found.content)) as image:
            assert image.size == (32, 64), "it was taken on its side"
            assert not image.getexif()
            upright = picture().rotate(-90, expand=True)
            difference = ImageChops.difference(image.resize((2, 4), Image.Resampling.BOX), upright.resize((2, 4)))
            assert max(difference.tobytes()) < 60
    assert fault(HEIC[:500]) is Fault.DAMAGED


def test_a_track_beside_the_sound_is_not_taken() -> None:
    assert fault(mp4(b"soun", b"meta")) is Fault.TYPE_NOT_TAKEN
    assert fault(mp4(b"soun")[:-4]) is Fault.TYPE_NOT_TAKEN


@pytest.mark.parametrize("kind", [each for each in KINDS if not each.startswith("image/")])
def test_storing_twice_is_storing_once(kind: str) -> None:
    once = examine(KINDS[kind], "").content
    assert examine(once, "").content == once
