"""Scores for a spreadsheet: what is in the cells, and that no cell is ever a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from decimal import Decimal

import pytest

from services.scoring.score_documents import Card, PeerGroup, Scores
from services.scoring.score_files import HEAD, as_csv, as_xlsx


def scores(name: str) -> Scores:
    card = Card(
        unit="police",
        zh=name,
        en="",
        total=Decimal("84.50"),
        band="good",
        rank=None,
        award="no",
        small_sample=True,
        missing=[],
        vetoed=["public-order"],
        consequences=[],
        lines=[],
    )
    group = PeerGroup(id="public-facing", zh="部门", en="departments", cards=[card])
    return Scores(period="2026-11", policy="v", grading="bands", bands=[], groups=[group])


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_no_text_of_a_csv_is_taken_for_a_formula(name: str) -> None:
    raw = as_csv(scores(name))
    assert raw.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert head[: len(HEAD)] == list(HEAD)
    assert row[2] == f"'{name} "
    assert row[3:5] == ["84.50", "good"]


def test_an_xlsx_holds_texts_and_numbers_and_no_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(as_xlsx(scores("=1+1")))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "=1+1" in texts
    assert re.search(r"<v>84\.50?</v>", sheet)
