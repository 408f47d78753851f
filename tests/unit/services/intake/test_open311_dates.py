"""Dates of a query: instants in every form of the standard, and whole days of the place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.open311_dates import bounds_of

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NINE = datetime(2026, 11, 20, 1, tzinfo=UTC)
"""Nine in the morning at Shanghai."""


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T09:00:00+08:00",
        "2026-11-20T09:00:00 08:00",
        "2026-11-20 09:00:00 08:00",
        "2026-11-20t09:00:00.000000000+08:00",
        "2026-11-20T01:00:00Z",
        "2026-11-20t01:00:00z",
        "2026-11-20T01:00z",
        "2026-11-20T09:00+08:00",
        "2026-11-20T09:00:00",
        "2026-11-20 09:00",
        "20261120T090000+0800",
    ],
)
def test_an_instant_is_read_in_any_form(text: str) -> None:
    assert bounds_of(text, SHANGHAI) == (NINE, NINE)


def test_a_leap_second_is_the_first_instant_of_the_next_day() -> None:
    first, last = bounds_of("2016-12-31T23:59:60Z", SHANGHAI)
    assert first == last == datetime(2017, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026-11-20", (2026, 11, 20), (2026, 11, 21)),
        ("20261120", (2026, 11, 20), (2026, 11, 21)),
        ("2026-11", (2026, 11, 1), (2026, 12, 1)),
        ("2026-12", (2026, 12, 1), (2027, 1, 1)),
        ("2026", (2026, 1, 1), (2027, 1, 1)),
        ("2024-02-29", (2024, 2, 29), (2024, 3, 1)),
    ],
)
def test_a_date_without_time_is_the_whole_of_it_in_the_zone_of_the_place(
    text: str, first: tuple[int, int, int], after: tuple[int, int, int]
) -> None:
    found = bounds_of(text, SHANGHAI)
    assert found == (
        datetime(*first, tzinfo=SHANGHAI),
        datetime(*after, tzinfo=SHANGHAI) - timedelta(microseconds=1),
    )
    assert found[0].astimezone(UTC).hour == 16


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-02", 24)])
def test_a_day_on_which_clocks_change_is_whole(day: str, hours: int) -> None:
    first, last = (each.astimezone(UTC) for each in bounds_of(day, NEW_YORK))
    assert last - first == timedelta(hours=hours) - timedelta(microseconds=1)


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13",
        "2026-02-30",
        "2026-11-20T25:00:00Z",
        "2026-11-20T12:00:60Z",
        "1899-12-31",
        "9001-01-01",
        "9999-12-31",
        "9999",
        "9999-12-31T23:59:59Z",
        "0000",
        "２026-11-20",
        "２０２６-１１-２０",
        "2026-11-20T09:00:00+99:00",
        "20.11.2026",
        "-2026-11-20",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says; the caller has a sentence of its own
        bounds_of(text, SHANGHAI)


@given(st.text("0123456789-:.TtZz+ ", max_size=30) | st.text(max_size=30))
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    try:
        first, last = bounds_of(text, NEW_YORK)
    except ValueError:
        return
    assert first <= last


@given(st.integers(-2_000_000_000, 200_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_any_instant_is_read_as_it_was_written(instant: datetime) -> None:
    text = instant.isoformat()
    for each in (text, text.replace("+", " "), text.replace("+00:00", "z"), text.lower()):
        assert bounds_of(each, SHANGHAI) == (instant, instant)
