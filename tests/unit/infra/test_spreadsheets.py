"""Text in spreadsheets: never a formula, never longer than a cell."""

from __future__ import annotations

import csv
import io

import pytest

from infra.spreadsheets import MOST_CHARACTERS, cell_text, inert_text


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "−", "﹢", "﹣"])
@pytest.mark.parametrize(
    "before", ["", " ", "\u3000", "\u00a0", "\u200b", "\ufeff", "\u202e", '"', "'", '" ', "\n", "\x00"]
)
def test_what_begins_like_a_formula_gets_an_apostrophe(sign: str, before: str) -> None:
    assert inert_text(f"{before}{sign}HYPERLINK(1)").startswith("'")


@pytest.mark.parametrize("text", ["\tx", "\rx", "\nx", "\t", "=", '"='])
def test_a_leading_control_character_gets_an_apostrophe(text: str) -> None:
    assert inert_text(text).startswith("'")


@pytest.mark.parametrize("text", ["", " ", "夜间噪声", "3-1", "a=b", '"quoted"', "《办法》=", "·", "100%"])
def test_other_text_is_unchanged(text: str) -> None:
    assert inert_text(text) == text


def test_a_cell_is_no_longer_than_a_spreadsheet_takes() -> None:
    assert len(cell_text("字" * 40_000)) == len(inert_text("=" + "字" * 40_000)) == MOST_CHARACTERS
    assert cell_text("a\x00b") == "ab"


def test_a_strict_reader_reads_the_same_rows() -> None:
    texts = ["a\r\nb", 'c"d', "e,f", "=1", "g\nh", "\x00i"]
    file = io.StringIO(newline="")
    csv.writer(file).writerow([inert_text(each) for each in texts])
    (row,) = csv.reader(io.StringIO(file.getvalue(), newline=""), strict=True)
    assert row == [inert_text(each) for each in texts]
