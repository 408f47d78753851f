"""Numbers and codes are read as people type them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.typed_codes import read_case_id, read_code, read_number

WIDE = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)} | {" ": "\u3000"})
"""ASCII as a Chinese input method types it."""
INVISIBLE = st.sampled_from(["", "", "\u200b", "\u200e", "\ufeff", "\u2060", "\u00ad", "\u202a", "\u2069"])
SPACE = st.sampled_from([" ", "\u00a0", "\u3000", "\u2009", "\t", "\n"])
DASH = st.sampled_from(["-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "\uff0d", "\ufe63"])
NUMBERS = st.one_of(
    st.from_regex(r"[A-Z]{2,4}-[0-9]{8}-[0-9]{6,9}(-[A-Z]{1,4}[1-9][0-9]?)?", fullmatch=True),
    st.from_regex(r"[A-Z]{2,4}-[0-9]{8}-[0-9A-F]{10}", fullmatch=True),
    st.from_regex(r"[a-z]{5,9}(-[a-z0-9]{3,9}){0,2}-[A-Z]{2,4}1", fullmatch=True),
)


@pytest.mark.parametrize(
    "typed",
    [
        "1234567890123456",
        "1234 5678 9012 3456",
        "1234-5678-9012-3456",
        "1234–5678—9012−3456",
        "１２３４５６７８９０１２３４５６",
        "　１２３４　５６７８－９０１２－３４５６\n",
        "\u200b1234\u00a05678\u20099012\ufeff3456\u2069",
        "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦",
    ],
)
def test_a_code_typed_in_groups_or_full_width_is_the_code(typed: str) -> None:
    assert read_code(typed) == "1234567890123456"


@pytest.mark.parametrize(
    ("typed", "code"), [("1234.5678", "1234.5678"), ("", ""), (" - ", ""), ("abc d", "ABCD"), ("一二", "一二")]
)
def test_what_is_no_code_stays_none(typed: str, code: str) -> None:
    assert read_code(typed) == code


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("SL-20261123-000042", "SL-20261123-000042"),
        ("sl-20261123-000042", "SL-20261123-000042"),
        (" sl-20261123-000042\r\n", "SL-20261123-000042"),
        ("SL – 20261123 — 000042", "SL-20261123-000042"),
        ("SL 20261123 000042", "SL-20261123-000042"),
        ("SL20261123000042", "SL-20261123-000042"),
        ("SL-2026 1123-000042", "SL-20261123-000042"),
        ("ＳＬ－２０２６１１２３－００００４２", "SL-20261123-000042"),
        ("\u200eSL\u2011202\u200b61123\u2011000042\u2069", "SL-20261123-000042"),
        ("bc-20261123-1234567", "BC-20261123-1234567"),
        ("bc-20261123-000042-dj1", "BC-20261123-000042-DJ1"),
        ("bc20261123000042zb12", "BC-20261123-000042-ZB12"),
        ("gj-20261123-2acb2d58f5", "GJ-20261123-2ACB2D58F5"),
        ("gj-20261123-1234567a01", "GJ-20261123-1234567A01"),
        ("Police-Beicheng-lx1", "police-beicheng-LX1"),
        ("none", "NONE"),
        ("", ""),
    ],
)
def test_a_number_is_read_as_it_was_given_out(typed: str, number: str) -> None:
    assert read_number(typed) == number


@given(number=NUMBERS, data=st.data())
def test_a_number_in_any_dress_is_the_number(number: str, data: st.DataObject) -> None:
    typed = "".join(data.draw(DASH) if c == "-" else c + data.draw(INVISIBLE) for c in number)
    typed = data.draw(st.sampled_from([typed, typed.lower(), typed.upper(), typed.translate(WIDE)]))
    assert read_number(f"{data.draw(SPACE)}{typed}{data.draw(SPACE)}") == number


@given(code=st.from_regex(r"[0-9A-HJKMNP-TV-Z]{16}", fullmatch=True), data=st.data())
def test_a_code_in_any_dress_is_the_code(code: str, data: st.DataObject) -> None:
    separator = data.draw(st.one_of(SPACE, DASH, st.just("")))
    typed = separator.join(code[n : n + 4] + data.draw(INVISIBLE) for n in range(0, 16, 4))
    typed = data.draw(st.sampled_from([typed, typed.lower(), typed.translate(WIDE)]))
    assert read_code(typed) == code


@given(st.text())
def test_reading_again_changes_nothing(text: str) -> None:
    code, number = read_code(text), read_number(text)
    assert not code.isascii() or (read_code(code), re.search(r"[\s-]", code)) == (code, None)
    assert not number.isascii() or read_number(number) == number


def test_what_is_longer_than_any_code_is_no_code() -> None:
    assert len(read_code("1" * 100_000)) > 16
    assert len(read_code("1" * 16 + "\u200b" * 1_000 + "9")) > 17
    assert len(read_number("a-" * 100_000)) > 100


CASE = "0b6a2f7e-3c1d-5e8f-9a0b-1c2d3e4f5a6b"


@pytest.mark.parametrize("typed", [CASE, CASE.upper(), f" {CASE}\n", CASE.translate(WIDE), CASE.replace("-", "\u2011")])
def test_the_id_of_a_case_is_read_in_either_letter_case(typed: str) -> None:
    assert read_case_id(typed) == CASE


@pytest.mark.parametrize(
    "typed", ["", "SL-20261123-000042", CASE[:-1], f"{{{CASE}}}", f"{CASE} {CASE}", CASE.replace("-", "")]
)
def test_what_is_no_id_of_a_case_is_none(typed: str) -> None:
    assert read_case_id(typed) is None
