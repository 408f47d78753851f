"""Periods: how they are written, where they begin and end, and which lie in which."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.scores.period import Period, month_of, months_between

CHINA = ZoneInfo("Asia/Shanghai")
periods = st.builds(
    lambda year, length, n: Period(year, n % (12 // length) * length + 1, length),
    st.integers(2004, 2090),
    st.sampled_from([1, 3, 6, 12]),
    st.integers(0, 11),
)


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("2026-11", "month", "2026-11", "2026-11"),
        ("2026-Q4", "quarter", "2026-10", "2026-12"),
        ("2026-H2", "half", "2026-07", "2026-12"),
        ("2026", "year", "2026-01", "2026-12"),
    ],
)
def test_a_period_is_read_as_it_is_written(text: str, kind: str, first: str, last: str) -> None:
    period = Period.parse(text)
    assert (str(period), period.kind, period.months[0], period.months[-1]) == (text, kind, first, last)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "2026-Q5", "2026-H3", "26-11", "2026-11-01", "1999", "2026-1"]
)
def test_whatever_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"no period"):
        Period.parse(text)


def test_a_month_begins_at_midnight_of_the_place_and_ends_before_the_next() -> None:
    start, end = Period.parse("2026-12").within(CHINA)
    assert start == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert end == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert month_of(start, CHINA) == "2026-12"
    assert month_of(datetime(2026, 11, 30, 15, 59, tzinfo=UTC), CHINA) == "2026-11"


@given(periods)
def test_what_is_written_is_read_again_and_borders_its_neighbours(period: Period) -> None:
    assert Period.parse(str(period)) == period
    start, end = period.within(CHINA)
    assert (month_of(start, CHINA), period.year_before.within(CHINA)[0].year) == (period.months[0], period.year - 1)
    assert month_of(end, CHINA) not in period.months


@given(periods, periods)
def test_a_part_of_a_period_has_all_its_months_in_it(whole: Period, part: Period) -> None:
    assert (part in set(whole.parts())) == (set(part.months) <= set(whole.months))


def test_the_months_between_two_pass_the_end_of_the_year() -> None:
    assert months_between("2026-11", "2027-02") == ("2026-11", "2026-12", "2027-01", "2027-02")
    assert months_between("2026-11", "2026-11") == ("2026-11",)
    assert months_between("2026-11", "2026-10") == ("2026-11",)
