"""Digests and the bulletin tell the figures they are given, in both languages, and reckon rates as the sources do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.notify.printing.bulletin import bulletin, series_number
from services.notify.printing.digest import daily_digest, weekly_digest
from services.notify.printing.figures import Figures, Ratings, Totals, percent
from services.notify.printing.html import html_of
from services.notify.printing.pdf import pdf_of
from services.notify.printing.sheet import Chart, Sheet, Table
from tests.printing.papers import AT, CENTRE, CENTRE_EN, figures
from tests.printing.reading import pages_of, read, squeezed

GOLDEN = Path(__file__).parent / "golden"
QUIET = Figures(
    first_day=date(2026, 5, 1), last_day=date(2026, 5, 1), received=0, closed=0, on_time=0, open=0, overdue=0
)


def papers() -> list[Sheet]:
    return [
        make(figures(), issuer)
        for issuer in (CENTRE, CENTRE_EN)
        for make in (
            lambda figures, issuer: bulletin(figures, issuer, nth=7, issued_at=AT),
            lambda figures, issuer: daily_digest(figures, issuer, issued_at=AT),
            lambda figures, issuer: weekly_digest(figures, issuer, issued_at=AT),
        )
    ]


def test_the_bulletin_reads_as_its_golden_text() -> None:
    text = "\f".join(pages_of(pdf_of(bulletin(figures(), CENTRE, nth=7, issued_at=AT))))
    assert text.strip() == (GOLDEN / "bulletin.txt").read_text("utf-8").strip()


@pytest.mark.parametrize("n", range(6))
def test_the_screen_says_what_the_paper_says(n: int) -> None:
    sheet = papers()[n]
    paper = squeezed("".join(pages_of(pdf_of(sheet))))
    assert [text for text in read(html_of(sheet)).texts if squeezed(text) not in paper] == []
    assert "98.14%" in paper
    assert "XN-20260410-000007" in paper


def test_the_bulletin_has_its_number_in_the_series_of_the_year_in_which_it_is_issued() -> None:
    new_year = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    assert bulletin(figures(), CENTRE, nth=1, issued_at=new_year).number == "〔2027〕第1期"
    assert series_number(2026, 52, CENTRE_EN) == "No. 52 of 2026"


def test_the_bulletin_has_two_charts_and_no_number_that_is_not_in_a_table() -> None:
    sheet = bulletin(figures(), CENTRE, nth=7, issued_at=AT)
    charts = [block for block in sheet.blocks if isinstance(block, Chart)]
    assert [chart.form for chart in charts] == ["line", "bar"]
    cells = {cell for block in sheet.blocks if isinstance(block, Table) for row in block.rows for cell in row}
    assert {f"{value:g}" for series in charts[1].series for value in series.values} <= cells


def test_nothing_happened_is_told_as_such() -> None:
    for sheet in (
        bulletin(QUIET, CENTRE, nth=1, issued_at=AT),
        daily_digest(QUIET, CENTRE, issued_at=AT),
        weekly_digest(QUIET, CENTRE, issued_at=AT),
    ):
        text = squeezed("".join(pages_of(pdf_of(sheet))))
        assert "无超期事项" in text
        assert "共受理群众诉求0件" in text
        assert "nan" not in text


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (158, 161, "98.14%"),
        (2_029, 7_039, "28.83%"),
        (460, 468, "98.29%"),
        (362_500, 2_789_000, "13.00%"),
        (1, 800, "0.13%"),
        (0, 0, "—"),
    ],
)
def test_rates_are_those_of_the_sources(part: int, whole: int, told: str) -> None:
    assert percent(part, whole) == told


def test_more_may_be_closed_than_was_received() -> None:
    carried = Totals(received=22_746, closed=28_260, on_time=27_000, open=1_116, overdue=9)
    assert carried.closing == "96.20%"
    assert carried.punctual == "95.54%"


def test_who_did_not_answer_is_neither_satisfied_nor_not() -> None:
    assert Ratings(unanswered=12).satisfied == "—"
    assert figures().ratings.satisfied == "96.12%"


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="ends before it begins"):
        Figures(
            first_day=date(2026, 5, 2), last_day=date(2026, 5, 1), received=0, closed=0, on_time=0, open=0, overdue=0
        )
